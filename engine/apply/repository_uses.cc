#include "engine/apply/repository_uses.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/observe/parallel.h"
#include "engine/observe/read_uses.h"

namespace imglife {
namespace {

// Resolves `names` anew, all in flight together, and adds what they lead to.
absl::Status AddTags(RegistryMemo& registry, const Repository& repository,
                     const std::vector<std::string>& names, RepositoryUse& use) {
  std::vector<absl::StatusOr<Resolved>> answers(names.size(), absl::UnknownError("not asked"));
  ParallelFor(names.size(), kQuestionsInFlight,
              [&](std::size_t i) { answers[i] = registry.Fresh().Resolve(repository, names[i]); });
  std::vector<Digest> named;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (absl::IsNotFound(answers[i].status())) {
      use.RemoveTag(names[i]);
      continue;
    }
    if (!answers[i].ok()) return answers[i].status();
    use.SetTag(names[i], answers[i]->digest);
    named.push_back(answers[i]->digest);
  }
  return ReadLinked(registry, repository, std::move(named), use);
}

absl::StatusOr<RepositoryUse> ReadUses(RegistryMemo& registry, const Repository& repository) {
  const auto list = registry.Fresh().ListTags(repository);
  if (!list.ok()) return list.status();
  RepositoryUse use;
  const absl::Status status = AddTags(registry, repository, list->tags, use);
  if (!status.ok()) return status;
  return use;
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
  if (slot.use == nullptr) {
    auto use = ReadUses(registry_, repository);
    if (!use.ok()) return use.status();
    slot.use = std::make_unique<RepositoryUse>(*std::move(use));
    slot.read_at = Clock::now();
    return work(*slot.use);
  }
  const absl::Status status = LookAgain(repository, slot);
  return status.ok() ? work(*slot.use) : status;
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
  const bool is_old = Clock::now() - slot.read_at > kOldest;
  std::vector<std::string> names;
  for (const std::string& tag : list->tags) {
    if (is_old || use.tags().count(tag) == 0) names.push_back(tag);
  }
  if (is_old) slot.read_at = Clock::now();
  return AddTags(registry_, repository, names, use);
}

}  // namespace imglife
