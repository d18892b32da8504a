#include "engine/observe/registry_memo.h"

#include <string>
#include <utility>

#include "engine/observe/once_map.h"

namespace imglife {
namespace {

// Image configs are a few kilobytes; layer histories of large images reach some hundred.
constexpr std::size_t kMaxConfigBytes = std::size_t{4} << 20;

bool IsDigest(const std::string& tag_or_digest) {
  return tag_or_digest.find(':') != std::string::npos;
}

class Memo : public RegistryMemo {
 public:
  explicit Memo(Registry& registry) : registry_(registry) {}

  Registry& Fresh() override { return registry_; }

  void Changed(const Repository& repository) override { ForgetRepository(repository); }

  absl::StatusOr<TagList> ListTags(const Repository& repository) override {
    return lists_.Get(repository, [&] { return registry_.ListTags(repository); });
  }

  absl::StatusOr<std::map<std::string, TagDetails>> DescribeTags(
      const Repository& repository) override {
    return details_.Get(repository, [&] { return registry_.DescribeTags(repository); });
  }

  absl::StatusOr<Resolved> Resolve(const Repository& repository,
                                   const std::string& tag_or_digest) override {
    return resolved_.Get({repository, tag_or_digest},
                         [&] { return registry_.Resolve(repository, tag_or_digest); });
  }

  absl::StatusOr<ManifestBytes> GetManifest(const Repository& repository,
                                            const std::string& tag_or_digest) override {
    auto manifest = manifests_.Get({repository, tag_or_digest}, [&] {
      return registry_.GetManifest(repository, tag_or_digest);
    });
    if (manifest.ok() && !IsDigest(tag_or_digest)) {
      manifests_.Learn({repository, manifest->digest.str()}, manifest);
      resolved_.Learn({repository, tag_or_digest},
                      Resolved{.digest = manifest->digest,
                               .media_type = manifest->media_type,
                               .size = static_cast<std::int64_t>(manifest->content.size())});
    }
    return manifest;
  }

  // Each pull changes it.
  absl::StatusOr<std::optional<PullBudget>> Budget(const Repository& repository,
                                                   const Digest& digest) override {
    return registry_.Budget(repository, digest);
  }

  absl::StatusOr<std::string> GetConfig(const Repository& repository,
                                        const Descriptor& config) override {
    // What one repository gave is the same in all of them; that it gave nothing isn't.
    const std::string& digest = config.digest.str();
    const auto anywhere = contents_.Find(digest);
    if (anywhere) return *anywhere;
    auto content = configs_.Get({repository, digest}, [&] {
      return ReadSmallBlob(registry_, repository, config, kMaxConfigBytes);
    });
    if (content.ok()) contents_.Learn(digest, *content);
    return content;
  }

  absl::StatusOr<std::unique_ptr<ByteReader>> GetBlob(const Repository& repository,
                                                      const Descriptor& blob) override {
    return registry_.GetBlob(repository, blob);
  }

  absl::StatusOr<bool> BlobExists(const Repository& repository, const Digest& digest) override {
    return registry_.BlobExists(repository, digest);
  }

  absl::StatusOr<PushOutcome> PushBlob(const Repository& repository, const Descriptor& blob,
                                       const OpenBlob& open,
                                       const PushBlobOptions& options) override {
    return registry_.PushBlob(repository, blob, open, options);
  }

  absl::Status PutManifest(const Repository& repository, const std::string& tag_or_digest,
                           const ManifestBytes& manifest) override {
    absl::Status status = registry_.PutManifest(repository, tag_or_digest, manifest);
    ForgetName(repository, tag_or_digest);
    ForgetName(repository, manifest.digest.str());
    return status;
  }

  absl::Status Untag(const Repository& repository, const std::string& tag,
                     const Digest& expected) override {
    absl::Status status = registry_.Untag(repository, tag, expected);
    ForgetRepository(repository);
    return status;
  }

  absl::Status DeleteManifest(const Repository& repository, const Digest& digest) override {
    absl::Status status = registry_.DeleteManifest(repository, digest);
    ForgetRepository(repository);
    return status;
  }

  absl::StatusOr<std::vector<Descriptor>> ListReferrers(const Repository& repository,
                                                        const Digest& subject) override {
    return referrers_.Get({repository, subject.str()},
                          [&] { return registry_.ListReferrers(repository, subject); });
  }

  absl::StatusOr<std::vector<Repository>> ListRepositories(const Repository& prefix) override {
    return registry_.ListRepositories(prefix);
  }

  absl::StatusOr<Capabilities> Probe(const Repository& repository) override {
    return registry_.Probe(repository);
  }

 private:
  using Name = std::pair<Repository, std::string>;

  void ForgetName(const Repository& repository, const std::string& name) {
    lists_.Forget(repository);
    details_.Forget(repository);
    resolved_.Forget({repository, name});
    manifests_.Forget({repository, name});
    ForgetNames(repository, referrers_);
  }

  void ForgetRepository(const Repository& repository) {
    lists_.Forget(repository);
    details_.Forget(repository);
    ForgetNames(repository, resolved_);
    ForgetNames(repository, manifests_);
    ForgetNames(repository, configs_);
    ForgetNames(repository, referrers_);
  }

  template <typename Answer>
  static void ForgetNames(const Repository& repository, OnceMap<Name, Answer>& answers) {
    answers.ForgetFrom({repository, ""},
                       [&](const Name& name) { return name.first == repository; });
  }

  Registry& registry_;
  OnceMap<Repository, absl::StatusOr<TagList>> lists_;
  OnceMap<Repository, absl::StatusOr<std::map<std::string, TagDetails>>> details_;
  OnceMap<Name, absl::StatusOr<Resolved>> resolved_;
  OnceMap<Name, absl::StatusOr<ManifestBytes>> manifests_;
  OnceMap<Name, absl::StatusOr<std::string>> configs_;
  OnceMap<std::string, std::string> contents_;
  OnceMap<Name, absl::StatusOr<std::vector<Descriptor>>> referrers_;
};

}  // namespace

std::unique_ptr<RegistryMemo> MakeRegistryMemo(Registry& registry) {
  return std::make_unique<Memo>(registry);
}

}  // namespace imglife
