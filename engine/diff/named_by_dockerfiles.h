// Tags that the Dockerfiles of a configuration name besides the bases of its images. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/diff/retention.h"
#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "schema/config/config.h"

namespace imglife {

// What the Dockerfiles of build.images and their arguments name ("FROM registry/tools:1 AS tools").
struct NamedByDockerfiles {
  NeededTags tags;
  // Of images whose Dockerfile can't be told, in order: what they name isn't known.
  std::vector<Problem> unknown;
};

// Tags of the repositories in `scope`, whatever the name of their registry (RegistryServers).
NamedByDockerfiles FindNamedByDockerfiles(const Config& config, const Desired& desired,
                                          const Observed& observed,
                                          const std::set<Repository>& scope);

}  // namespace imglife
