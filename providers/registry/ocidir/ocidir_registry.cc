#include "providers/registry/ocidir/ocidir_registry.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "providers/registry/ocidir/layout.h"
#include "providers/registry/ocidir/layouts_below.h"
#include "schema/image/layout_directory.h"

namespace imglife {
namespace {

bool LooksLikeDigest(const std::string& text) {
  return text.find(':') != std::string::npos;
}

// "ocidir://DIRECTORY:TAG: what happened".
absl::Status About(const Repository& repository, const std::string& tag_or_digest,
                   const absl::Status& status) {
  if (status.ok()) return status;
  const char* const separator = LooksLikeDigest(tag_or_digest) ? "@" : ":";
  return absl::Status(status.code(), fmt::format("{}{}{}: {}", repository.ToString(),
                                                 tag_or_digest.empty() ? "" : separator,
                                                 tag_or_digest, std::string(status.message())));
}

class OciDirRegistry : public Registry {
 public:
  explicit OciDirRegistry(std::string base_directory)
      : base_directory_(std::move(base_directory)) {}

  absl::StatusOr<TagList> ListTags(const Repository& repository) override;
  absl::StatusOr<std::map<std::string, TagDetails>> DescribeTags(const Repository&) override {
    return absl::UnimplementedError("an image layout doesn't tell when tags were pushed");
  }

  absl::StatusOr<Resolved> Resolve(const Repository& repository,
                                   const std::string& tag_or_digest) override;
  absl::StatusOr<ManifestBytes> GetManifest(const Repository& repository,
                                            const std::string& tag_or_digest) override;
  absl::StatusOr<std::optional<PullBudget>> Budget(const Repository&, const Digest&) override {
    return std::nullopt;
  }

  absl::StatusOr<std::unique_ptr<ByteReader>> GetBlob(const Repository& repository,
                                                      const Descriptor& blob) override;
  absl::StatusOr<bool> BlobExists(const Repository& repository, const Digest& digest) override;
  absl::StatusOr<PushOutcome> PushBlob(const Repository& repository, const Descriptor& blob,
                                       const OpenBlob& open,
                                       const PushBlobOptions& options) override;
  absl::Status PutManifest(const Repository& repository, const std::string& tag_or_digest,
                           const ManifestBytes& manifest) override;
  absl::Status Untag(const Repository& repository, const std::string& tag,
                     const Digest& expected) override;
  absl::Status DeleteManifest(const Repository& repository, const Digest& digest) override;
  absl::StatusOr<std::vector<Descriptor>> ListReferrers(const Repository& repository,
                                                        const Digest& subject) override;
  absl::StatusOr<std::vector<Repository>> ListRepositories(const Repository& prefix) override;
  absl::StatusOr<Capabilities> Probe(const Repository& repository) override;

 private:
  absl::StatusOr<Layout*> LayoutOf(const Repository& repository);

