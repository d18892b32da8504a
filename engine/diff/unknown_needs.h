// Why it can't be told what is needed: then whatever could be deleted may be it. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/diff/named_by_dockerfiles.h"
#include "engine/observe/observed.h"
#include "engine/plan/problem.h"

namespace imglife {

// What Dockerfiles name, and what orphans were built on, or which there are.
std::vector<Problem> UnknownNeeds(const NamedByDockerfiles& named, const Observed& observed);

// "REPOSITORY could not be read completely, so it is not known what its images were built on:
// CAUSE".
Problem UnknownBases(const Repository& repository, const std::string& cause);

}  // namespace imglife
