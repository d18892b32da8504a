#include "engine/report/apply_text.h"

#include <algorithm>
#include <string_view>

#include "fmt/format.h"

#include "engine/report/duration_text.h"
#include "engine/report/plan_words.h"
#include "engine/report/text_width.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

constexpr std::size_t kRuleWidth = 35;

std::string_view FirstWords(const ApplyCounts& counts, bool complete) {
  if (complete) return "Apply complete";
  return counts.cancelled + counts.interrupted > 0 ? "Apply stopped" : "Apply failed";
}

std::string HooksLine(const ApplyCounts& counts) {
  if (counts.hooks_run + counts.hooks_failed + counts.hooks_skipped == 0) return "";
  return fmt::format("Hooks: {} ran, {} failed, {} skipped.\n", counts.hooks_run,
                     counts.hooks_failed, counts.hooks_skipped);
}

// What follows the target of a finished step.
std::string EndText(const ActionResult& result) {
  const std::string took = SecondsText(result.took);
  switch (result.state) {
    case ResultState::kOk:
      return took;
    case ResultState::kSatisfied:
      return "already so";
    case ResultState::kFailed:
      return "failed after " + took;
    case ResultState::kSkipped:
      return "skipped";
    case ResultState::kBlocked:
      return result.guard.empty() ? "blocked" : fmt::format("blocked ({})", result.guard);
    case ResultState::kWithheld:
      return "withheld";
    case ResultState::kCancelled:
      return "cancelled";
    case ResultState::kInterrupted:
      return "interrupted after " + took;
  }
  return took;
}

struct TreeRow {
  std::string label;
  std::string value;
};

std::vector<TreeRow> WithBranches(const std::vector<SummaryRow>& rows) {
  std::vector<TreeRow> branches;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const char* branch = i + 1 == rows.size() ? "└─ " : "├─ ";
    branches.push_back(
        {(i == 0 ? "" : branch) + EscapeControl(rows[i].label), EscapeControl(rows[i].value)});
  }
  return branches;
}

}  // namespace

std::string ApplyClosing(const ApplyCounts& counts, bool complete, absl::Duration took) {
  return fmt::format(
             "{}: {} added, {} changed, {} destroyed; {} already so, {} failed, {} skipped, {} "
             "blocked, {} withheld, {} cancelled, {} interrupted in {}.\n",
             FirstWords(counts, complete), counts.added, counts.changed, counts.destroyed,
             counts.satisfied, counts.failed, counts.skipped, counts.blocked, counts.withheld,
             counts.cancelled, counts.interrupted, SecondsText(took)) +
         HooksLine(counts);
}

std::string DryRunClosing(const ApplyCounts& counts) {
  std::string text = fmt::format(
      "Dry run, nothing was changed: {} would be added, {} changed, {} destroyed; {} already so, "
      "{} "
      "failed, {} skipped, {} blocked, {} withheld, {} cancelled, {} interrupted.\n",
      counts.added, counts.changed, counts.destroyed, counts.satisfied, counts.failed,
      counts.skipped, counts.blocked, counts.withheld, counts.cancelled, counts.interrupted);
  if (counts.hooks_run > 0) text += fmt::format("Hooks: {} would run.\n", counts.hooks_run);
  return text;
}

namespace {

// Lines stay lines, those after the first below the action that they tell of.
std::string EscapeLines(std::string_view text) {
  std::string lines;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    if (start > 0) lines += "\n      ";
    lines += EscapeControl(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

}  // namespace

std::string ActionEndLine(const Action& action, const ActionResult& result) {
  const bool explains = !result.message.empty();
  return fmt::format("  {} {} {}  {}{}", PlanSymbol(action), std::string(KindName(action.kind)),
                     EscapeControl(action.target), EndText(result),
                     explains ? ": " + EscapeLines(result.message) : "");
}

std::string SummaryTree(const std::string& title, absl::Duration took,
                        const std::vector<SummaryRow>& rows) {
  std::string text = fmt::format("{} · {}\n", EscapeControl(title), SecondsText(took));
  for (std::size_t i = 0; i < kRuleWidth; ++i) text += "─";
  text += '\n';
  const std::vector<TreeRow> lines = WithBranches(rows);
  std::size_t labels = 0;
  std::size_t values = 0;
  for (const TreeRow& line : lines) {
    labels = std::max(labels, TextWidth(line.label));
    values = std::max(values, TextWidth(line.value));
  }
  for (const TreeRow& line : lines) {
    const std::size_t gap = labels - TextWidth(line.label) + 1 + values - TextWidth(line.value);
    text += line.label + std::string(gap, ' ') + line.value + '\n';
  }
  return text;
}

}  // namespace imglife
