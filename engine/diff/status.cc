#include <algorithm>
#include <string>

#include "fmt/format.h"

#include "engine/diff/commit_as_it_is.h"
#include "engine/diff/diff.h"
#include "engine/plan/graph.h"
#include "engine/plan/words.h"
#include "engine/report/status_report.h"

namespace imglife {

StageDiff DiffStatus(const Config& config, const Desired& desired, const Observed& observed,
                     absl::Time policy_now, const std::vector<Action>& others) {
  StageDiff diff;
  if (config.status.output.empty()) return diff;
  if (!observed.status_file_status.ok()) {
    diff.errors.push_back(std::string(observed.status_file_status.message()));
    return diff;
  }
  const std::string existing = observed.status_file_content.value_or("");
  const absl::Status marks = CheckMarks(existing);
  if (!marks.ok()) {
    diff.errors.push_back(fmt::format("{}: {}: {}", PlaceText(config, config.status.rule),
                                      config.status.output_as_written,
                                      std::string(marks.message())));
    return diff;
  }
  const bool pending = std::any_of(others.begin(), others.end(), ChangesReport);
  Action action;
  action.commit.content = PlaceBetweenMarks(
      existing, StatusAsMarkdown(MakeStatusReport(config, desired, observed, policy_now, others)));
  action.commit.content_known = !pending;
  if (!pending && observed.status_file_content && action.commit.content == existing) {
    PlanCommitAsItIs({.stage = Stage::kStatus,
                      .name = config.status.output_as_written,
                      .rule = config.status.rule,
                      .content = existing},
                     observed.status_file_uncommitted, diff);
    return diff;
  }
  if (pending) action.commit.content.clear();
  action.kind = ActionKind::kCommit;
  action.stage = Stage::kStatus;
  action.target = config.status.output_as_written;
  action.operation = observed.status_file_content ? Operation::kUpdate : Operation::kCreate;
  action.cause = Cause::kPending;
  action.rule = config.status.rule;
  action.before =
      observed.status_file_content ? Digest::OfBytes(existing).str() : std::string(kAbsent);
  if (!pending) action.after = Digest::OfBytes(action.commit.content).str();
  action.reason = pending ? std::string(kReportFollows) : "the report's facts changed";
  action.remarks = {action.reason};
  TellOfNoCommit("status", config.status.git, observed.status_file_in_work_tree, action, diff);
  diff.actions.push_back(std::move(action));
  return diff;
}

}  // namespace imglife
