// Builders whose program builds and pushes in one command, with docker's way of logging in.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "providers/builder.h"
#include "providers/builders/build_steps.h"
#include "providers/process.h"
#include "schema/config/read_config.h"

namespace imglife {

// Runs the command that `argv` makes of the build's directory, which is gone afterwards. `program`
// names it in the message of a failure. Nothing runs where request.BeforePush refuses, which is
// asked last.
absl::Status BuildAtOnce(
    const BuildRequest& request, const std::string& program, const Environment& environment,
    ProcessRunner& processes,
    const std::function<std::vector<std::string>(const BuildDirectory&)>& argv);

}  // namespace imglife
