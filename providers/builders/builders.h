// The builders that there are, and which one `auto` takes (stages.md, Backends).
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "providers/builder.h"
#include "providers/process.h"
#include "schema/config/config.h"
#include "schema/config/read_config.h"

namespace imglife {

struct BuilderChoice {
  BuildBackend backend = BuildBackend::kAuto;
  std::string builder;  // buildx instance; empty: the plain docker command
  bool several_platforms = false;
  bool sbom = false;
  bool layouts = false;  // a base or a result in an image layout
};

// The backend that is asked for; in `environment`, IMGLIFE_BUILD_BACKEND and IMGLIFE_BUILDER (also
// an empty one) win over `choice`. `auto` takes the first that works here:
//   buildx    a builder, several platforms, an SBOM or image layouts are asked for, and docker with
//             its buildx plugin answers;
//   docker    nothing of these is asked for, and docker's daemon answers;
//   buildctl  BUILDKIT_HOST or BUILDKITD_ADDR is set, or DOCKER_HOST is a BuildKit socket (its path
//             ends in buildkitd.sock), and the program is there;
//   buildah   the program is there, and no SBOM is asked for.
//
// FailedPrecondition says what is missing on this machine and what to install, or that the chosen
// backend can't build what is asked for; InvalidArgument that IMGLIFE_BUILD_BACKEND names no
// backend. `processes` must outlive the result.
absl::StatusOr<std::unique_ptr<Builder>> ChooseBuilder(const BuilderChoice& choice,
                                                       const Environment& environment,
                                                       ProcessRunner& processes);

}  // namespace imglife
