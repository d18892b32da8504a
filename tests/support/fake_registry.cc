#include "tests/support/fake_registry.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

#include "fmt/format.h"

#include "tests/support/byte_readers.h"

namespace imglife {
namespace {

bool LooksLikeDigest(const std::string& text) {
  return text.find(':') != std::string::npos;
}

bool IsDigestOf(const Digest& digest, const std::string& bytes) {
  if (digest.empty()) return false;
  Hasher hasher(digest.algorithm());
  hasher.Update(bytes);
  return hasher.Finish() == digest;
}

bool IsBlob(const Descriptor& blob, const std::string& bytes) {
  return static_cast<std::int64_t>(bytes.size()) == blob.size && IsDigestOf(blob.digest, bytes);
}

absl::Status Absent(const Repository& repository, const std::string& what) {
  return absl::NotFoundError(fmt::format("{} has no {}", repository.ToString(), what));
}

absl::Status WrongBytes(const Repository& repository, const std::string& digest) {
  return absl::DataLossError(
      fmt::format("{}: the bytes are not those of {}", repository.ToString(), digest));
}

// A blob that is verified at its end, or breaks in the middle if `failure` says so.
class MemoryBlobReader : public ByteReader {
 public:
  MemoryBlobReader(std::string bytes, absl::Status at_end, absl::Status failure)
      : bytes_(std::move(bytes)), at_end_(std::move(at_end)), failure_(std::move(failure)) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    const std::size_t end = failure_.ok() ? bytes_.size() : bytes_.size() / 2;
    const std::size_t count = std::min(size, end - position_);
    if (count == 0 && size != 0) {
      if (!failure_.ok()) return failure_;
      if (!at_end_.ok()) return at_end_;
    }
    std::memcpy(buffer, bytes_.data() + position_, count);
    position_ += count;
    return count;
  }

 private:
  const std::string bytes_;
  const absl::Status at_end_;
  const absl::Status failure_;
  std::size_t position_ = 0;
};

}  // namespace

absl::StatusOr<TagList> FakeRegistry::ListTags(const Repository& repository) {
  const Verdict verdict = Begin({"ListTags", repository.ToString(), ""});
  if (!verdict.before.ok()) return verdict.before;
  const std::lock_guard lock(mutex_);
  TagList list;
  const auto found = repositories_.find(repository);
  list.repository_exists = found != repositories_.end();
  if (!list.repository_exists) return list;
  for (const auto& [tag, digest] : found->second.tags) list.tags.push_back(tag);
  return list;
}

absl::StatusOr<std::map<std::string, TagDetails>> FakeRegistry::DescribeTags(
    const Repository& repository) {
  const Verdict verdict = Begin({"DescribeTags", repository.ToString(), ""});
  if (!verdict.before.ok()) return verdict.before;
  const std::lock_guard lock(mutex_);
  const auto found = repositories_.find(repository);
  if (found == repositories_.end() || found->second.described.empty()) {
    return absl::UnimplementedError("this registry doesn't describe tags");
  }
  return found->second.described;
}

absl::StatusOr<std::optional<PullBudget>> FakeRegistry::Budget(const Repository& repository,
                                                               const Digest& digest) {
  const Verdict verdict = Begin({"Budget", repository.ToString(), digest.str()});
  if (!verdict.before.ok()) return verdict.before;
  const std::lock_guard lock(mutex_);
  const auto found = repositories_.find(repository);
  return found == repositories_.end() ? std::nullopt : found->second.budget;
}

absl::StatusOr<const ManifestBytes*> FakeRegistry::Find(const Repository& repository,
                                                        const std::string& tag_or_digest) const {
  Digest digest;
  if (LooksLikeDigest(tag_or_digest)) {
    absl::StatusOr<Digest> parsed = Digest::Parse(tag_or_digest);
    if (!parsed.ok()) return parsed.status();
    digest = *std::move(parsed);
  } else if (!IsValidTag(tag_or_digest)) {
    return absl::InvalidArgumentError(fmt::format("\"{}\" is no tag", tag_or_digest));
  }
  const auto content = repositories_.find(repository);
  if (content == repositories_.end()) return Absent(repository, tag_or_digest);
  if (digest.empty()) {
    const auto tag = content->second.tags.find(tag_or_digest);
    if (tag == content->second.tags.end()) return Absent(repository, tag_or_digest);
    digest = tag->second;
  }
  const auto manifest = content->second.manifests.find(digest);
  if (manifest == content->second.manifests.end()) return Absent(repository, tag_or_digest);
  return &manifest->second;
}

