#include "engine/apply/archive_note.h"

#include <string>

#include "nlohmann/json.hpp"

#include "engine/observe/observe_archives.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

using Json = nlohmann::ordered_json;

// The content of the empty descriptor (image-spec 1.1, "Guidance for an Empty Descriptor").
constexpr std::string_view kNothing = "{}";

Descriptor EmptyBlob() {
  Descriptor blob;
  blob.media_type = std::string(media_type::kOciEmpty);
  blob.digest = Digest::OfBytes(kNothing);
  blob.size = static_cast<std::int64_t>(kNothing.size());
  return blob;
}

Json AsJson(const Descriptor& descriptor) {
  return {{"mediaType", descriptor.media_type},
          {"digest", descriptor.digest.str()},
          {"size", descriptor.size}};
}

ManifestBytes MakeNote(const Descriptor& subject, absl::Time at) {
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", at, absl::UTCTimeZone());
  const Json document = {{"schemaVersion", 2},
                         {"mediaType", std::string(media_type::kOciManifest)},
                         {"artifactType", std::string(kArchiveNoteType)},
                         {"config", AsJson(EmptyBlob())},
                         {"layers", Json::array({AsJson(EmptyBlob())})},
                         {"subject", AsJson(subject)},
                         {"annotations", {{std::string(annotation::kArchivedAt), time}}}};
  ManifestBytes note;
  note.media_type = std::string(media_type::kOciManifest);
  note.content = document.dump();
  note.digest = Digest::OfBytes(note.content);
  return note;
}

}  // namespace

absl::Status NoteArchived(Registry& registry, ManifestCopies& manifests, const Repository& archive,
                          const Descriptor& subject, absl::Time at) {
  const ManifestBytes note = MakeNote(subject, at);
  const std::string name = note.digest.str();
  return manifests.Ensure(archive, name, note.digest, [&] {
    const auto open = []() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
      return MakeStringReader(std::string(kNothing));
    };
    const auto pushed = registry.PushBlob(archive, EmptyBlob(), open, {});
    return pushed.ok() ? registry.PutManifest(archive, name, note) : pushed.status();
  });
}

}  // namespace imglife
