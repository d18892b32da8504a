#include "providers/registry/distribution/referrers_tags.h"

#include <algorithm>
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

bool Holds(const Json& index, const Digest& digest) {
  const Json& entries = index["manifests"];
  return std::any_of(entries.begin(), entries.end(), [&digest](const Json& entry) {
    return entry.is_object() && entry.value("digest", Json()) == Json(digest.str());
  });
}

// The index that the tag has, or an empty one.
absl::StatusOr<Json> ReadIndex(Client& client, const Repository& repository,
                               const std::string& tag) {
  const absl::StatusOr<ManifestBytes> bytes = FetchManifest(client, repository, tag);
  if (absl::IsNotFound(bytes.status())) return EmptyIndex();
  if (!bytes.ok()) return bytes.status();
  Json index = Json::parse(bytes->content, nullptr, false);
  const bool usable = bytes->media_type == media_type::kOciIndex && index.is_object() &&
                      index.value("manifests", Json()).is_array();
  if (!usable) {
    return absl::FailedPreconditionError(fmt::format(
        "{}: the tag for referrers holds something else than an OCI index; remove it, so that "
        "referrers can be recorded",
        ReferenceText(repository, tag)));
  }
  return index;
}

}  // namespace

absl::Status ReferrersTags::Add(const Repository& repository, const ManifestBytes& manifest) {
  if (manifest.content.find("\"subject\"") == std::string::npos) return absl::OkStatus();
  const absl::StatusOr<Manifest> parsed = ParseManifest(manifest.media_type, manifest.content);
  if (!parsed.ok()) return parsed.status();
  if (!parsed->subject) return absl::OkStatus();
  const std::string tag = ReferrersTag(parsed->subject->digest);
  absl::MutexLock lock(&changing_);
  absl::StatusOr<Json> index = ReadIndex(client_, repository, tag);
  if (!index.ok()) return index.status();
  if (Holds(*index, manifest.digest)) return absl::OkStatus();
  (*index)["manifests"].push_back(EntryFor(manifest, *parsed));
  ManifestBytes updated;
  updated.media_type = std::string(media_type::kOciIndex);
  updated.content = index->dump(-1, ' ', false, Json::error_handler_t::replace);
  updated.digest = Digest::OfBytes(updated.content);
  return StoreManifest(client_, repository, tag, updated).status();
}

}  // namespace imglife
