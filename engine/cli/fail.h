// How a command ends that can't go on.
#pragma once

#include <string>

#include "absl/status/status.h"

#include "engine/cli/commands.h"

namespace imglife {

// Says why, and returns `code`.
inline int Fail(const Session& session, const absl::Status& status, int code) {
  session.console.Error(std::string(status.message()));
  return code;
}

}  // namespace imglife