absl::StatusOr<Resolved> FakeRegistry::Resolve(const Repository& repository,
                                               const std::string& tag_or_digest) {
  const Verdict verdict = Begin({"Resolve", repository.ToString(), tag_or_digest});
  if (!verdict.before.ok()) return verdict.before;
  const std::lock_guard lock(mutex_);
  const absl::StatusOr<const ManifestBytes*> manifest = Find(repository, tag_or_digest);
  if (!manifest.ok()) return manifest.status();
  return Resolved{(*manifest)->digest, (*manifest)->media_type,
                  static_cast<std::int64_t>((*manifest)->content.size())};
}

absl::StatusOr<ManifestBytes> FakeRegistry::GetManifest(const Repository& repository,
                                                        const std::string& tag_or_digest) {
  const Verdict verdict = Begin({"GetManifest", repository.ToString(), tag_or_digest});
  if (!verdict.before.ok()) return verdict.before;
  const std::lock_guard lock(mutex_);
  const absl::StatusOr<const ManifestBytes*> manifest = Find(repository, tag_or_digest);
  if (!manifest.ok()) return manifest.status();
  if (!IsDigestOf((*manifest)->digest, (*manifest)->content)) {
    return WrongBytes(repository, (*manifest)->digest.str());
  }
  return **manifest;
}

absl::StatusOr<std::unique_ptr<ByteReader>> FakeRegistry::GetBlob(const Repository& repository,
                                                                  const Descriptor& blob) {
  const Verdict verdict = Begin({"GetBlob", repository.ToString(), blob.digest.str()});
  if (!verdict.before.ok()) return verdict.before;
  const std::lock_guard lock(mutex_);
  const auto content = repositories_.find(repository);
  if (content == repositories_.end()) return Absent(repository, blob.digest.str());
  const auto found = content->second.blobs.find(blob.digest);
  if (found == content->second.blobs.end()) return Absent(repository, blob.digest.str());
  return std::make_unique<MemoryBlobReader>(
      found->second,
      IsBlob(blob, found->second) ? absl::OkStatus() : WrongBytes(repository, blob.digest.str()),
      Judge({"ReadBlob", repository.ToString(), blob.digest.str()}).before);
}

absl::StatusOr<bool> FakeRegistry::BlobExists(const Repository& repository, const Digest& digest) {
  const Verdict verdict = Begin({"BlobExists", repository.ToString(), digest.str()});
  if (!verdict.before.ok()) return verdict.before;
  return HasBlob(repository, digest);
}

absl::StatusOr<PushOutcome> FakeRegistry::PushBlob(const Repository& repository,
                                                   const Descriptor& blob, const OpenBlob& open,
                                                   const PushBlobOptions& options) {
  const Verdict verdict = Begin({"PushBlob", repository.ToString(), blob.digest.str()});
  if (!verdict.before.ok()) return verdict.before;
  absl::StatusOr<PushOutcome> outcome = Push(repository, blob, open, options);
  if (outcome.ok() && !verdict.after.ok()) return verdict.after;
  return outcome;
}

