#include "engine/cli/stage_extent.h"

#include <algorithm>
#include <set>
#include <string>

#include "engine/diff/eol_after.h"
#include "engine/observe/managed_repositories.h"
#include "engine/observe/observe_archives.h"
#include "engine/observe/referrer_tag.h"

namespace imglife {
namespace {

// Without those that belong to another image.
std::size_t CountOwnTags(const ObservedRepository* there) {
  if (there == nullptr) return 0;
  return static_cast<std::size_t>(
      std::count_if(there->tags.begin(), there->tags.end(),
                    [](const std::string& tag) { return !IsReferrerTag(tag); }));
}

std::size_t CountCleaned(const Config& config, const Observation& seen) {
  const std::vector<Repository> scope = CleanupScope(config, seen.desired);
  std::size_t tags = 0;
  for (const Repository& repository : scope) {
    tags += CountOwnTags(seen.observed.FindRepository(repository));
  }
  for (const Repository& archive : ArchivesOf(config, scope)) {
    tags += CountOwnTags(seen.observed.FindRepository(archive));
  }
  return tags;
}

std::size_t CountExamined(Stage stage, const Config& config, const Observation& seen) {
  std::size_t tags = 0;
  switch (stage) {
    case Stage::kSync:
      for (const auto& [target, wanted] : seen.desired.mirrors) tags += wanted.size();
      return tags;
    case Stage::kBuild:
      return config.build ? config.build->images.size() : 0;
    case Stage::kCleanup:
      return CountCleaned(config, seen);
    default:
      return seen.observed.eol.size();
  }
}

// One commit is of all products that changed; of a file that is written already, of all that the
// file is known to be right about.
std::size_t CountCommittedProducts(const Observed& observed) {
  std::set<std::string> products;
  for (const EolCycleChange& change : CompareEolData(observed.eol_file, EolAfterUpdate(observed))) {
    products.insert(change.product);
  }
  if (!products.empty()) return products.size();
  return static_cast<std::size_t>(
      std::count_if(observed.eol.begin(), observed.eol.end(),
                    [](const auto& product) { return product.second.ok(); }));
}

}  // namespace

StageExtent ExtentOf(Stage stage, const Config& config, const FreshPlan& fresh) {
  const Plan& plan = fresh.plan;
  const ActionKind kind = MainKind(stage);
  StageExtent extent;
  extent.examined = CountExamined(stage, config, fresh.seen);
  if (stage == Stage::kEol) extent.per_action = CountCommittedProducts(fresh.seen.observed);
  std::set<std::string> reasons;
  for (const NotPlanned& one : plan.not_planned) {
    if (one.kind != kind) continue;
    ++extent.not_planned;
    reasons.insert(one.reason);
  }
  for (const std::string& error : plan.errors) extent.other_errors += 1 - reasons.count(error);
  const auto planned = fresh.unfiltered.find(kind);
  if (planned == fresh.unfiltered.end()) return extent;
  const auto left = std::count_if(plan.actions.begin(), plan.actions.end(),
                                  [&](const Action& action) { return action.kind == kind; });
  extent.left_out = (planned->second - static_cast<std::size_t>(left)) * extent.per_action;
  return extent;
}

}  // namespace imglife
