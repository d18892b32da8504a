#include "engine/diff/fit_base.h"

#include <algorithm>
#include <set>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/diff/pin_base.h"

namespace imglife {
namespace {

bool HasOne(const std::vector<Platform>& has, const Platform& asked) {
  return std::any_of(has.begin(), has.end(), [&asked](const Platform& there) {
    // One without a variant may be for any.
    const bool any_variant =
        there.variant.empty() && there.os == asked.os && there.architecture == asked.architecture;
    return any_variant || asked.Accepts(there);
  });
}

bool SaysNothing(const Platform& platform) {
  return platform.os.empty() || platform.architecture.empty();
}

std::string NamesOf(const std::vector<Platform>& has) {
  std::set<std::string> names;
  for (const Platform& platform : has) {
    names.insert(SaysNothing(platform) ? "an image that doesn't say its platform"
                                       : platform.ToString());
  }
  return names.empty() ? "no image" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string MisfitOfBase(std::string_view dockerfile, const Reference& base,
                         const std::vector<Platform>& wanted, const std::vector<Platform>& has) {
  const std::set<Platform> asked = PlatformsOfBase(dockerfile, base, wanted);
  std::set<std::string> missing;
  for (const Platform& platform : asked) {
    if (!HasOne(has, platform)) missing.insert(platform.ToString());
  }
  const bool may_be_it = asked.size() == 1 && std::any_of(has.begin(), has.end(), SaysNothing);
  if (missing.empty() || may_be_it) return "";
  return fmt::format(
      "base {} has no {} (it has {}); leave that out of the image's platforms, or name a base that "
      "has it (a mirror has what the platforms of its sync entry let through)",
      base.ToString(), fmt::join(missing, ", "), NamesOf(has));
}

}  // namespace imglife
