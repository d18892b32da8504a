// $NAME, ${NAME} and ${NAME:-default} in values (config.md, Reading rules).
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "schema/config/read_config.h"

namespace imglife {

// `text` with its variables replaced. `$$` is one `$`, and a `$` that no name follows stays. As in
// a shell the default counts for an empty variable too, and may hold variables itself. What a
// variable holds is not looked at again.
// NotFound: a variable without default isn't set. InvalidArgument: `${NAME` isn't closed, or is of
// another form. The messages name the variable, never its value.
absl::StatusOr<std::string> ExpandVariables(std::string_view text, const Environment& environment);

// The same. The names of the variables that the result depends on are added to `read`.
absl::StatusOr<std::string> ExpandVariables(std::string_view text, const Environment& environment,
                                            std::set<std::string>& read);

// Of the variables that `text` names without a default those that are set to nothing: where what it
// expands to is no good, they may be why.
std::set<std::string> EmptyVariables(std::string_view text, const Environment& environment);

// Would ExpandVariables look up anything in `text`?
bool HasVariables(std::string_view text);

// [A-Za-z_][A-Za-z0-9_]* (POSIX.1-2017, 3.235 "Name").
bool IsVariableName(std::string_view text);

}  // namespace imglife
