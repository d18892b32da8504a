// Dockerfiles that say of every stage which platform its image is for. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/image/platform.h"

namespace imglife {

struct NamedPlatforms {
  std::string dockerfile;
  // Those that FROM lines ask for besides the one that is built.
  std::vector<Platform> others;
  // Not the case if a FROM has a variable (`--platform=$BUILDPLATFORM`), which may be any platform.
  bool all_told = true;
};

// `dockerfile` as it means the same for a build for `platform`: a FROM without `--platform` gets
// it, or that of the stage that it stands on; so does one that asks for $TARGETPLATFORM. All other
// bytes stay. For buildah 1.28, which takes the platform of one FROM for that of all behind it
// (imagebuildah/stage_executor.go, `prepare`, changes the system context that all stages share).
NamedPlatforms NamePlatforms(std::string_view dockerfile, const Platform& platform);

}  // namespace imglife
