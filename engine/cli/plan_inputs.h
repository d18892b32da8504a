// What a plan depends on besides the text of its configuration: kept in it as digests, and compared
// before a saved plan is applied.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"

#include "engine/observe/observed.h"
#include "engine/plan/plan_file.h"
#include "schema/config/config.h"
#include "schema/config/read_config.h"

namespace imglife {

// The variables that values of the configuration depend on, one that isn't set as an empty one, and
// where its registries are spoken to.
PlanInputs EnvironmentInputs(const Config& config, const std::set<std::string>& variables,
                             const Environment& environment);

// As Observed has them, by index in build.images.
using ImageFolders = std::map<std::size_t, absl::StatusOr<ObservedContext>>;

// The folders as they are now.
ImageFolders ReadImageFolders(const Config& config);

// The templates, whose Dockerfiles keep the tags that they name: of a plan that deletes. Nothing of
// one that doesn't.
PlanInputs TemplateInputs(const Plan& plan, const Config& config, const ImageFolders& folders);

}  // namespace imglife
