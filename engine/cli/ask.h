// A question to the person at the terminal.
#pragma once

#include <string_view>

#include "engine/cli/commands.h"

namespace imglife {

// Prints the question and waits for a line on standard input. True only for `yes`, with nothing
// around it: not for the end of the input, and not once a signal has come that ends the process, of
// which session.signals has the exit code.
bool Ask(std::string_view question, const Session& session);

}  // namespace imglife
