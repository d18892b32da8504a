#include "engine/apply/repository_uses.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "fmt/format.h"

#include "engine/observe/parallel.h"
#include "engine/observe/read_uses.h"

namespace imglife {
namespace {

// What was listed and isn't there went in between: then the next list lacks it. A replica whose
// list is ahead of its manifests keeps it, and what it names can't be told.
absl::Status CheckGone(RegistryMemo& registry, const Repository& repository,
                       const std::vector<std::string>& missing) {
  if (missing.empty()) return absl::OkStatus();
  const auto list = registry.Fresh().ListTags(repository);
  if (!list.ok()) return list.status();
  for (const std::string& tag : missing) {
    if (!std::binary_search(list->tags.begin(), list->tags.end(), tag)) continue;
    return absl::UnavailableError(fmt::format("{}:{} is listed, but there is no manifest behind it",
                                              repository.ToString(), tag));
  }
  return absl::OkStatus();
}

// Resolves `names` anew, all in flight together, and adds what they lead to.
absl::Status AddTags(RegistryMemo& registry, const Repository& repository,
                     const std::vector<std::string>& names, RepositoryUse& use) {
  std::vector<absl::StatusOr<Resolved>> answers(names.size(), absl::UnknownError("not asked"));
  ParallelFor(names.size(), kQuestionsInFlight,
              [&](std::size_t i) { answers[i] = registry.Fresh().Resolve(repository, names[i]); });
  std::vector<Digest> named;
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (absl::IsNotFound(answers[i].status())) {
      missing.push_back(names[i]);
      use.RemoveTag(names[i]);
      continue;
    }
    if (!answers[i].ok()) return answers[i].status();
    use.SetTag(names[i], answers[i]->digest);
    named.push_back(answers[i]->digest);
  }
  const absl::Status gone = CheckGone(registry, repository, missing);
  if (!gone.ok()) return gone;
  return ReadLinked(registry, repository, std::move(named), use);
}

absl::Status AddHeld(RegistryMemo& registry, const Repository& repository, const TagList& list,
                     RepositoryUse& use) {
  std::vector<Digest> held;
  for (const auto& [digest, holder] : list.held) held.push_back(digest);
  use.SetHeld(list.held);
  return ReadLinked(registry, repository, std::move(held), use);
}

absl::StatusOr<RepositoryUse> ReadUses(RegistryMemo& registry, const Repository& repository) {
  const auto list = registry.Fresh().ListTags(repository);
  if (!list.ok()) return list.status();
  RepositoryUse use;
  absl::Status status = AddTags(registry, repository, list->tags, use);
  if (status.ok()) status = AddHeld(registry, repository, *list, use);
  if (!status.ok()) return status;
  return use;
}

RepositoryUses::Clock::duration HoldsFor(RepositoryUses::Clock::duration took) {
  return std::clamp<RepositoryUses::Clock::duration>(2 * took, RepositoryUses::kHoldsAtLeast,
                                                     RepositoryUses::kHoldsAtMost);
}

}  // namespace

RepositoryUses::Slot& RepositoryUses::SlotOf(const Repository& repository) {
  const std::lock_guard lock(mutex_);
  return slots_[repository];
}

absl::Status RepositoryUses::With(const Repository& repository,
                                  const std::function<absl::Status(RepositoryUse&)>& work) {
  Slot& slot = SlotOf(repository);
  const std::lock_guard lock(slot.mutex);
  absl::Status status = slot.use == nullptr ? Read(repository, slot) : LookAgain(repository, slot);
  if (status.ok()) status = work(*slot.use);
  // What was read before it failed has gaps.
  if (!status.ok()) slot.use.reset();
  return status;
}

absl::Status RepositoryUses::Read(const Repository& repository, Slot& slot) {
  const Clock::time_point started = now_();
  auto use = ReadUses(registry_, repository);
  if (!use.ok()) return use.status();
  slot.use = std::make_unique<RepositoryUse>(*std::move(use));
  slot.read_at = started;
  slot.took = now_() - started;
  return absl::OkStatus();
}

absl::Status RepositoryUses::LookAgain(const Repository& repository, Slot& slot) {
  const auto list = registry_.Fresh().ListTags(repository);
  if (!list.ok()) return list.status();
  RepositoryUse& use = *slot.use;
  std::vector<std::string> gone;
  for (const auto& [tag, named] : use.tags()) {
    if (!std::binary_search(list->tags.begin(), list->tags.end(), tag)) gone.push_back(tag);
  }
  for (const std::string& tag : gone) use.RemoveTag(tag);
  const Clock::time_point started = now_();
  const bool is_old = started - slot.read_at > HoldsFor(slot.took);
  std::vector<std::string> names;
  for (const std::string& tag : list->tags) {
    if (is_old || use.tags().count(tag) == 0) names.push_back(tag);
  }
  const absl::Status status = AddTags(registry_, repository, names, use);
  if (is_old) {
    slot.read_at = started;
    slot.took = now_() - started;
  }
  return status.ok() ? AddHeld(registry_, repository, *list, use) : status;
}

}  // namespace imglife
