// Registries in memory, for tests of what is built on registries.
//
// One object is a whole world: any number of hosts and repositories, made by the first push or by
// AddImage. It keeps the promises of providers/registry.h (the contract suite runs on it) and
// behaves like distribution 2.8 where servers differ: DeleteManifest takes every tag of the digest
// with it, and deletes the child of a live index without complaint.
//
// Every call of the Registry interface is recorded, may be made to fail, and can be watched; what
// the test itself does to the world (AddImage, RemoveTag ...) isn't.
//
// Thread safety: any number of threads may call any method.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "providers/registry.h"
#include "tests/support/image_maker.h"

namespace imglife {

// One call of the Registry interface.
struct RegistryCall {
  std::string method;      // "ListTags", "PutManifest" ...
  std::string repository;  // Repository::ToString
  std::string argument;    // tag or digest; empty for ListTags and Probe

  friend bool operator==(const RegistryCall&, const RegistryCall&) = default;
};

// Makes calls fail. Empty texts match everything.
struct RegistryFailure {
  // As in RegistryCall; "ReadBlob" fails in the middle of the stream that GetBlob gave.
  std::string method;
  std::string repository;
  std::string argument;
  // The first of the matching calls that fails (1: the next one), and how many do from there on.
  int nth = 1;
  int times = 1;
  absl::Status status = absl::UnavailableError("the registry doesn't answer");
  // The registry does it, but the caller never hears of it.
  bool after_effect = false;
};

class FakeRegistry : public Registry {
 public:
  // --- The world, as it was before or as others change it.
  void AddImage(const Repository& repository, const std::string& tag, const TestImage& image);
  // `reference` is a reference with a tag; aborts the test if it isn't.
  void AddImage(const std::string& reference, const TestImage& image);
  // A repository that exists and has no tags.
  void AddRepository(const Repository& repository);
  // The list of what refers to `subject` names these too, whatever they are.
  void ListAlso(const Digest& subject, std::vector<Descriptor> referrers);
  // It is there, and no list of repositories has it.
  void HideFromCatalog(const Repository& repository);
  // What DescribeTags tells of the tag, as Docker Hub's API does; of repositories without any of it
  // nothing can be told.
  void SetPushed(const Repository& repository, const std::string& tag, absl::Time pushed);
  void SetDescribed(const Repository& repository, const std::string& tag,
                    const TagDetails& details);
  // Nothing at first: pulls aren't counted.
  void SetBudget(const Repository& repository, const PullBudget& budget);
  void RemoveTag(const Repository& repository, const std::string& tag);
  // The bytes alone: names and manifests that need them stay.
  void RemoveContent(const Repository& repository, const Digest& digest);
  // Other bytes of the same size under the same digest.
  void CorruptContent(const Repository& repository, const Digest& digest);

  std::map<std::string, Digest> Tags(const Repository& repository) const;
  bool HasManifest(const Repository& repository, const Digest& digest) const;
  bool HasBlob(const Repository& repository, const Digest& digest) const;
  // Every tag's digest and every manifest and blob, as text that a test can compare as a whole.
  std::string Describe() const;

  // --- Behaviour.
  // Of one host, or of all that have none of their own. At first: deletes manifests, removes tags
  // by DELETE manifests/TAG, has the referrers API.
  void SetCapabilities(const Capabilities& capabilities);
  void SetCapabilities(const std::string& host, const Capabilities& capabilities);
  void Inject(RegistryFailure failure);
  // Called before each call has its effect, without a lock held: may change the world or wait.
  void OnCall(std::function<void(const RegistryCall&)> hook);

  // --- What was asked.
  std::vector<RegistryCall> Calls() const;
  // Of all methods or repositories where the text is empty.
  std::size_t CountCalls(const std::string& method, const std::string& repository = "") const;
  // Calls that change something: PushBlob, PutManifest, Untag, DeleteManifest.
  std::vector<RegistryCall> Writes() const;
  void ForgetCalls();

  // --- Registry.
  absl::StatusOr<TagList> ListTags(const Repository& repository) override;
  absl::StatusOr<std::map<std::string, TagDetails>> DescribeTags(
      const Repository& repository) override;
  absl::StatusOr<Resolved> Resolve(const Repository& repository,
                                   const std::string& tag_or_digest) override;
  absl::StatusOr<ManifestBytes> GetManifest(const Repository& repository,
                                            const std::string& tag_or_digest) override;
  absl::StatusOr<std::optional<PullBudget>> Budget(const Repository& repository,
                                                   const Digest& digest) override;
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
  struct Content {
    std::map<std::string, Digest> tags;
    std::map<std::string, TagDetails> described;
    std::optional<PullBudget> budget;
    std::map<Digest, ManifestBytes> manifests;
    std::map<Digest, std::string> blobs;
  };
  struct PendingFailure {
    RegistryFailure failure;
    int seen = 0;
  };
  // What the injected failures make of one call.
  struct Verdict {
    absl::Status before;
    absl::Status after;
  };

  Verdict Begin(const RegistryCall& call);
  Verdict Judge(const RegistryCall& call);
  absl::StatusOr<const ManifestBytes*> Find(const Repository& repository,
                                            const std::string& tag_or_digest) const;
  absl::StatusOr<PushOutcome> Push(const Repository& repository, const Descriptor& blob,
                                   const OpenBlob& open, const PushBlobOptions& options);
  absl::Status Put(const Repository& repository, const std::string& tag_or_digest,
                   const ManifestBytes& manifest);
  absl::Status Remove(const Repository& repository, const Digest& digest);
  absl::Status MissingPart(const Content& content, const Manifest& manifest) const;
  Capabilities CapabilitiesOf(const Repository& repository) const;

  mutable std::mutex mutex_;
  std::map<Repository, Content> repositories_;
  std::map<Digest, std::vector<Descriptor>> listed_also_;
  std::set<Repository> hidden_;
  std::map<std::string, Capabilities> capabilities_;
  std::vector<PendingFailure> failures_;
  std::vector<RegistryCall> calls_;
  std::function<void(const RegistryCall&)> hook_;
};

}  // namespace imglife
