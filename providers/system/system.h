// This machine: its clock and its processes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "providers/clock.h"
#include "providers/process.h"
#include "schema/config/read_config.h"

namespace imglife {

// InvalidArgument if IMGLIFE_NOW isn't an RFC 3339 instant or SOURCE_DATE_EPOCH isn't a number.
absl::StatusOr<std::unique_ptr<Clock>> MakeSystemClock(const Environment& environment);

// Children are sessions of their own without a terminal: a program that would ask a person there
// fails instead. After StopAll every Run is Cancelled and starts nothing. A process that outlives
// the program which started it doesn't keep Run waiting, though it may hold the output open.
std::unique_ptr<ProcessRunner> MakeProcessRunner();

// The environment of this process.
Environment ReadEnvironment();

// Empty for a variable that is not set; one that a CI file left empty counts as not set.
std::string EnvironmentValue(const Environment& environment, std::string_view name);

}  // namespace imglife
