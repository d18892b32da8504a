// A finding for machines that read a log.
#pragma once

#include <string>
#include <string_view>

#include "schema/text/diagnostics.h"

namespace imglife {

// One line of JSON without its newline: {level, message, code, file, line, column, path,
// suggestion}.
std::string FindingAsJsonLine(std::string_view file, const Finding& finding);

}  // namespace imglife
