// One action of plan.json (schema/plan.schema.json).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nlohmann/json_fwd.hpp"

#include "engine/plan/action.h"
#include "engine/plan/json_fields.h"

namespace imglife {

nlohmann::ordered_json ActionAsJson(const Action& action);

// What is wrong with `fields` goes into their status; then the action means nothing.
Action ActionFromJson(const JsonFields& fields);

// `text`, with each byte that is no UTF-8 as \xHH: what EscapeControl makes of it, so that a saved
// plan shows the same text.
std::string AsJsonText(std::string_view text);
// AsJsonText of each.
nlohmann::ordered_json TextArray(const std::vector<std::string>& texts);

}  // namespace imglife
