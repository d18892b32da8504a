// What is wrong with build.images and can be told on this machine alone.
#pragma once

#include "schema/config/config.h"
#include "schema/text/diagnostics.h"

namespace imglife {

// Adds an error for a tag_format that gives no tag, and for each image whose template can't be read
// or doesn't parse. Whether a template renders may depend on what only registries know: so it isn't
// executed here. Where that holds for tag_format (no mirror_tag, no version), only what goes wrong
// for every tag is an error.
void CheckBuilds(const Config& config, Findings& findings);

}  // namespace imglife
