#include "engine/diff/unknown_needs.h"

#include "fmt/format.h"

#include "engine/plan/words.h"

namespace imglife {

std::vector<Problem> UnknownNeeds(const NamedByDockerfiles& named, const Observed& observed) {
  std::vector<Problem> reasons = named.unknown;
  if (!observed.orphans_status.ok()) {
    reasons.emplace_back(
        "the repositories below build.registry could not be listed, so it is not known what "
        "orphans "
        "there were built on",
        std::string(observed.orphans_status.message()), Effects{});
  }
  for (const auto& [repository, images] : observed.orphan_images) {
    if (images.ok()) continue;
    reasons.push_back(UnknownBases(repository, WhyText(repository.ToString(), images.status())));
  }
  return reasons;
}

Problem UnknownBases(const Repository& repository, const std::string& cause) {
  return {fmt::format(
              "{} could not be read completely, so it is not known what its images were built on",
              repository.ToString()),
          cause,
          {}};
}

}  // namespace imglife
