// exclude_tags (config.md, retention). Pure.
#pragma once

#include <optional>
#include <string>

#include "schema/config/config.h"

namespace imglife {

// Why exclude_tags keeps the tag: "matches exclude_tags /^stable-/". Nothing if it doesn't.
std::optional<std::string> WhyExcluded(const RetentionRule& rule, const std::string& tag);

}  // namespace imglife
