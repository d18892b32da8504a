#include "providers/registry/distribution/referrers_tags.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "providers/registry/distribution/manifests.h"
#include "providers/registry/distribution/referrers.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

using Json = nlohmann::json;

// The entry that "Listing Referrers" defines: an image's artifact type is its config's type.
Json EntryFor(const ManifestBytes& bytes, const Manifest& manifest) {
  Json entry = {{"mediaType", bytes.media_type},
                {"digest", bytes.digest.str()},
                {"size", bytes.content.size()}};
  const std::string& type =
      manifest.artifact_type.empty() ? manifest.config.media_type : manifest.artifact_type;
  if (!type.empty()) entry["artifactType"] = type;
  if (!manifest.annotations.empty()) entry["annotations"] = manifest.annotations;
  return entry;
}

Json EmptyIndex() {
  return {{"schemaVersion", 2},
          {"mediaType", std::string(media_type::kOciIndex)},
          {"manifests", Json::array()}};
}

bool Lists(const Manifest& index, const Digest& digest) {
  return std::any_of(index.children.begin(), index.children.end(),
                     [&digest](const Descriptor& child) { return child.digest == digest; });
}

ManifestBytes BytesOf(const Json& index) {
  ManifestBytes bytes;
  bytes.media_type = std::string(media_type::kOciIndex);
  bytes.content = index.dump();
  bytes.digest = Digest::OfBytes(bytes.content);
  return bytes;
}

}  // namespace

std::mutex& ReferrersTags::Changing(const Repository& repository, const std::string& tag) {
  const std::lock_guard lock(mutex_);
  return changing_[{repository, tag}];
}

absl::Status ReferrersTags::Add(const Repository& repository, const ManifestBytes& manifest) {
  if (manifest.content.find("\"subject\"") == std::string::npos) return absl::OkStatus();
  const absl::StatusOr<Manifest> parsed = ParseManifest(manifest.media_type, manifest.content);
  if (!parsed.ok()) return parsed.status();
  if (!parsed->subject) return absl::OkStatus();

  const std::string tag = ReferrersTag(parsed->subject->digest);
  const std::lock_guard lock(Changing(repository, tag));
  Json index = EmptyIndex();
  const absl::StatusOr<ManifestBytes> there = FetchManifest(client_, repository, tag);
  if (there.ok() && !IsSubjectItself(*there, parsed->subject->digest)) {
    const absl::StatusOr<Manifest> known = ParseManifest(there->media_type, there->content);
    if (!known.ok() || known->media_type != media_type::kOciIndex) {
      return absl::FailedPreconditionError(fmt::format(
          "{}: the tag for referrers holds something else than an OCI index; remove it, so that "
          "referrers can be recorded",
          ReferenceText(repository, tag)));
    }
    if (Lists(*known, manifest.digest)) return absl::OkStatus();
    index = Json::parse(there->content);
  } else if (!there.ok() && !absl::IsNotFound(there.status())) {
    return there.status();
  }
  index["manifests"].push_back(EntryFor(manifest, *parsed));
  const Digest before = there.ok() ? there->digest : Digest();
  return pushes_.Push(repository, tag, BytesOf(index), before).status();
}

}  // namespace imglife
