// Whether a file could be appended to, for who must not do it.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace imglife {

// Would AppendDurably open `path`, or make it and its missing directories? Makes nothing. The
// message names what stands in the way. Thread safety: any number of threads may call.
absl::Status CheckAppendable(const std::string& path);

}  // namespace imglife
