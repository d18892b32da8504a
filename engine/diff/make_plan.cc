#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "engine/diff/diff.h"
#include "engine/diff/follow_builds.h"
#include "engine/diff/hooks.h"
#include "engine/observe/managed_repositories.h"
#include "engine/observe/referrer_tag.h"
#include "engine/plan/graph.h"
#include "engine/plan/guards.h"

namespace imglife {
namespace {

template <typename Line>
void Append(std::vector<Line>& to, std::vector<Line> lines) {
  to.insert(to.end(), std::make_move_iterator(lines.begin()), std::make_move_iterator(lines.end()));
}

void SortUnique(std::vector<std::string>& lines) {
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
}

void Take(Plan& plan, std::vector<Problem>& problems, StageDiff diff) {
  plan.actions.insert(plan.actions.end(), std::make_move_iterator(diff.actions.begin()),
                      std::make_move_iterator(diff.actions.end()));
  Append(plan.warnings, std::move(diff.warnings));
  Append(problems, std::move(diff.errors));
  plan.not_planned.insert(plan.not_planned.end(), std::make_move_iterator(diff.not_planned.begin()),
                          std::make_move_iterator(diff.not_planned.end()));
}

void TellErrors(const std::vector<Problem>& problems, Plan& plan) {
  const ToldProblems told = TellProblems(problems);
  plan.errors = told.lines;
  for (NotPlanned& one : plan.not_planned) one.reason = told.line_of.at(one.reason);
}

std::map<std::string, RepositoryCount> CountTags(const Config& config, const Desired& desired,
                                                 const Observed& observed) {
  std::map<std::string, RepositoryCount> counts;
  for (const Repository& repository : CleanupScope(config, desired)) {
    RepositoryCount& count = counts[repository.ToString()];
    const ObservedRepository* there = observed.FindRepository(repository);
    if (there != nullptr) {
      for (const std::string& tag : there->tags) count.existing += IsReferrerTag(tag) ? 0 : 1;
    }
    std::set<std::string> wanted;
    const auto mirror = desired.mirrors.find(repository);
    if (mirror != desired.mirrors.end()) {
      for (const auto& [tag, selected] : mirror->second) wanted.insert(tag);
    }
    for (const DesiredImage& image : desired.images) {
      if (image.image.repository == repository) wanted.insert(image.image.tag);
    }
    count.desired = static_cast<std::int64_t>(wanted.size());
    const auto empty = desired.empty_sources.find(repository);
    if (empty != desired.empty_sources.end()) count.empty_source = empty->second.ToString();
  }
  return counts;
}

// A name that is written wrong must not look like an allowance that didn't suffice.
void WarnOfUnknownAllowances(const GuardOverrides& overrides,
                             const std::map<std::string, RepositoryCount>& counts, Plan& plan) {
  for (const auto& [repository, allowed] : overrides.allow_deletes) {
    if (counts.count(repository) > 0) continue;
    plan.warnings.push_back(
        fmt::format("--allow-deletes {}={}: this configuration deletes nothing in a repository of "
                    "that name",
                    repository, allowed));
  }
}

void KeepObserved(const Observed& observed, Plan& plan) {
  plan.catalog_told = observed.orphans_untold.ok();
  for (const auto& [repository, seen] : observed.repositories) {
    if (!seen.listed || !seen.status.ok()) continue;
    SeenRepository& kept = plan.observed[repository.ToString()];
    kept.exists = seen.exists;
    for (const std::string& tag : seen.tags) {
      kept.tags[tag] = observed.DigestOf(repository, tag).str();
    }
    Append(plan.warnings, seen.warnings);
  }
  for (const auto& [orphan, images] : observed.orphan_images) {
    if (!images.ok()) continue;
    SeenRepository& kept = plan.observed[orphan.ToString()];
    kept.exists = true;
    for (const auto& [tag, image] : *images) kept.tags[tag] = image.digest.str();
  }
}

}  // namespace

absl::StatusOr<Plan> MakePlan(const Config& config, const Desired& desired,
                              const Observed& observed, const PlanRequest& request) {
  const auto planned = [&](Stage stage) { return request.stages.count(stage) > 0; };
  Plan plan;
  plan.imglife_version = request.imglife_version;
  plan.created_at = request.created_at;
  plan.policy_now = request.policy_now;
  plan.expires_at = request.policy_now + request.expires_after;
  plan.config_path = config.file;
  plan.config_digest = config.digest.str();
  plan.config_git_commit = observed.git_commit;
  plan.warnings = desired.warnings;
  if (!observed.git_commit_status.ok()) {
    plan.warnings.push_back(fmt::format(
        "the commit of the configuration can't be told, so labels of images don't name it: {}",
        std::string(observed.git_commit_status.message())));
  }
  std::vector<Problem> problems = desired.errors;

  StageDiff sync;
  StageDiff build;
  if (planned(Stage::kSync)) sync = DiffSync(config, desired, observed);
  if (planned(Stage::kBuild)) build = DiffBuild(config, desired, observed, sync, request.rebuild);
  FollowBuilds(config, observed, build.actions, sync);
  std::set<Repository> unplanned = std::move(sync.unplanned);
  unplanned.merge(build.unplanned);
  Take(plan, problems, std::move(build));
  Take(plan, problems, std::move(sync));
  if (planned(Stage::kEol)) {
    Take(plan, problems, DiffEol(config, desired, observed, request.policy_now));
  }
  if (planned(Stage::kCleanup)) {
    Take(plan, problems, DiffCleanup(config, desired, observed, request.policy_now, unplanned));
    Take(plan, problems, ReportOrphans(config, observed));
  }
  for (Action& hook : PlanHooks(config, desired, plan.actions)) {
    plan.actions.push_back(std::move(hook));
  }
  if (config.retention) {
    const auto counts = CountTags(config, desired, observed);
    WarnOfUnknownAllowances(request.overrides, counts, plan);
    ApplyGuards(config.retention->guard, request.overrides, counts, plan.actions);
  }
  // A report with holes isn't written.
  if (planned(Stage::kStatus) && problems.empty()) {
    Take(plan, problems, DiffStatus(config, desired, observed, request.policy_now, plan.actions));
  }
  ConnectActions(plan.actions);
  const absl::Status sorted = SortActions(plan.actions);
  if (!sorted.ok()) return sorted;
  KeepObserved(observed, plan);
  SortUnique(plan.warnings);
  TellErrors(problems, plan);
  std::sort(plan.not_planned.begin(), plan.not_planned.end());
  return plan;
}

}  // namespace imglife