absl::StatusOr<PushOutcome> FakeRegistry::Push(const Repository& repository, const Descriptor& blob,
                                               const OpenBlob& open,
                                               const PushBlobOptions& options) {
  {
    const std::lock_guard lock(mutex_);
    const auto target = repositories_.find(repository);
    if (target != repositories_.end() && target->second.blobs.count(blob.digest) != 0) {
      return PushOutcome::kPresent;
    }
    for (const Repository& source : options.mount_from) {
      if (source.kind != repository.kind || source.host != repository.host) continue;
      const auto found = repositories_.find(source);
      if (found == repositories_.end()) continue;
      const auto bytes = found->second.blobs.find(blob.digest);
      if (bytes == found->second.blobs.end()) continue;
      repositories_[repository].blobs[blob.digest] = bytes->second;
      return PushOutcome::kMounted;
    }
  }
  absl::StatusOr<std::unique_ptr<ByteReader>> reader = open();
  if (!reader.ok()) return reader.status();
  absl::StatusOr<std::string> bytes = ReadAll(**reader);
  if (!bytes.ok()) return bytes.status();
  if (!IsBlob(blob, *bytes)) return WrongBytes(repository, blob.digest.str());
  const std::lock_guard lock(mutex_);
  repositories_[repository].blobs[blob.digest] = *std::move(bytes);
  return PushOutcome::kUploaded;
}

absl::Status FakeRegistry::PutManifest(const Repository& repository,
                                       const std::string& tag_or_digest,
                                       const ManifestBytes& manifest) {
  const Verdict verdict = Begin({"PutManifest", repository.ToString(), tag_or_digest});
  if (!verdict.before.ok()) return verdict.before;
  const std::lock_guard lock(mutex_);
  absl::Status status = Put(repository, tag_or_digest, manifest);
  return status.ok() ? verdict.after : status;
}

absl::Status FakeRegistry::Put(const Repository& repository, const std::string& tag_or_digest,
                               const ManifestBytes& manifest) {
  const bool by_digest = LooksLikeDigest(tag_or_digest);
  if (!by_digest && !IsValidTag(tag_or_digest)) {
    return absl::InvalidArgumentError(fmt::format("\"{}\" is no tag", tag_or_digest));
  }
  if (!IsDigestOf(manifest.digest, manifest.content) ||
      (by_digest && tag_or_digest != manifest.digest.str())) {
    return WrongBytes(repository, by_digest ? tag_or_digest : manifest.digest.str());
  }
  const absl::StatusOr<Manifest> parsed = ParseManifest(manifest.media_type, manifest.content);
  if (!parsed.ok()) return parsed.status();
  Content& content = repositories_[repository];
  absl::Status missing = MissingPart(content, *parsed);
  if (!missing.ok()) return missing;
  content.manifests[manifest.digest] = manifest;
  if (!by_digest) content.tags[tag_or_digest] = manifest.digest;
  return absl::OkStatus();
}

absl::Status FakeRegistry::MissingPart(const Content& content, const Manifest& manifest) const {
  const auto missing = [](const Descriptor& part) {
    return absl::FailedPreconditionError(
        fmt::format("the manifest needs {}, which isn't there", part.digest.str()));
  };
  for (const Descriptor& child : manifest.children) {
    if (content.manifests.count(child.digest) == 0) return missing(child);
  }
  if (manifest.is_index) return absl::OkStatus();
  if (content.blobs.count(manifest.config.digest) == 0) return missing(manifest.config);
  for (const Descriptor& layer : manifest.layers) {
    if (layer.urls.empty() && content.blobs.count(layer.digest) == 0) return missing(layer);
  }
  return absl::OkStatus();
}

absl::Status FakeRegistry::Untag(const Repository& repository, const std::string& tag,
                                 const Digest& expected) {
  const Verdict verdict = Begin({"Untag", repository.ToString(), tag});
  if (!verdict.before.ok()) return verdict.before;
  const std::lock_guard lock(mutex_);
  const Capabilities capabilities = CapabilitiesOf(repository);
  if (capabilities.untag == UntagMethod::kNone) {
    return absl::UnimplementedError(fmt::format("{} can't remove one name of an image: {}",
                                                repository.ToString(), capabilities.why_not));
  }
  if (!IsValidTag(tag)) return absl::InvalidArgumentError(fmt::format("\"{}\" is no tag", tag));
  const auto content = repositories_.find(repository);
  if (content == repositories_.end()) return Absent(repository, tag);
  const auto named = content->second.tags.find(tag);
  if (named == content->second.tags.end()) return Absent(repository, tag);
  if (named->second != expected) {
    return absl::AbortedError(fmt::format("{}:{} names {} now, not {}", repository.ToString(), tag,
                                          named->second.str(), expected.str()));
  }
  content->second.tags.erase(named);
  return verdict.after;
}

