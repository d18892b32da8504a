// What a diff reads, as plain values: a configuration and the world as Observe would have seen it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "engine/plan/action.h"
#include "schema/config/config.h"

namespace imglife {

inline const absl::Time kNow = absl::FromUnixSeconds(1'780'000'000);

inline constexpr absl::Duration kDay = absl::Hours(24);

// What tests of retention and cleanup look at.
inline constexpr const char* kCleanedMirror = "r.io/m";

// The size of every manifest of a scene.
inline constexpr std::int64_t kManifestBytes = 1000;

// "imglife.yaml" with this content. Throws std::logic_error (which fails the test) if it has
// findings.
Config ReadTestConfig(const std::string& yaml);

Repository MakeRepository(const std::string& text);

// Digests are named by their first digits (MakeDigest), references are "REPOSITORY:TAG".
class Scene {
 public:
  // The template of every image is "FROM {{.BaseImage}}".
  explicit Scene(const std::string& yaml);

  // A tag that a source has; its list and its digest could be read.
  void Upstream(const std::string& reference, const std::string& digest_start);
  // A source of which only the list was asked, or couldn't be read.
  void UpstreamFails(const std::string& repository, const absl::Status& why);

  // A repository that was listed; without tags until Tag puts some there.
  ObservedRepository& List(const std::string& repository);
  // A tag that was listed and read: one platform, made `age` ago.
  ObservedImage& Tag(const std::string& reference, const std::string& digest_start,
                     absl::Duration age = absl::Hours(24));
  // The image behind a digest, which must have been made before.
  ObservedImage& Image(const std::string& repository, const std::string& digest_start);
  // What was answered when the digest of the tag was asked.
  absl::StatusOr<ObservedTag>& Answer(const std::string& reference);

  // What Look asks about the tags that retention lets go: nothing refers to them, their archive is
  // listed, and the registry can do everything.
  void LookAtDeletions();

  RepositoryUse UseOf(const Repository& repository) const;

  Desired Wanted() const { return ComputeDesired(config, listed_); }

  Config config;
  Observed observed;

 private:
  Listings listed_;
};

std::vector<std::string> Addresses(const std::vector<Action>& actions);

}  // namespace imglife
