#include "engine/cli/stage_summary.h"

#include <cstdint>
#include <set>
#include <utility>

#include "fmt/format.h"

#include "engine/plan/words.h"
#include "engine/report/apply_text.h"

namespace imglife {
namespace {

struct Tally {
  std::size_t done = 0;
  std::size_t archived = 0;   // deleted, and in the archive
  std::size_t committed = 0;  // of a file that was written already
  std::size_t already = 0;
  std::size_t blocked = 0;
  std::size_t cancelled = 0;
  std::size_t errors = 0;
  std::size_t other_errors = 0;
  std::int64_t bytes = 0;

  std::size_t Total() const {
    return done + archived + committed + already + blocked + cancelled + errors;
  }
};

std::size_t& CounterOf(ResultState state, const Action& action, Tally& tally) {
  switch (state) {
    case ResultState::kOk:
      if (action.kind == ActionKind::kCommit && action.before == action.after) {
        return tally.committed;
      }
      return action.removal.archived.tag.empty() ? tally.done : tally.archived;
    case ResultState::kSatisfied:
      return tally.already;
    case ResultState::kBlocked:
    case ResultState::kWithheld:
      return tally.blocked;
    case ResultState::kCancelled:
      return tally.cancelled;
    case ResultState::kFailed:
    case ResultState::kSkipped:
    case ResultState::kInterrupted:
      break;
  }
  return tally.errors;
}

bool IsError(const Action& action, ResultState state) {
  // A hook is skipped with the action that it belongs to.
  if (state == ResultState::kSkipped) return action.kind != ActionKind::kHook;
  return state == ResultState::kFailed || state == ResultState::kInterrupted;
}

Tally CountResults(Stage stage, const Plan& plan, const std::vector<ActionResult>& results,
                   const StageExtent& extent) {
  Tally tally;
  tally.other_errors = extent.other_errors;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Action& action = plan.actions[i];
    if (action.kind != MainKind(stage)) {
      if (IsError(action, results[i].state)) ++tally.other_errors;
      continue;
    }
    CounterOf(results[i].state, action, tally) += extent.per_action;
    tally.bytes += results[i].sent;
  }
  tally.errors += extent.not_planned;
  return tally;
}

// Of names of one image in one repository the first one takes it there.
std::int64_t BytesToCopy(const Plan& plan, const std::vector<ActionResult>& results) {
  std::set<std::pair<Repository, std::string>> images;
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Action& action = plan.actions[i];
    if (action.kind != ActionKind::kCopy || results[i].state != ResultState::kOk) continue;
    if (images.emplace(action.TargetReference().repository, action.after).second) {
      bytes += action.bytes.value_or(0);
    }
  }
  return bytes;
}

// What the rows are called.
struct Labels {
  const char* title;
  const char* examined;
  const char* done;
  const char* archived;  // cleanup alone
  const char* rest;
  const char* bytes;      // sync alone
  const char* committed;  // eol alone
};

Labels LabelsOf(Stage stage) {
  switch (stage) {
    case Stage::kSync:
      return {"Sync Summary", "Tags examined", "Copied", "", "Up to date", "Bytes", ""};
    case Stage::kBuild:
      return {"Build Summary", "Images examined", "Built", "", "Up to date", "", ""};
    case Stage::kCleanup:
      return {"Cleanup Summary", "Tags examined", "Deleted", "Archived", "Kept", "", ""};
    default:
      return {"EOL Summary", "Products examined", "Updated", "", "Unchanged", "", "Committed"};
  }
}

Labels DryRunLabelsOf(Stage stage) {
  Labels labels = LabelsOf(stage);
  switch (stage) {
    case Stage::kSync:
      labels.done = "Would copy";
      labels.bytes = "Bytes to copy";
      return labels;
    case Stage::kBuild:
      labels.done = "Would build";
      return labels;
    case Stage::kCleanup:
      labels.done = "Would delete";
      labels.archived = "Would archive";
      labels.rest = "Would keep";
      return labels;
    default:
      labels.done = "Would update";
      labels.committed = "Would commit";
      return labels;
  }
}

SummaryRow Row(const char* label, std::size_t value) {
  return {label, fmt::format("{}", value)};
}

// What nothing happened to.
std::size_t Rest(const Tally& tally, const StageExtent& extent) {
  const std::size_t counted = tally.Total() + extent.left_out;
  return extent.examined > counted ? extent.examined - counted : 0;
}

std::vector<SummaryRow> Rows(Stage stage, const Labels& labels, const Tally& tally,
                             const StageExtent& extent) {
  std::vector<SummaryRow> rows = {Row(labels.examined, extent.examined),
                                  Row(labels.done, tally.done)};
  const std::size_t rest = Rest(tally, extent);
  if (stage == Stage::kCleanup) {
    rows.push_back(Row(labels.archived, tally.archived));
    rows.push_back(Row(labels.rest, rest));
  } else {
    rows.push_back(Row(labels.rest, rest + tally.already));
  }
  if (stage == Stage::kSync) rows.push_back({labels.bytes, SizeText(tally.bytes)});
  const auto add_some = [&](const char* label, std::size_t value) {
    if (value > 0) rows.push_back(Row(label, value));
  };
  if (stage == Stage::kCleanup) add_some("Already gone", tally.already);
  add_some(labels.committed, tally.committed);
  add_some("Left out", extent.left_out);
  add_some("Blocked", tally.blocked);
  add_some("Not started", tally.cancelled);
  rows.push_back(Row("Errors", tally.errors));
  add_some("Other errors", tally.other_errors);
  return rows;
}

}  // namespace

ActionKind MainKind(Stage stage) {
  switch (stage) {
    case Stage::kSync:
      return ActionKind::kCopy;
    case Stage::kBuild:
      return ActionKind::kBuild;
    case Stage::kCleanup:
      return ActionKind::kDelete;
    default:
      return ActionKind::kCommit;
  }
}

std::string StageSummary(Stage stage, const Plan& plan, const std::vector<ActionResult>& results,
                         const StageExtent& extent, absl::Duration took) {
  const Labels labels = LabelsOf(stage);
  return SummaryTree(labels.title, took,
                     Rows(stage, labels, CountResults(stage, plan, results, extent), extent));
}

std::string DryRunSummary(Stage stage, const Plan& plan, const std::vector<ActionResult>& results,
                          const StageExtent& extent, absl::Duration took) {
  const Labels labels = DryRunLabelsOf(stage);
  Tally tally = CountResults(stage, plan, results, extent);
  tally.bytes = BytesToCopy(plan, results);
  return SummaryTree(std::string(labels.title) + " (dry run)", took,
                     Rows(stage, labels, tally, extent)) +
         "Dry run: nothing was changed.\n";
}

}  // namespace imglife
