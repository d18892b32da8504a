// The half of FakeRegistry that tests speak to: the world, failures, and what was asked.
#include <algorithm>
#include <mutex>
#include <utility>

#include "fmt/format.h"

#include "tests/support/fake_registry.h"

namespace imglife {
namespace {

bool Matches(const std::string& pattern, const std::string& text) {
  return pattern.empty() || pattern == text;
}

bool Matches(const RegistryFailure& failure, const RegistryCall& call) {
  return Matches(failure.method, call.method) && Matches(failure.repository, call.repository) &&
         Matches(failure.argument, call.argument);
}

bool IsWrite(const RegistryCall& call) {
  return call.method == "PushBlob" || call.method == "PutManifest" || call.method == "Untag" ||
         call.method == "DeleteManifest";
}

void Corrupt(std::string& bytes) {
  if (!bytes.empty()) bytes.back() = static_cast<char>(bytes.back() ^ 1);
}

Capabilities EverythingWorks() {
  Capabilities capabilities;
  capabilities.deletes_manifests = true;
  capabilities.untag = UntagMethod::kTag;
  return capabilities;
}

}  // namespace

void FakeRegistry::AddImage(const Repository& repository, const std::string& tag,
                            const TestImage& image) {
  const std::lock_guard lock(mutex_);
  Content& content = repositories_[repository];
  content.blobs.insert(image.blobs.begin(), image.blobs.end());
  for (const ManifestBytes& child : image.children) content.manifests[child.digest] = child;
  content.manifests[image.manifest.digest] = image.manifest;
  if (!tag.empty()) content.tags[tag] = image.manifest.digest;
}

void FakeRegistry::AddImage(const std::string& reference, const TestImage& image) {
  const Reference parsed = ParseReference(reference).value();
  AddImage(parsed.repository, parsed.tag, image);
}

void FakeRegistry::AddRepository(const Repository& repository) {
  const std::lock_guard lock(mutex_);
  repositories_[repository];
}

void FakeRegistry::SetPushed(const Repository& repository, const std::string& tag,
                             absl::Time pushed) {
  const std::lock_guard lock(mutex_);
  repositories_[repository].described[tag].pushed = pushed;
}

void FakeRegistry::SetDescribed(const Repository& repository, const std::string& tag,
                                const TagDetails& details) {
  const std::lock_guard lock(mutex_);
  repositories_[repository].described[tag] = details;
}

void FakeRegistry::SetBudget(const Repository& repository, const PullBudget& budget) {
  const std::lock_guard lock(mutex_);
  repositories_[repository].budget = budget;
}

void FakeRegistry::RemoveTag(const Repository& repository, const std::string& tag) {
  const std::lock_guard lock(mutex_);
  repositories_[repository].tags.erase(tag);
}

void FakeRegistry::RemoveContent(const Repository& repository, const Digest& digest) {
  const std::lock_guard lock(mutex_);
  Content& content = repositories_[repository];
  content.manifests.erase(digest);
  content.blobs.erase(digest);
}

void FakeRegistry::CorruptContent(const Repository& repository, const Digest& digest) {
  const std::lock_guard lock(mutex_);
  Content& content = repositories_[repository];
  const auto manifest = content.manifests.find(digest);
  if (manifest != content.manifests.end()) Corrupt(manifest->second.content);
  const auto blob = content.blobs.find(digest);
  if (blob != content.blobs.end()) Corrupt(blob->second);
}

std::map<std::string, Digest> FakeRegistry::Tags(const Repository& repository) const {
  const std::lock_guard lock(mutex_);
  const auto found = repositories_.find(repository);
  return found == repositories_.end() ? std::map<std::string, Digest>{} : found->second.tags;
}

bool FakeRegistry::HasManifest(const Repository& repository, const Digest& digest) const {
  const std::lock_guard lock(mutex_);
  const auto found = repositories_.find(repository);
  return found != repositories_.end() && found->second.manifests.count(digest) != 0;
}

bool FakeRegistry::HasBlob(const Repository& repository, const Digest& digest) const {
  const std::lock_guard lock(mutex_);
  const auto found = repositories_.find(repository);
  return found != repositories_.end() && found->second.blobs.count(digest) != 0;
}

std::string FakeRegistry::Describe() const {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const auto& [repository, content] : repositories_) {
    text += repository.ToString() + "\n";
    for (const auto& [tag, digest] : content.tags) {
      text += fmt::format("  tag {} {}\n", tag, digest.str());
    }
    for (const auto& [digest, manifest] : content.manifests) {
      text += fmt::format("  manifest {}\n", digest.str());
    }
    for (const auto& [digest, bytes] : content.blobs) {
      text += fmt::format("  blob {}\n", digest.str());
    }
  }
  return text;
}

void FakeRegistry::SetCapabilities(const Capabilities& capabilities) {
  SetCapabilities("", capabilities);
}

void FakeRegistry::SetCapabilities(const std::string& host, const Capabilities& capabilities) {
  const std::lock_guard lock(mutex_);
  capabilities_[host] = capabilities;
}

Capabilities FakeRegistry::CapabilitiesOf(const Repository& repository) const {
  for (const std::string& host : {repository.host, std::string()}) {
    const auto found = capabilities_.find(host);
    if (found != capabilities_.end()) return found->second;
  }
  return EverythingWorks();
}

void FakeRegistry::Inject(RegistryFailure failure) {
  const std::lock_guard lock(mutex_);
  failures_.push_back({std::move(failure), 0});
}

void FakeRegistry::OnCall(std::function<void(const RegistryCall&)> hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

FakeRegistry::Verdict FakeRegistry::Begin(const RegistryCall& call) {
  std::function<void(const RegistryCall&)> hook;
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back(call);
    hook = hook_;
  }
  if (hook) hook(call);
  const std::lock_guard lock(mutex_);
  return Judge(call);
}

FakeRegistry::Verdict FakeRegistry::Judge(const RegistryCall& call) {
  Verdict verdict;
  for (PendingFailure& pending : failures_) {
    const RegistryFailure& failure = pending.failure;
    if (!Matches(failure, call)) continue;
    ++pending.seen;
    if (pending.seen < failure.nth || pending.seen >= failure.nth + failure.times) continue;
    absl::Status& status = failure.after_effect ? verdict.after : verdict.before;
    status.Update(failure.status);
  }
  return verdict;
}

std::vector<RegistryCall> FakeRegistry::Calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::size_t FakeRegistry::CountCalls(const std::string& method,
                                     const std::string& repository) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(calls_.begin(), calls_.end(), [&](const RegistryCall& call) {
        return Matches(method, call.method) && Matches(repository, call.repository);
      }));
}

std::vector<RegistryCall> FakeRegistry::Writes() const {
  const std::lock_guard lock(mutex_);
  std::vector<RegistryCall> writes;
  std::copy_if(calls_.begin(), calls_.end(), std::back_inserter(writes), IsWrite);
  return writes;
}

void FakeRegistry::ForgetCalls() {
  const std::lock_guard lock(mutex_);
  calls_.clear();
}

}  // namespace imglife
