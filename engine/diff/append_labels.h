// Labels as a part of a Dockerfile, for programs that nobody gives any on the command line. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace imglife {

// `dockerfile` with a LABEL instruction for each label behind all that it says, and so in its last
// stage; they win over what it says itself. InvalidArgument if a value has a line break: there is
// no way to write one (Dockerfile reference, "LABEL").
absl::StatusOr<std::string> AppendLabels(std::string_view dockerfile,
                                         const std::map<std::string, std::string>& labels);

}  // namespace imglife
