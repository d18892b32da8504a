// Entries of a configuration, and what is desired by them.
#pragma once

#include <string>
#include <vector>

#include "tests/engine/observe/config_maker.h"

namespace imglife {

inline const std::string kAlpine = "source: alpine, target: r.test/mirrors/alpine, ";
inline const std::string kDebian = "source: debian, target: r.test/mirrors/debian, ";
// Writes into alpine's mirror, from elsewhere.
inline const std::string kOtherAlpine = "source: ghcr.io/o/alpine, target: r.test/mirrors/alpine, ";

inline Desired Want(const std::string& config, const Listings& listed) {
  return ComputeDesired(MakeConfig(config), listed);
}

inline std::vector<std::string> WantedOfAlpine(const Desired& desired) {
  return DescribeMirror(desired, "r.test/mirrors/alpine");
}

}  // namespace imglife
