// From the bytes of imglife.yaml to a Config, or to everything that is wrong with them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "schema/config/config.h"
#include "schema/text/diagnostics.h"

namespace imglife {

// The process environment as data (config.md, Reading rules: variables), so that reading stays
// pure.
using Environment = std::map<std::string, std::string, std::less<>>;

// `file` is how messages name it and where relative paths start. Everything that is wrong goes to
// `findings`; a Config is returned only if none of it is an error. Reads no file and asks nothing:
// folders and templates are checked by those who use them.
std::optional<Config> ReadConfig(std::string_view file, std::string_view content,
                                 const Environment& environment, Findings& findings);

// imglife.schema.json (draft-07), as built into the program.
std::string_view ConfigJsonSchema();

}  // namespace imglife
