#include <string>

#include "fmt/format.h"

#include "engine/diff/diff.h"
#include "engine/plan/words.h"

namespace imglife {

StageDiff ReportOrphans(const Config& config, const Observed& observed) {
  StageDiff diff;
  if (!config.build) return diff;
  const std::string prefix = config.build->registry.ToString();
  if (!observed.orphans_status.ok()) {
    diff.warnings.push_back(
        fmt::format("the repositories below {} could not be listed, so orphans are not known: {}",
                    prefix, WhyText(prefix, observed.orphans_status)));
  }
  for (const Orphan& orphan : observed.orphans) {
    diff.warnings.push_back(fmt::format(
        "orphan: {} ({}) is below build.registry, but nothing declares it any more; it is never "
        "deleted by itself",
        orphan.repository.ToString(),
        orphan.tags ? CountText(*orphan.tags, "tag") : "its tags could not be read"));
  }
  return diff;
}

}  // namespace imglife
