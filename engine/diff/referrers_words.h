// Referrers in the words of plans. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/observe/missing_referrers.h"
#include "engine/plan/action.h"

namespace imglife {

// "2 referrers": what comes along with a copy; empty where nothing does.
std::string ReferrersText(const MissingReferrers& referrers);

// One line for each, "+ signature sha256:1c4eef1a"; of many only the first and how many more.
std::vector<ActionDetail> ReferrersDetails(const MissingReferrers& referrers);

}  // namespace imglife
