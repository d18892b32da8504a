#include "providers/registry/forwarding_registry.h"

namespace imglife {

absl::StatusOr<TagList> ForwardingRegistry::ListTags(const Repository& repository) {
  return Answering(repository).ListTags(repository);
}

absl::StatusOr<std::map<std::string, TagDetails>> ForwardingRegistry::DescribeTags(
    const Repository& repository) {
  return Answering(repository).DescribeTags(repository);
}

absl::StatusOr<Resolved> ForwardingRegistry::Resolve(const Repository& repository,
                                                     const std::string& tag_or_digest) {
  return Answering(repository).Resolve(repository, tag_or_digest);
}

absl::StatusOr<ManifestBytes> ForwardingRegistry::GetManifest(const Repository& repository,
                                                              const std::string& tag_or_digest) {
  return Answering(repository).GetManifest(repository, tag_or_digest);
}

absl::StatusOr<std::optional<PullBudget>> ForwardingRegistry::Budget(const Repository& repository,
                                                                     const Digest& digest) {
  return Answering(repository).Budget(repository, digest);
}

absl::StatusOr<std::unique_ptr<ByteReader>> ForwardingRegistry::GetBlob(
    const Repository& repository, const Descriptor& blob) {
  return Answering(repository).GetBlob(repository, blob);
}

absl::StatusOr<bool> ForwardingRegistry::BlobExists(const Repository& repository,
                                                    const Digest& digest) {
  return Answering(repository).BlobExists(repository, digest);
}

absl::StatusOr<PushOutcome> ForwardingRegistry::PushBlob(const Repository& repository,
                                                         const Descriptor& blob,
                                                         const OpenBlob& open,
                                                         const PushBlobOptions& options) {
  return Answering(repository).PushBlob(repository, blob, open, options);
}

absl::Status ForwardingRegistry::PutManifest(const Repository& repository,
                                             const std::string& tag_or_digest,
                                             const ManifestBytes& manifest) {
  return Answering(repository).PutManifest(repository, tag_or_digest, manifest);
}

absl::Status ForwardingRegistry::Untag(const Repository& repository, const std::string& tag,
                                       const Digest& expected) {
  return Answering(repository).Untag(repository, tag, expected);
}

absl::Status ForwardingRegistry::DeleteManifest(const Repository& repository,
                                                const Digest& digest) {
  return Answering(repository).DeleteManifest(repository, digest);
}

absl::StatusOr<std::vector<Descriptor>> ForwardingRegistry::ListReferrers(
    const Repository& repository, const Digest& subject) {
  return Answering(repository).ListReferrers(repository, subject);
}

absl::StatusOr<std::vector<Repository>> ForwardingRegistry::ListRepositories(
    const Repository& prefix) {
  return Answering(prefix).ListRepositories(prefix);
}

absl::StatusOr<Capabilities> ForwardingRegistry::Probe(const Repository& repository) {
  return Answering(repository).Probe(repository);
}

}  // namespace imglife
