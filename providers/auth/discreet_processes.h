// Programs that people write or choose, and that may print what they inherit: hooks and builders.
#pragma once

#include <memory>

#include "providers/process.h"
#include "providers/system/system.h"

namespace imglife {

// Runs programs as `runner` does, which must outlive it. What one printed that failed, and that is
// shown therefore, has *** for the secrets of `environment`: the values of variables with PASSWORD,
// TOKEN, SECRET or AUTH_CONFIG in their names, and the passwords in the URLs of proxies; short ones
// as scrub.h says.
std::unique_ptr<ProcessRunner> MakeDiscreetProcessRunner(ProcessRunner& runner,
                                                         const Environment& environment);

}  // namespace imglife
