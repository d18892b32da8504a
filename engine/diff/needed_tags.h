// Tags that something needs though the configuration doesn't want them by name. Pure.
#pragma once

#include <map>
#include <set>
#include <string>

#include "engine/diff/retention.h"
#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "schema/config/config.h"

namespace imglife {

using NeededTags = std::map<Repository, TagReasons>;

// Is it one repository? Every spelling of loopback is one host (IsLoopbackHost).
bool IsSameRepository(const Repository& a, const Repository& b);

// What the Dockerfiles of build.images and their arguments name ("FROM registry/tools:1 AS tools").
struct NamedByDockerfiles {
  NeededTags tags;
  // Of images whose Dockerfile can't be told, in order: what they name isn't known.
  std::vector<Problem> unknown;
};
NamedByDockerfiles FindNamedByDockerfiles(const Config& config, const Desired& desired,
                                          const Observed& observed,
                                          const std::set<Repository>& scope);

// What orphans and the tags that stay by these verdicts were built on, there and in `archives`: by
// the names and by the digests (of the tag or of a platform of it) that the labels and annotations
// of any of their platforms give.
NeededTags FindBasesOfKept(const std::map<Repository, RetentionResult>& verdicts,
                           const std::set<Repository>& archives, const Observed& observed);

}  // namespace imglife
