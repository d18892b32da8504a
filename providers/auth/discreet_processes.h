// Programs that people write or choose, and that may print what they inherit: hooks and builders.
#pragma once

#include <memory>

#include "providers/process.h"
#include "providers/system/system.h"

namespace imglife {

// Runs programs as `runner` does, which must outlive it. What they print has *** for each secret of
// `environment`: the variables whose names end in PASSWORD, TOKEN or SECRET, and the passwords in
// the URLs of proxies. Not for programs whose output is a secret itself (credential helpers).
std::unique_ptr<ProcessRunner> MakeDiscreetProcessRunner(ProcessRunner& runner,
                                                         const Environment& environment);

}  // namespace imglife
