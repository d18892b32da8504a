#include "engine/cli/stage_summary.h"

#include <cstdint>

#include "fmt/format.h"

#include "engine/plan/words.h"
#include "engine/report/apply_text.h"

namespace imglife {
namespace {

struct Tally {
  std::size_t done = 0;
  std::size_t archived = 0;  // deleted, and in the archive
  std::size_t already = 0;
  std::size_t blocked = 0;
  std::size_t cancelled = 0;
  std::size_t errors = 0;
  std::size_t other_errors = 0;
  std::int64_t bytes = 0;

  std::size_t Total() const { return done + archived + already + blocked + cancelled + errors; }
};

std::size_t& CounterOf(ResultState state, const Action& action, Tally& tally) {
  switch (state) {
    case ResultState::kOk:
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
    if (results[i].state == ResultState::kOk) tally.bytes += action.bytes.value_or(0);
  }
  tally.errors += extent.not_planned;
  return tally;
}

std::string Title(Stage stage) {
  switch (stage) {
    case Stage::kSync:
      return "Sync Summary";
    case Stage::kBuild:
      return "Build Summary";
    case Stage::kEol:
      return "EOL Summary";
    case Stage::kStatus:
      return "Status Summary";
    case Stage::kCleanup:
      return "Cleanup Summary";
  }
  return "";
}

SummaryRow Row(const char* label, std::size_t value) {
  return {label, fmt::format("{}", value)};
}

// What nothing happened to.
std::size_t Rest(const Tally& tally, const StageExtent& extent) {
  const std::size_t counted = tally.Total() + extent.left_out;
  return extent.examined > counted ? extent.examined - counted : 0;
}

std::vector<SummaryRow> RowsOfChanges(Stage stage, const Tally& tally, const StageExtent& extent) {
  const std::size_t rest = Rest(tally, extent);
  switch (stage) {
    case Stage::kSync:
      return {Row("Tags examined", extent.examined),
              Row("Copied", tally.done),
              Row("Up to date", rest + tally.already),
              {"Bytes", SizeText(tally.bytes)}};
    case Stage::kBuild:
      return {Row("Images examined", extent.examined), Row("Built", tally.done),
              Row("Up to date", rest + tally.already)};
    case Stage::kCleanup:
      return {Row("Tags examined", extent.examined), Row("Deleted", tally.done),
              Row("Archived", tally.archived), Row("Kept", rest)};
    default:
      return {Row("Products examined", extent.examined), Row("Updated", tally.done),
              Row("Unchanged", rest + tally.already)};
  }
}

std::vector<SummaryRow> Rows(Stage stage, const Tally& tally, const StageExtent& extent) {
  std::vector<SummaryRow> rows = RowsOfChanges(stage, tally, extent);
  const auto add_some = [&](const char* label, std::size_t value) {
    if (value > 0) rows.push_back(Row(label, value));
  };
  if (stage == Stage::kCleanup) add_some("Already gone", tally.already);
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
  return SummaryTree(Title(stage), took,
                     Rows(stage, CountResults(stage, plan, results, extent), extent));
}

}  // namespace imglife
