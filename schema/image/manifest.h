// Manifests, indexes and image configs, read from their bytes (OCI image-spec 1.1). Bytes are never
// written back from these types: what is stored is always what came.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "schema/image/digest.h"
#include "schema/image/platform.h"

namespace imglife {

using Annotations = std::map<std::string, std::string>;

struct Descriptor {
  std::string media_type;
  Digest digest;
  std::int64_t size = 0;
  std::string artifact_type;
  std::optional<Platform> platform;
  Annotations annotations;
  // Set on layers that must be fetched from elsewhere (docker foreign layers): not copied.
  std::vector<std::string> urls;
};

// By digest, each digest once: the first of those that have it.
std::vector<Descriptor> SortByDigest(std::vector<Descriptor> descriptors);

// The bytes of a manifest as a registry stores them, and what they are.
struct ManifestBytes {
  std::string media_type;
  std::string content;
  Digest digest;
};

// What both forms share. Exactly one of `children` (an index) and `config` + `layers` (one image or
// artifact) is meaningful, as `is_index` says.
struct Manifest {
  std::string media_type;
  std::string artifact_type;
  bool is_index = false;
  std::vector<Descriptor> children;
  Descriptor config;
  std::vector<Descriptor> layers;
  std::optional<Descriptor> subject;
  Annotations annotations;
};

// Is it the manifest's subject?
inline bool RefersTo(const Manifest& manifest, const Digest& digest) {
  return manifest.subject && manifest.subject->digest == digest;
}

struct ImageConfig {
  // As ParseCreated gives it.
  std::optional<absl::Time> created;
  Platform platform;
  std::map<std::string, std::string> labels;
};

// When an image was made, from RFC 3339 text. Absent where that can't be read or is a constant of
// reproducible builds: years up to 1970 (Go, nix, bazel), and 1980 (buildpacks, jib).
std::optional<absl::Time> ParseCreated(std::string_view text);

inline constexpr std::int64_t kMaxManifestBytes = std::int64_t{8} << 20;

// InvalidArgument: not JSON, too large or too deep, a schema 1 manifest, a mediaType in the body
// that differs from `media_type`, or a field that isn't what the specification says; the message
// names the field.
absl::StatusOr<Manifest> ParseManifest(std::string_view media_type, std::string_view content);
absl::StatusOr<ImageConfig> ParseImageConfig(std::string_view content);

// The index reduced to `wanted` (in the order of the source) and the attestation children whose
// subject stays; with the annotation io.imglife.source-digest = `source`. The same bytes for the
// same input, always. NotFound names the platforms that the index has if none is wanted. An index
// of which everything is kept is still annotated, so that the next check needs no look at its
// source's children.
absl::StatusOr<ManifestBytes> FilterIndex(const ManifestBytes& source,
                                          const std::vector<Platform>& wanted);

namespace annotation {
inline constexpr std::string_view kSourceDigest = "io.imglife.source-digest";
inline constexpr std::string_view kPlaceholder = "io.imglife.placeholder";
inline constexpr std::string_view kArchivedAt = "io.imglife.archived-at";
inline constexpr std::string_view kCreated = "org.opencontainers.image.created";
inline constexpr std::string_view kBaseName = "org.opencontainers.image.base.name";
inline constexpr std::string_view kBaseDigest = "org.opencontainers.image.base.digest";
inline constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";
inline constexpr std::string_view kInputs = "io.imglife.inputs";
}  // namespace annotation

}  // namespace imglife
