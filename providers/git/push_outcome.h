// What `git push --porcelain` says about one branch.
#pragma once

#include <string>

#include "providers/process.h"

namespace imglife {

enum class PushOutcome {
  kPushed,
  kBehind,       // the remote's branch has what we don't, or changed at that moment
  kRefused,      // credentials or rules of the server
  kUnreachable,  // no answer that can be understood
};

PushOutcome JudgePush(const ProcessResult& result);

// Why it wasn't pushed: the server's own words if it has some, without credentials.
std::string PushComplaint(const ProcessResult& result);

}  // namespace imglife
