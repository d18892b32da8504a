#include "engine/cli/stage_summary.h"

#include <cstdint>

#include "fmt/format.h"

#include "engine/plan/words.h"
#include "engine/report/apply_text.h"

namespace imglife {
namespace {

struct Tally {
  std::size_t done = 0;
  std::size_t archived = 0;
  std::size_t errors = 0;
  std::size_t blocked = 0;
  std::size_t cancelled = 0;
  std::int64_t bytes = 0;
};

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

Tally CountResults(Stage stage, const Plan& plan, const std::vector<ActionResult>& results) {
  Tally tally;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Action& action = plan.actions[i];
    const ResultState state = results[i].state;
    if (state == ResultState::kBlocked || state == ResultState::kWithheld) ++tally.blocked;
    if (state == ResultState::kCancelled) ++tally.cancelled;
    if (state == ResultState::kFailed || state == ResultState::kSkipped ||
        state == ResultState::kInterrupted) {
      ++tally.errors;
    }
    if (state != ResultState::kOk) continue;
    if (action.kind == ActionKind::kArchive) ++tally.archived;
    if (action.kind != MainKind(stage)) continue;
    ++tally.done;
    tally.bytes += action.bytes.value_or(0);
  }
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

std::vector<SummaryRow> Rows(Stage stage, const Tally& tally, const StageExtent& extent) {
  const auto row = [](const char* label, std::size_t value) {
    return SummaryRow{label, fmt::format("{}", value)};
  };
  const std::size_t errors = tally.errors + extent.errors;
  const std::size_t touched = tally.done + tally.blocked + tally.cancelled + tally.errors;
  const std::size_t rest = extent.examined > touched ? extent.examined - touched : 0;
  std::vector<SummaryRow> rows;
  switch (stage) {
    case Stage::kSync:
      rows = {row("Tags examined", extent.examined),
              row("Copied", tally.done),
              row("Up to date", rest),
              {"Bytes", SizeText(tally.bytes)}};
      break;
    case Stage::kBuild:
      rows = {row("Images examined", extent.examined), row("Built", tally.done),
              row("Up to date", rest)};
      break;
    case Stage::kCleanup:
      rows = {row("Tags examined", extent.examined), row("Deleted", tally.done),
              row("Archived", tally.archived),
              row("Kept", extent.examined > tally.done ? extent.examined - tally.done : 0)};
      break;
    default:
      rows = {row("Products examined", extent.examined), row("Files written", tally.done)};
      break;
  }
  if (tally.blocked > 0) rows.push_back(row("Blocked", tally.blocked));
  if (tally.cancelled > 0) rows.push_back(row("Not started", tally.cancelled));
  rows.push_back(row("Errors", errors));
  return rows;
}

}  // namespace

std::string StageSummary(Stage stage, const Plan& plan, const std::vector<ActionResult>& results,
                         const StageExtent& extent, absl::Duration took) {
  return SummaryTree(Title(stage), took, Rows(stage, CountResults(stage, plan, results), extent));
}

}  // namespace imglife
