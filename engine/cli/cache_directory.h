// Where manifests and image configs are kept from run to run.
#pragma once

#include <optional>
#include <string>

#include "schema/config/read_config.h"

namespace imglife {

// IMGLIFE_CACHE_DIR, else "imglife" in XDG_CACHE_HOME, else "imglife" in ~/.cache. Nothing, and
// then nothing is kept: IMGLIFE_CACHE_DIR is there and empty, or neither of the others is an
// absolute path (XDG Base Directory Specification: relative ones don't count).
std::optional<std::string> CacheDirectory(const Environment& environment);

}  // namespace imglife
