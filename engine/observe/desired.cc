#include "engine/observe/desired.h"

#include <algorithm>

#include "engine/observe/desired_images.h"
#include "engine/observe/desired_mirrors.h"

namespace imglife {
namespace {

template <typename Line>
void SortUnique(std::vector<Line>& lines) {
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
}

}  // namespace

Desired ComputeDesired(const Config& config, const Listings& listed, const OsNames& os_names) {
  Desired desired;
  AddDesiredMirrors(config, listed, os_names, desired);
  AddDesiredImages(config, desired);
  SortUnique(desired.warnings);
  SortUnique(desired.errors);
  std::sort(desired.incomplete.begin(), desired.incomplete.end());
  return desired;
}

}  // namespace imglife
