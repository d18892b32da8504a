// What a planned build is made of, once its base is known (stages.md, build).
#pragma once

#include "absl/status/statusor.h"

#include "engine/diff/build_inputs.h"
#include "engine/observe/registry_memo.h"
#include "engine/observe/world.h"
#include "engine/plan/plan.h"
#include "schema/config/config.h"

namespace imglife {

struct PreparedBuild {
  BuildRequest request;
  Reference base;
  Digest base_digest;
  BuildInputs inputs;
};

// Reads the image's folder, a base in an image layout and, where the plan left it open, the digest
// that the base has now. An error says which of them can't be read. Thread safety: any number of
// threads may call.
absl::StatusOr<PreparedBuild> PrepareBuild(const Action& action, const Config& config,
                                           const Plan& plan, RegistryMemo& registry,
                                           const World& world);

// Is the base there for all platforms that the Dockerfile asks of it? For directly before the
// build: a saved plan may be of a time when it was. FailedPrecondition says which it lacks.
absl::Status CheckBase(const PreparedBuild& build, RegistryMemo& registry);

}  // namespace imglife
