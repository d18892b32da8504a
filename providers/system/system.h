// This machine: its clock and its processes.
#pragma once

#include <memory>

#include "absl/status/statusor.h"

#include "providers/clock.h"
#include "providers/process.h"
#include "schema/config/read_config.h"

namespace imglife {

// InvalidArgument if IMGLIFE_NOW isn't an RFC 3339 instant or SOURCE_DATE_EPOCH isn't a number.
absl::StatusOr<std::unique_ptr<Clock>> MakeSystemClock(const Environment& environment);

std::unique_ptr<ProcessRunner> MakeProcessRunner();

// The environment of this process.
Environment ReadEnvironment();

}  // namespace imglife
