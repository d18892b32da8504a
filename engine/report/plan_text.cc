#include "engine/report/plan_text.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "engine/report/plan_words.h"
#include "engine/report/text_width.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

constexpr std::size_t kKindWidth = 8;
// Targets up to this many characters leave the remarks of every plan in the same column.
constexpr std::size_t kTargetWidth = 55;
// A longer target has its remarks to itself, and leaves the column of the others where it is.
constexpr std::size_t kLongestTarget = 100;
constexpr std::string_view kBetweenColumns = "  ";
constexpr std::string_view kIndent = "  ";
constexpr std::string_view kDetailIndent = "      ";

class PlanTextWriter {
 public:
  PlanTextWriter(const Plan& plan, bool color) : plan_(plan), color_(color) {
    for (const Action& action : plan.actions) {
      const std::size_t width = TextWidth(EscapeControl(action.target));
      if (width <= kLongestTarget) target_width_ = std::max(target_width_, width);
    }
  }

  std::string Write() {
    if (!plan_.actions.empty()) WriteActions();
    WriteFilters();
    WriteBlock("Warnings:", plan_.warnings);
    WriteBlock("Errors:", plan_.errors);
    if (plan_.pulls) Line("", PullsLine(plan_));
    for (const std::string& line : BlockedLines(plan_)) Line("", line);
    Line("", PlanClosing(plan_));
    return std::move(text_);
  }

 private:
  // One line; `text` is escaped.
  void Line(std::string_view indent, std::string_view text) {
    text_ += indent;
    text_ += EscapeControl(text);
    text_ += '\n';
  }

  void WriteActions() {
    const bool runs = std::any_of(plan_.actions.begin(), plan_.actions.end(),
                                  [](const Action& action) { return !action.blocked.has_value(); });
    Line("", runs ? "imglife will perform the following actions:"
                  : "imglife would perform the following actions, all of which are blocked:");
    text_ += '\n';
    for (const Stage stage :
         {Stage::kSync, Stage::kBuild, Stage::kEol, Stage::kStatus, Stage::kCleanup}) {
      const std::vector<const Action*> actions = ActionsOfStage(plan_, stage);
      if (actions.empty()) continue;
      Line(kIndent, StageName(stage));
      for (const Action* action : actions) WriteAction(*action);
      text_ += '\n';
    }
  }

  void WriteAction(const Action& action) {
    text_ += kIndent;
    WriteSymbol(PlanSymbol(action));
    text_ += ' ';
    WritePadded(KindName(action.kind), kKindWidth);
    const std::vector<std::string> remarks = RemarksOf(action);
    const std::string target = EscapeControl(action.target);
    if (remarks.empty()) {
      text_ += target;
    } else {
      WritePadded(target, target_width_);
      text_ += kBetweenColumns;
    }
    for (std::size_t i = 0; i < remarks.size(); ++i) {
      if (i > 0) text_ += " · ";
      text_ += EscapeControl(remarks[i]);
    }
    text_ += '\n';
    for (const ActionDetail& detail : action.details) WriteDetail(detail);
    if (!action.blocked) return;
    Line(kDetailIndent, "blocked by " + action.blocked->guard + ": " + action.blocked->reason);
  }

  void WriteDetail(const ActionDetail& detail) {
    text_ += kDetailIndent;
    if (detail.symbol != ' ') {
      WriteSymbol(detail.symbol);
      text_ += ' ';
    }
    Line("", detail.text);
  }

  void WriteFilters() {
    if (plan_.filters.empty()) return;
    Line("", plan_.partial ? "Filters (this plan leaves actions out):" : "Filters:");
    for (const std::string& filter : plan_.filters) Line(kIndent, filter);
    for (const std::string& note : plan_.filter_notes) Line(kIndent, note);
  }

  void WriteBlock(std::string_view title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    Line("", title);
    for (const std::string& line : lines) Line(kIndent, line);
  }

  void WritePadded(std::string_view text, std::size_t width) {
    text_ += text;
    const std::size_t written = TextWidth(text);
    if (written < width) text_.append(width - written, ' ');
  }

  void WriteSymbol(char symbol) {
    if (!color_) {
      text_ += symbol;
      return;
    }
    text_ += ColorOf(symbol);
    text_ += symbol;
    text_ += "\x1b[0m";
  }

  static std::string_view ColorOf(char symbol) {
    switch (symbol) {
      case '+':
        return "\x1b[32m";
      case '~':
        return "\x1b[33m";
      case '-':
        return "\x1b[31m";
      default:
        return "\x1b[36m";
    }
  }

  const Plan& plan_;
  const bool color_;
  std::size_t target_width_ = kTargetWidth;
  std::string text_;
};

}  // namespace

std::string PlanAsText(const Plan& plan, bool color) {
  return PlanTextWriter(plan, color).Write();
}

}  // namespace imglife
