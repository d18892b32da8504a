#include "engine/report/plan_words.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/plan/words.h"

namespace imglife {
namespace {

enum class Sort { kDeletion, kArchive, kOther };

Sort SortOf(const Action& action) {
  if (action.kind == ActionKind::kDelete) return Sort::kDeletion;
  return action.kind == ActionKind::kArchive ? Sort::kArchive : Sort::kOther;
}

const char* NounOf(Sort sort) {
  constexpr std::array<const char*, 3> kNouns = {"deletion", "archive action", "other action"};
  return kNouns[static_cast<std::size_t>(sort)];
}

}  // namespace

char PlanSymbol(const Action& action) {
  switch (action.operation) {
    case Operation::kCreate:
      return '+';
    case Operation::kUpdate:
      return '~';
    case Operation::kDelete:
      return '-';
    case Operation::kRun:
      return '*';
  }
  return ' ';
}

std::string PlanClosing(const Plan& plan) {
  const PlanSummary summary = Summarize(plan);
  if (summary.empty() && plan.errors.empty() && !plan.partial) {
    return "No changes. Registries match the configuration.";
  }
  return fmt::format("Plan: {} to add, {} to change, {} to destroy.", summary.add, summary.change,
                     summary.destroy);
}

std::vector<std::string> BlockedLines(const Plan& plan) {
  std::map<Sort, std::map<std::string, std::size_t>> blocked;
  for (const Action& action : plan.actions) {
    if (action.blocked) ++blocked[SortOf(action)][action.blocked->guard];
  }
  std::vector<std::string> lines;
  for (const auto& [sort, guards] : blocked) {
    std::size_t total = 0;
    std::vector<std::string> parts;
    for (const auto& [guard, count] : guards) {
      total += count;
      parts.push_back(fmt::format("{} by {}", count, guard));
    }
    lines.push_back(fmt::format("{} {} blocked: {}", CountText(total, NounOf(sort)),
                                total == 1 ? "is" : "are", fmt::join(parts, ", ")));
  }
  return lines;
}

std::string PullsLine(const Plan& plan) {
  if (!plan.pulls) return "";
  const PlannedPulls& pulls = *plan.pulls;
  return fmt::format("{}: these copies take {}{}; {} of {} are left (within {}).", pulls.registry,
                     pulls.at_least ? "at least " : "up to ",
                     CountText(static_cast<std::size_t>(pulls.needed), "pull"), pulls.remaining,
                     pulls.limit, absl::FormatDuration(pulls.window));
}

std::vector<const Action*> ActionsOfStage(const Plan& plan, Stage stage) {
  std::vector<std::pair<std::string, const Action*>> keyed;
  for (const Action& action : plan.actions) {
    if (action.stage == stage) keyed.emplace_back(action.Address(), &action);
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<const Action*> actions;
  for (const auto& [address, action] : keyed) actions.push_back(action);
  return actions;
}

std::vector<std::string> RemarksOf(const Action& action) {
  if (!action.remarks.empty() || action.reason.empty()) return action.remarks;
  return {action.reason};
}

}  // namespace imglife
