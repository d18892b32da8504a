// The environment variables that stand for no option and for no field of imglife.yaml.
#pragma once

#include "absl/status/status.h"

#include "schema/config/read_config.h"

namespace imglife {

// InvalidArgument with the name and the value of one that can't be read: IMGLIFE_NOW,
// SOURCE_DATE_EPOCH, IMGLIFE_REGISTRY_ENDPOINT_* and IMGLIFE_DOCKER_HUB_URL. An empty one is none.
// A value that looks like a credential is not shown.
absl::Status CheckVariables(const Environment& environment);

}  // namespace imglife
