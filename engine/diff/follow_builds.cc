#include "engine/diff/follow_builds.h"

#include <string>

#include "fmt/format.h"

#include "engine/observe/entry_tags.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

bool Selects(const SyncEntry& entry, const Action& build) {
  const std::string tag = build.TargetReference().tag;
  if (build.operation != Operation::kCreate && !entry.check_digest) return false;
  return Matches(entry, tag);
}

}  // namespace

void FollowBuilds(const Config& config, const Observed& observed, const std::vector<Action>& builds,
                  StageDiff& sync) {
  if (!config.sync) return;
  for (const SyncEntry& entry : config.sync->entries) {
    const Repository source = observed.servers.IdentityOf(entry.source);
    for (const Action& build : builds) {
      if (build.kind != ActionKind::kBuild || !Selects(entry, build)) continue;
      const Repository built = build.TargetReference().repository;
      if (observed.servers.IdentityOf(built) != source) continue;
      sync.warnings.push_back(
          fmt::format("{}: {} is built in this run, and copied from there in the next one",
                      RuleText(config, entry.rule), build.target));
      sync.unplanned.insert(entry.target);
    }
  }
}

}  // namespace imglife