absl::Status FakeRegistry::DeleteManifest(const Repository& repository, const Digest& digest) {
  const Verdict verdict = Begin({"DeleteManifest", repository.ToString(), digest.str()});
  if (!verdict.before.ok()) return verdict.before;
  const std::lock_guard lock(mutex_);
  absl::Status status = Remove(repository, digest);
  return status.ok() ? verdict.after : status;
}

absl::Status FakeRegistry::Remove(const Repository& repository, const Digest& digest) {
  const Capabilities capabilities = CapabilitiesOf(repository);
  if (!capabilities.deletes_manifests) {
    return absl::UnimplementedError(
        fmt::format("{} deletes nothing: {}", repository.ToString(), capabilities.why_not));
  }
  const auto content = repositories_.find(repository);
  if (content == repositories_.end() || content->second.manifests.erase(digest) == 0) {
    return Absent(repository, digest.str());
  }
  std::map<std::string, Digest>& tags = content->second.tags;
  for (auto tag = tags.begin(); tag != tags.end();) {
    tag = tag->second == digest ? tags.erase(tag) : std::next(tag);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Descriptor>> FakeRegistry::ListReferrers(const Repository& repository,
                                                                    const Digest& subject) {
  const Verdict verdict = Begin({"ListReferrers", repository.ToString(), subject.str()});
  if (!verdict.before.ok()) return verdict.before;
  const std::lock_guard lock(mutex_);
  std::vector<Descriptor> referrers;
  const auto content = repositories_.find(repository);
  if (content == repositories_.end()) return referrers;
  for (const auto& [digest, manifest] : content->second.manifests) {
    const absl::StatusOr<Manifest> parsed = ParseManifest(manifest.media_type, manifest.content);
    if (!parsed.ok() || !parsed->subject || parsed->subject->digest != subject) continue;
    Descriptor referrer;
    referrer.media_type = manifest.media_type;
    referrer.digest = digest;
    referrer.size = static_cast<std::int64_t>(manifest.content.size());
    referrer.artifact_type =
        parsed->artifact_type.empty() ? parsed->config.media_type : parsed->artifact_type;
    referrer.annotations = parsed->annotations;
    referrers.push_back(std::move(referrer));
  }
  const auto also = listed_also_.find(subject);
  if (also != listed_also_.end()) {
    referrers.insert(referrers.end(), also->second.begin(), also->second.end());
  }
  return SortByDigest(std::move(referrers));
}

void FakeRegistry::ListAlso(const Digest& subject, std::vector<Descriptor> referrers) {
  const std::lock_guard lock(mutex_);
  listed_also_[subject] = std::move(referrers);
}

void FakeRegistry::HideFromCatalog(const Repository& repository) {
  const std::lock_guard lock(mutex_);
  hidden_.insert(repository);
}

absl::StatusOr<std::vector<Repository>> FakeRegistry::ListRepositories(const Repository& prefix) {
  const Verdict verdict = Begin({"ListRepositories", prefix.ToString(), ""});
  if (!verdict.before.ok()) return verdict.before;
  const std::lock_guard lock(mutex_);
  std::vector<Repository> repositories;
  for (const auto& [repository, content] : repositories_) {
    const bool below = repository.kind == prefix.kind && repository.host == prefix.host &&
                       (prefix.path.empty() || repository.path.rfind(prefix.path + "/", 0) == 0);
    if (below && hidden_.count(repository) == 0) repositories.push_back(repository);
  }
  return repositories;
}

absl::StatusOr<Capabilities> FakeRegistry::Probe(const Repository& repository) {
  const Verdict verdict = Begin({"Probe", repository.ToString(), ""});
  if (!verdict.before.ok()) return verdict.before;
  const std::lock_guard lock(mutex_);
  return CapabilitiesOf(repository);
}

}  // namespace imglife
