// argv → Options. The only file that knows CLI11.
#pragma once

#include "engine/cli/options.h"

namespace imglife {

struct ParsedCommandLine {
  Options options;
  // For Command::kHelp: help that was asked for is printed to stdout with 0; wrong usage to stderr
  // with 64.
  int exit_code = 0;
};

// Prints help and usage itself. IMGLIFE_* variables of the process are defaults that flags
// override.
ParsedCommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace imglife
