#include "engine/observe/desired.h"

#include <algorithm>

#include "engine/observe/desired_images.h"
#include "engine/observe/desired_mirrors.h"
#include "engine/observe/source_chains.h"

namespace imglife {
namespace {

template <typename Line>
void SortUnique(std::vector<Line>& lines) {
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
}

}  // namespace

const DesiredTag* FindProvider(const Desired& desired, const DesiredTag& wanted) {
  if (!wanted.provider) return nullptr;
  const auto mirror = desired.mirrors.find(*wanted.provider);
  if (mirror == desired.mirrors.end()) return nullptr;
  const auto tag = mirror->second.find(wanted.source_tag);
  return tag == mirror->second.end() ? nullptr : &tag->second;
}

Desired ComputeDesired(const Config& config, const Listings& listed, const OsNames& os_names,
                       const RegistryServers& servers) {
  Desired desired;
  const SourceChains chains(config, servers);
  AddDesiredMirrors(config, listed, os_names, chains, desired);
  AddDesiredImages(config, chains, desired);
  SortUnique(desired.warnings);
  SortUnique(desired.errors);
  std::sort(desired.incomplete.begin(), desired.incomplete.end());
  return desired;
}

}  // namespace imglife
