#include "providers/registry/distribution/referrers_tags.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "providers/registry/distribution/manifests.h"
#include "providers/registry/distribution/referrers.h"
#include "providers/registry/distribution/tag_pages.h"
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

// What the tag holds.
struct TaggedList {
  Json index = EmptyIndex();
  std::vector<Descriptor> entries;
  // What the tag names, be it a list or not; empty if it leads nowhere.
  Digest digest;
};

absl::Status IsNoList(const Repository& repository, const std::string& tag) {
  return absl::FailedPreconditionError(fmt::format(
      "{}: the tag for referrers holds something else than an OCI index; remove it, so that "
      "referrers can be recorded",
      ReferenceText(repository, tag)));
}

// Somebody may have set the tag, to keep the image. A registry that takes it for a digest
// (IsSubjectItself) doesn't list it.
absl::Status CheckNotSet(Client& client, const Repository& repository, const std::string& tag) {
  const auto list = ListTagPages(client, repository);
  if (!list.ok()) return list.status();
  const bool is_set = std::binary_search(list->tags.begin(), list->tags.end(), tag);
  return is_set ? IsNoList(repository, tag) : absl::OkStatus();
}

absl::StatusOr<TaggedList> ReadList(Client& client, const Repository& repository,
                                    const std::string& tag, const Digest& subject) {
  TaggedList list;
  const absl::StatusOr<ManifestBytes> there = FetchManifest(client, repository, tag);
  if (absl::IsNotFound(there.status())) return list;
  if (!there.ok()) return there.status();
  list.digest = there->digest;
  if (IsSubjectItself(*there, subject)) {
    const absl::Status free = CheckNotSet(client, repository, tag);
    if (!free.ok()) return free;
    return list;
  }
  absl::StatusOr<Manifest> known = ParseManifest(there->media_type, there->content);
  if (!known.ok() || known->media_type != media_type::kOciIndex) {
    return IsNoList(repository, tag);
  }
  list.index = Json::parse(there->content);
  list.entries = std::move(known->children);
  return list;
}

bool Lists(const TaggedList& list, const Digest& digest) {
  return std::any_of(list.entries.begin(), list.entries.end(),
                     [&digest](const Descriptor& entry) { return entry.digest == digest; });
}

// Those that the registry says it doesn't have. What can't be read may be there.
std::set<std::string> FindGone(Client& client, const Repository& repository,
                               const std::vector<Descriptor>& entries) {
  std::set<std::string> gone;
  for (const Descriptor& entry : entries) {
    const std::string digest = entry.digest.str();
    if (absl::IsNotFound(ResolveManifest(client, repository, digest).status())) gone.insert(digest);
  }
  return gone;
}

void Drop(const std::set<std::string>& digests, Json& index) {
  Json kept = Json::array();
  for (Json& entry : index["manifests"]) {
    if (digests.count(entry["digest"].get<std::string>()) == 0) kept.push_back(std::move(entry));
  }
  index["manifests"] = std::move(kept);
}

absl::Status NamesWhatIsMissing(const absl::Status& refusal) {
  return absl::FailedPreconditionError(fmt::format(
      "{}; the tag is a list of referrers, and something that it names can't be had from "
      "the registry: push that again, or delete the tag, and the next run that copies "
      "what it named writes it anew",
      std::string(refusal.message())));
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
  absl::StatusOr<TaggedList> list = ReadList(client_, repository, tag, parsed->subject->digest);
  if (!list.ok()) return list.status();
  if (Lists(*list, manifest.digest)) return absl::OkStatus();
  list->index["manifests"].push_back(EntryFor(manifest, *parsed));
  const auto store = [&] {
    return pushes_.Push(repository, tag, BytesOf(list->index), list->digest).status();
  };
  absl::Status stored = store();
  if (!absl::IsFailedPrecondition(stored) || list->entries.empty()) return stored;
  const std::set<std::string> gone = FindGone(client_, repository, list->entries);
  if (!gone.empty()) {
    Drop(gone, list->index);
    stored = store();
  }
  return absl::IsFailedPrecondition(stored) ? NamesWhatIsMissing(stored) : stored;
}

}  // namespace imglife
