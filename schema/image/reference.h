// Where images are: repositories and references (grammar of distribution's `reference` package;
// registry.md).
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "schema/image/digest.h"

namespace imglife {

// A place that holds tags. Docker Hub's host is always "docker.io", and its one-component names
// have "library/".
struct Repository {
  enum class Kind { kDistribution, kOciDir };

  Kind kind = Kind::kDistribution;
  // Lower case, with the port if one was written; empty for an image layout.
  std::string host;
  // The repository's name, or for an image layout its directory as written.
  std::string path;

  // HOST/PATH (as in retention's `match` and in action addresses), or ocidir://DIRECTORY.
  std::string ToString() const;

  friend auto operator<=>(const Repository&, const Repository&) = default;
};

// A repository with a tag, a digest, or both.
struct Reference {
  Repository repository;
  std::string tag;
  Digest digest;

  // REPOSITORY[:TAG][@DIGEST].
  std::string ToString() const;

  friend auto operator<=>(const Reference&, const Reference&) = default;
};

// A repository without tag and digest. InvalidArgument says what is wrong and what was probably
// meant (registry.md, References: what is refused with a hint).
absl::StatusOr<Repository> ParseRepository(std::string_view text);

// REPOSITORY[:TAG][@DIGEST]; neither tag nor digest is added where none is written.
absl::StatusOr<Reference> ParseReference(std::string_view text);

// [A-Za-z0-9_][A-Za-z0-9._-]{0,127} (distribution-spec 1.1, "Pulling manifests").
bool IsValidTag(std::string_view tag);

inline constexpr std::string_view kDockerHub = "docker.io";

// The host that serves a registry's API: "registry-1.docker.io" for "docker.io", else the host
// itself.
std::string ApiHost(std::string_view host);

// localhost, 127.0.0.0/8 or ::1, with or without port: spoken to over plain HTTP.
bool IsLoopbackHost(std::string_view host);

}  // namespace imglife
