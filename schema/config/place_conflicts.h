// Places of a configuration that would undo each other: a mirror of itself, an archive among what
// is cleaned up or mirrored. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "schema/config/config.h"

namespace imglife {

// A repository, or a prefix, that the configuration names.
struct ConfigPlace {
  enum class Kind { kSource, kTarget, kImage, kArchive };

  Kind kind = Kind::kSource;
  std::size_t index = 0;  // in sync.entries or build.images; 0 for the archive
};

struct PlaceConflict {
  ConfigPlace where;
  ConfigPlace other;
  std::string message;
};

// What two names of one repository have in common: a repository that is equal for both.
using PlaceIdentity = std::function<Repository(const Repository&)>;

// Sync entries whose target is their source; and of the archive the first of: a sync target or an
// image that lies within it, or it within them (retention would delete what is archived), or a
// source within it from which a regular expression selects (what is archived would be mirrored
// again). `images` are the repositories of build.images, in their order.
std::vector<PlaceConflict> PlaceConflicts(const Config& config,
                                          const std::vector<Repository>& images,
                                          const PlaceIdentity& identity);

}  // namespace imglife
