// Reads what tags name, many at once, and tells Observed.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

#include "engine/observe/listings.h"
#include "engine/observe/observed.h"
#include "engine/observe/read_images.h"
#include "engine/observe/registry_memo.h"

namespace imglife {

// A question that includes another one is asked in its place: an image with configs for one
// without, and an image or a manifest for a digest.
//
// One thread at a time.
class TagReader {
 public:
  // `lists` and `observed` must outlive the reader. In repositories of `dated` the ages are push
  // times: a tag whose push isn't known has none, however old its image is.
  TagReader(RegistryMemo& registry, const Listings& lists, std::set<Repository> dated,
            Observed& observed)
      : registry_(registry), lists_(lists), dated_(std::move(dated)), observed_(observed) {}

  // The image with all its parts.
  void AddImage(const ImageQuestion& question) { images_.insert(question); }
  // The digest alone.
  void AddDigest(const Repository& repository, const std::string& tag) {
    digests_.emplace(repository, tag);
  }
  // The manifest that the tag itself names, without its parts.
  void AddManifest(const Repository& repository, const std::string& tag) {
    manifests_.emplace(repository, tag);
  }

  // Asks all that was added since the last time, all in flight together. What can't be read is
  // among the tags that were resolved, with its reason.
  void Read();

  // The tag is known to have this digest, without a question.
  void KeepDigest(const Repository& repository, const std::string& tag, const Digest& digest);

 private:
  using Name = std::pair<Repository, std::string>;

  void DropIncluded();
  void KeepManifest(const Name& name, const absl::StatusOr<ManifestBytes>& bytes);
  void KeepImage(const ImageQuestion& question, absl::StatusOr<ObservedImage> image);
  void DateByPush(const Name& name, ObservedImage& image);
  void KeepFailure(const Name& name, const absl::Status& why);

  RegistryMemo& registry_;
  const Listings& lists_;
  const std::set<Repository> dated_;
  Observed& observed_;
  std::set<ImageQuestion> images_;
  std::set<Name> digests_;
  std::set<Name> manifests_;
};

}  // namespace imglife
