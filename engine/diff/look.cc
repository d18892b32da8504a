#include "engine/diff/look.h"

#include "engine/diff/diff.h"

namespace imglife {

Observation Look(const Config& config, const std::set<Stage>& stages, RegistryMemo& registry,
                 const World& world, absl::Time policy_now) {
  Observation seen = Observe(config, stages, registry, world);
  if (stages.count(Stage::kCleanup) > 0 || stages.count(Stage::kStatus) > 0) {
    ObserveDeletions(config, RetentionCandidates(config, seen.desired, seen.observed, policy_now),
                     registry, seen.observed);
  }
  return seen;
}

}  // namespace imglife
