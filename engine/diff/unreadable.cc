#include "engine/diff/unreadable.h"

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
  return TellProblems(problems).lines;
}

}  // namespace imglife
