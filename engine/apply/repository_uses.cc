#include "engine/apply/repository_uses.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

#include "engine/observe/parallel.h"

namespace imglife {
namespace {

absl::Status Add(RegistryMemo& registry, const Repository& repository, const Digest& digest,
                 RepositoryUse& use) {
  if (use.manifests.count(digest) > 0) return absl::OkStatus();
  const auto bytes = registry.GetManifest(repository, digest.str());
  if (!bytes.ok()) return bytes.status();
  auto manifest = ParseManifest(bytes->media_type, bytes->content);
  if (!manifest.ok()) return manifest.status();
  const auto& kept = use.manifests.emplace(digest, *std::move(manifest)).first->second;
  for (const Descriptor& child : kept.children) {
    const absl::Status status = Add(registry, repository, child.digest, use);
    // A child that isn't there can't be deleted, and nothing can depend on it.
    if (!status.ok() && !absl::IsNotFound(status)) return status;
  }
  if (!kept.subject) return absl::OkStatus();
  const absl::Status status = Add(registry, repository, kept.subject->digest, use);
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

// Resolves `names` anew, all in flight together, and adds what they lead to.
absl::Status AddTags(RegistryMemo& registry, const Repository& repository,
                     const std::vector<std::string>& names, RepositoryUse& use) {
  std::vector<absl::StatusOr<Resolved>> answers(names.size(), absl::UnknownError("not asked"));
  ParallelFor(names.size(), kQuestionsInFlight, [&](std::size_t i) {
    answers[i] = registry.Fresh().Resolve(repository, names[i]);
    // Asked here so that the manifests travel side by side too; the memo keeps them.
    if (answers[i].ok()) (void)registry.GetManifest(repository, answers[i]->digest.str());
  });
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (absl::IsNotFound(answers[i].status())) {
      use.tags.erase(names[i]);
      continue;
    }
    if (!answers[i].ok()) return answers[i].status();
    use.tags[names[i]] = answers[i]->digest;
    const absl::Status status = Add(registry, repository, answers[i]->digest, use);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Marks everything that `from` leads to, but never through `without`.
void Mark(const RepositoryUse& use, const Digest& from, const Digest& without,
          std::set<Digest>& marked) {
  if (from == without || !marked.insert(from).second) return;
  const auto manifest = use.manifests.find(from);
  if (manifest == use.manifests.end()) return;
  for (const Descriptor& child : manifest->second.children)
    Mark(use, child.digest, without, marked);
  if (manifest->second.subject) Mark(use, manifest->second.subject->digest, without, marked);
}

void CollectChildren(const RepositoryUse& use, const Digest& digest, const std::set<Digest>& kept,
                     std::vector<Digest>& children, std::set<Digest>& seen) {
  const auto manifest = use.manifests.find(digest);
  if (manifest == use.manifests.end()) return;
  for (const Descriptor& child : manifest->second.children) {
    if (kept.count(child.digest) > 0 || !seen.insert(child.digest).second) continue;
    if (use.manifests.count(child.digest) == 0) continue;
    children.push_back(child.digest);
    CollectChildren(use, child.digest, kept, children, seen);
  }
}

}  // namespace

std::vector<std::string> RepositoryUse::OtherTags(const Digest& digest,
                                                  const std::string& tag) const {
  std::vector<std::string> others;
  for (const auto& [name, named] : tags) {
    if (named == digest && name != tag) others.push_back(name);
  }
  return others;
}

std::vector<Digest> RepositoryUse::Parents(const Digest& digest) const {
  std::vector<Digest> parents;
  for (const auto& [parent, manifest] : manifests) {
    if (parent == digest) continue;
    bool uses = manifest.subject && manifest.subject->digest == digest;
    for (const Descriptor& child : manifest.children) uses = uses || child.digest == digest;
    if (uses) parents.push_back(parent);
  }
  return parents;
}

std::vector<Digest> RepositoryUse::ExclusiveChildren(const Digest& digest) const {
  std::set<Digest> kept;
  for (const auto& [tag, named] : tags) Mark(*this, named, digest, kept);
  std::vector<Digest> children;
  std::set<Digest> seen = {digest};
  CollectChildren(*this, digest, kept, children, seen);
  return children;
}

absl::StatusOr<RepositoryUse> ReadUses(RegistryMemo& registry, const Repository& repository) {
  const auto list = registry.Fresh().ListTags(repository);
  if (!list.ok()) return list.status();
  RepositoryUse use;
  const absl::Status status = AddTags(registry, repository, list->tags, use);
  if (!status.ok()) return status;
  return use;
}

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
  std::erase_if(use.tags, [&](const auto& named) {
    return !std::binary_search(list->tags.begin(), list->tags.end(), named.first);
  });
  const bool is_old = Clock::now() - slot.read_at > kOldest;
  std::vector<std::string> names;
  for (const std::string& tag : list->tags) {
    if (is_old || use.tags.count(tag) == 0) names.push_back(tag);
  }
  if (is_old) slot.read_at = Clock::now();
  return AddTags(registry_, repository, names, use);
}

}  // namespace imglife
