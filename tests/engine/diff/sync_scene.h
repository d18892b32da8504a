// Mirrors of alpine for tests of DiffSync.
#pragma once

#include "engine/diff/diff.h"
#include "tests/engine/diff/scene.h"

namespace imglife {

inline constexpr const char* kSource = "docker.io/library/alpine";
inline constexpr const char* kMirror = "r.io/mirrors/alpine";

inline constexpr const char* kPlain = R"(
sync:
  entries:
    - {source: alpine, target: r.io/mirrors/alpine, tag_regex: '^3'}
)";

// The same with digests compared.
inline constexpr const char* kChecked = R"(
sync:
  entries:
    - {source: alpine, target: r.io/mirrors/alpine, tag_regex: '^3', check_digest: true}
)";

inline StageDiff Sync(const Scene& scene) {
  return DiffSync(scene.config, scene.Wanted(), scene.observed);
}

}  // namespace imglife