  const std::string base_directory_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Layout>> layouts_;
};

absl::Status NoTag(const Repository& repository, const std::string& tag) {
  return absl::InvalidArgumentError(
      fmt::format("{}: \"{}\" is neither a tag nor a digest", repository.ToString(), tag));
}

absl::Status Absent(const Repository& repository, const std::string& tag_or_digest) {
  return About(repository, tag_or_digest, absl::NotFoundError("isn't there"));
}

// The digest that a tag or a digest's text stands for. NotFound if there is no such tag.
absl::StatusOr<Digest> FindDigest(const Repository& repository, const LayoutIndex& index,
                                  const std::string& tag_or_digest) {
  if (LooksLikeDigest(tag_or_digest)) return Digest::Parse(tag_or_digest);
  if (!IsValidTag(tag_or_digest)) return NoTag(repository, tag_or_digest);
  const LayoutEntry* entry = index.FindName(tag_or_digest);
  if (entry == nullptr) return Absent(repository, tag_or_digest);
  return entry->descriptor.digest;
}

absl::StatusOr<Layout*> OciDirRegistry::LayoutOf(const Repository& repository) {
  if (repository.kind != Repository::Kind::kOciDir || repository.path.empty() ||
      repository.path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        fmt::format("{} names no directory of an image layout", repository.ToString()));
  }
  const std::string directory = LayoutDirectory(repository, base_directory_);
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Layout>& layout = layouts_[directory];
  if (layout == nullptr) layout = std::make_unique<Layout>(directory);
  return layout.get();
}

absl::StatusOr<TagList> OciDirRegistry::ListTags(const Repository& repository) {
  const absl::StatusOr<Layout*> layout = LayoutOf(repository);
  if (!layout.ok()) return layout.status();
  const absl::StatusOr<std::optional<LayoutIndex>> index = (*layout)->ReadIndex();
  if (!index.ok()) return About(repository, "", index.status());
  TagList list;
  list.repository_exists = index->has_value();
  if (!list.repository_exists) return list;
  std::set<std::string> tags;
  std::set<std::string> repeated;
  int invalid = 0;
  for (const LayoutEntry& entry : (*index)->entries()) {
    if (entry.name.empty()) continue;
    if (!IsValidTag(entry.name)) {
      ++invalid;
    } else if (!tags.insert(entry.name).second) {
      repeated.insert(entry.name);
    }
  }
  list.tags.assign(tags.begin(), tags.end());
  list.held = (*layout)->ListHeld(**index);
  if (invalid != 0) {
    list.warnings.push_back(fmt::format("{}: {} of the names in index.json {}",
                                        repository.ToString(), invalid,
                                        invalid == 1 ? "is no valid tag" : "are no valid tags"));
  }
  for (const std::string& tag : repeated) {
    list.warnings.push_back(fmt::format(
        "{}: index.json has tag {} more than once: the first counts", repository.ToString(), tag));
  }
  return list;
}

absl::StatusOr<Resolved> OciDirRegistry::Resolve(const Repository& repository,
                                                 const std::string& tag_or_digest) {
  if (LooksLikeDigest(tag_or_digest)) {
    const absl::StatusOr<ManifestBytes> manifest = GetManifest(repository, tag_or_digest);
    if (!manifest.ok()) return manifest.status();
    return Resolved{manifest->digest, manifest->media_type,
                    static_cast<std::int64_t>(manifest->content.size())};
  }
  const absl::StatusOr<Layout*> layout = LayoutOf(repository);
  if (!layout.ok()) return layout.status();
  if (!IsValidTag(tag_or_digest)) return NoTag(repository, tag_or_digest);
  const absl::StatusOr<std::optional<LayoutIndex>> index = (*layout)->ReadIndex();
  if (!index.ok()) return About(repository, tag_or_digest, index.status());
  const LayoutEntry* entry = *index ? (*index)->FindName(tag_or_digest) : nullptr;
  if (entry == nullptr) return Absent(repository, tag_or_digest);
  if (!(*layout)->blobs().Has(entry->descriptor)) {
    return About(repository, tag_or_digest,
                 absl::DataLossError(fmt::format("the bytes of {} are missing or damaged",
                                                 entry->descriptor.digest.str())));
  }
  return Resolved{entry->descriptor.digest, entry->descriptor.media_type, entry->descriptor.size};
}

absl::StatusOr<ManifestBytes> OciDirRegistry::GetManifest(const Repository& repository,
                                                          const std::string& tag_or_digest) {
  const absl::StatusOr<Layout*> layout = LayoutOf(repository);
  if (!layout.ok()) return layout.status();
  const absl::StatusOr<std::optional<LayoutIndex>> index = (*layout)->ReadIndex();
  if (!index.ok()) return About(repository, tag_or_digest, index.status());
  const LayoutIndex none;
  const LayoutIndex& entries = *index ? **index : none;
  const absl::StatusOr<Digest> digest = FindDigest(repository, entries, tag_or_digest);
  if (!digest.ok()) return digest.status();
  absl::StatusOr<ManifestBytes> manifest = (*layout)->ReadManifest(entries, *digest);
  if (!manifest.ok()) return About(repository, tag_or_digest, manifest.status());
  return manifest;
}

absl::StatusOr<std::unique_ptr<ByteReader>> OciDirRegistry::GetBlob(const Repository& repository,
                                                                    const Descriptor& blob) {
  const absl::StatusOr<Layout*> layout = LayoutOf(repository);
  if (!layout.ok()) return layout.status();
  absl::StatusOr<std::unique_ptr<ByteReader>> reader = (*layout)->blobs().Open(blob);
  if (!reader.ok()) return About(repository, blob.digest.str(), reader.status());
  return reader;
}

absl::StatusOr<bool> OciDirRegistry::BlobExists(const Repository& repository,
                                                const Digest& digest) {
  const absl::StatusOr<Layout*> layout = LayoutOf(repository);
  if (!layout.ok()) return layout.status();
  absl::StatusOr<bool> exists = (*layout)->KeepIfPresent(digest);
  if (!exists.ok()) return About(repository, digest.str(), exists.status());
  return exists;
}

absl::StatusOr<PushOutcome> OciDirRegistry::PushBlob(const Repository& repository,
                                                     const Descriptor& blob, const OpenBlob& open,
                                                     const PushBlobOptions& options) {
  const absl::StatusOr<Layout*> layout = LayoutOf(repository);
  if (!layout.ok()) return layout.status();
  std::vector<const BlobStore*> mount_from;
  for (const Repository& source : options.mount_from) {
    const absl::StatusOr<Layout*> other = LayoutOf(source);
    if (other.ok() && *other != *layout) mount_from.push_back(&(*other)->blobs());
  }
  absl::StatusOr<PushOutcome> outcome = (*layout)->PushBlob(blob, open, mount_from);
  if (!outcome.ok()) return About(repository, blob.digest.str(), outcome.status());
  return outcome;
}

absl::Status OciDirRegistry::PutManifest(const Repository& repository,
                                         const std::string& tag_or_digest,
                                         const ManifestBytes& manifest) {
  const absl::StatusOr<Layout*> layout = LayoutOf(repository);
  if (!layout.ok()) return layout.status();
  const bool by_digest = LooksLikeDigest(tag_or_digest);
  if (!by_digest && !IsValidTag(tag_or_digest)) return NoTag(repository, tag_or_digest);
  if (!IsDigestOf(manifest.digest, manifest.content) ||
      (by_digest && tag_or_digest != manifest.digest.str())) {
    return About(repository, tag_or_digest,
                 absl::DataLossError("the manifest to be stored has another digest"));
  }
  return About(repository, tag_or_digest,
               (*layout)->PutManifest(by_digest ? "" : tag_or_digest, manifest));
}

absl::Status OciDirRegistry::Untag(const Repository& repository, const std::string& tag,
                                   const Digest& expected) {
  const absl::StatusOr<Layout*> layout = LayoutOf(repository);
  if (!layout.ok()) return layout.status();
  if (!IsValidTag(tag)) return NoTag(repository, tag);
  return About(repository, tag, (*layout)->RemoveTag(tag, expected));
}

absl::Status OciDirRegistry::DeleteManifest(const Repository& repository, const Digest& digest) {
  const absl::StatusOr<Layout*> layout = LayoutOf(repository);
  if (!layout.ok()) return layout.status();
  return About(repository, digest.str(), (*layout)->RemoveManifest(digest));
}

absl::StatusOr<std::vector<Descriptor>> OciDirRegistry::ListReferrers(const Repository& repository,
                                                                      const Digest& subject) {
  const absl::StatusOr<Layout*> layout = LayoutOf(repository);
  if (!layout.ok()) return layout.status();
  absl::StatusOr<std::vector<Descriptor>> referrers = (*layout)->ListReferrers(subject);
  if (!referrers.ok()) return About(repository, subject.str(), referrers.status());
  return referrers;
}

absl::StatusOr<std::vector<Repository>> OciDirRegistry::ListRepositories(const Repository& prefix) {
  const absl::StatusOr<std::vector<std::string>> names =
      LayoutsBelow(LayoutDirectory(prefix, base_directory_));
  if (!names.ok()) return About(prefix, "", names.status());
  std::vector<Repository> repositories;
  for (const std::string& name : *names) {
    Repository repository = prefix;
    repository.path += (prefix.path.empty() || prefix.path.back() == '/' ? "" : "/") + name;
    repositories.push_back(std::move(repository));
  }
  return repositories;
}

absl::StatusOr<Capabilities> OciDirRegistry::Probe(const Repository& repository) {
  const absl::StatusOr<Layout*> layout = LayoutOf(repository);
  if (!layout.ok()) return layout.status();
  Capabilities capabilities;
  capabilities.deletes_manifests = (*layout)->IsWritable();
  if (capabilities.deletes_manifests) {
    capabilities.untag = UntagMethod::kTag;
  } else {
    capabilities.why_not = fmt::format("{} can't be written to", repository.ToString());
  }
  return capabilities;
}

}  // namespace

std::unique_ptr<Registry> MakeOciDirRegistry(std::string base_directory) {
  return std::make_unique<OciDirRegistry>(std::move(base_directory));
}

}  // namespace imglife
