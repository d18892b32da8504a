// What reviewers are told of a deletion: who else uses the digest, and why nothing else is lost.
// Pure; nothing here is escaped.
#pragma once

#include <string>

#include "engine/plan/action.h"

namespace imglife {

// "sha256:1c4eef1a" for a digest, anything else as it is.
std::string ShortState(const std::string& state);

// "3.21, latest", at most ten and how many more; "none".
std::string SiblingsText(const Action& deletion);

// "nothing else in the repository uses the digest; 2 children that only it had go with it", and
// whether the tag is archived first.
std::string SafetyText(const Action& deletion);

}  // namespace imglife
