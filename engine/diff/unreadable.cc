#include "engine/diff/unreadable.h"

#include <algorithm>
#include <set>
#include <utility>

#include "fmt/format.h"

#include "engine/plan/words.h"

namespace imglife {
namespace {

std::vector<Problem> UnreadableOrphans(const Observed& observed) {
  std::vector<Problem> lines;
  if (!observed.orphans_status.ok()) {
    lines.emplace_back(std::string(observed.orphans_status.message()));
  }
  for (const Orphan& orphan : observed.orphans) {
    if (orphan.tags) continue;
    lines.emplace_back(
        fmt::format("the tags of {} could not be read", orphan.repository.ToString()));
  }
  return lines;
}

// What only says that nothing is deleted because of something that is told itself.
bool Follows(const Problem& problem, const std::set<std::string>& told) {
  return std::any_of(told.begin(), told.end(), [&](const std::string& cause) {
    return problem.cause.find(cause) != std::string::npos;
  });
}

// A report deletes nothing: that it can't be told what would go matters, and where it doesn't.
std::vector<Problem> WithoutDeletions(const std::vector<Problem>& problems) {
  std::vector<Problem> kept;
  std::set<std::string> told;
  for (Problem problem : problems) {
    if (problem.effects.erase(Effect::kNothingDeleted) == 0 || !problem.effects.empty()) {
      told.insert(problem.cause);
      kept.push_back(std::move(problem));
    }
  }
  for (const Problem& problem : problems) {
    const bool only_deletions =
        problem.effects.size() == 1 && problem.effects.count(Effect::kNothingDeleted) > 0;
    if (!only_deletions || Follows(problem, told)) continue;
    kept.emplace_back(fmt::format("what is due for deletion can't be told: {}", problem.cause));
  }
  return kept;
}

}  // namespace

std::vector<std::string> Unreadable(const Observation& seen, const StageDiff& cleanup) {
  std::vector<Problem> problems = seen.desired.errors;
  const auto add = [&](Effect effect, const std::string& what, const absl::Status& status) {
    problems.emplace_back(fmt::format("{} could not be read", what), WhyText(what, status),
                          Effects{{effect, what}});
  };
  for (const auto& [repository, there] : seen.observed.repositories) {
    if (there.listed && !there.status.ok()) {
      add(Effect::kRepositoryUnread, repository.ToString(), there.status);
    }
    for (const auto& [tag, found] : there.resolved) {
      if (found.ok() || absl::IsNotFound(found.status())) continue;
      add(Effect::kTagUnread, Reference{repository, tag, {}}.ToString(), found.status());
    }
  }
  for (Problem& orphan : UnreadableOrphans(seen.observed)) problems.push_back(std::move(orphan));
  problems.insert(problems.end(), cleanup.errors.begin(), cleanup.errors.end());
  if (!seen.observed.eol_file_status.ok()) {
    problems.emplace_back(std::string(seen.observed.eol_file_status.message()));
  }
  return TellProblems(WithoutDeletions(problems)).lines;
}

}  // namespace imglife
