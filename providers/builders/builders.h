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
  BuildBackend backend = BuildBackend::kAuto;  // IMGLIFE_BUILD_BACKEND already applied
  std::string builder;                         // buildx instance; IMGLIFE_BUILDER already applied
  bool several_platforms = false;
  bool sbom = false;
};

// The backend that BuilderChoice asks for. FailedPrecondition says what is missing on this machine
// and what to install, or that the chosen backend can't attach an SBOM. `processes` must outlive
// the result.
absl::StatusOr<std::unique_ptr<Builder>> ChooseBuilder(const BuilderChoice& choice,
                                                       const Environment& environment,
                                                       ProcessRunner& processes);

}  // namespace imglife
