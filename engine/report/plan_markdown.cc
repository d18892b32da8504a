#include "engine/report/plan_markdown.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/plan/words.h"
#include "engine/report/deletion_words.h"
#include "engine/report/plan_words.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

// A heading with rows below it, of which the last ones may be left out.
struct Section {
  std::string title;
  std::string noun;  // of a row
  std::string head;  // of the table; empty for a list
  std::vector<std::string> rows;
};

std::string Row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += fmt::format(" {} |", cell);
  return row + "\n";
}

std::string TableHead(const std::vector<std::string>& titles) {
  return Row(titles) + Row(std::vector<std::string>(titles.size(), "---"));
}

Section ListSection(std::string title, std::string noun, const std::vector<std::string>& lines) {
  Section section{std::move(title), std::move(noun), "", {}};
  for (const std::string& line : lines) {
    section.rows.push_back(fmt::format("- {}\n", EscapeMarkdown(line)));
  }
  return section;
}

// One row for each guard and reason in a repository.
Section GuardSection(const Plan& plan) {
  std::map<std::pair<std::string, std::string>, std::pair<std::string, std::size_t>> results;
  for (const Action& action : plan.actions) {
    if (!action.blocked) continue;
    const Reference target = action.TargetReference();
    const std::string place = target.tag.empty() ? action.target : target.repository.ToString();
    auto& [reason, count] = results[{place, action.blocked->guard}];
    if (count++ == 0) reason = action.blocked->reason;
  }
  Section section{
      "Guards", "guard result", TableHead({"Where", "Guard", "Blocked actions", "Reason"}), {}};
  for (const auto& [where, result] : results) {
    section.rows.push_back(Row({EscapeMarkdown(where.first), EscapeMarkdown(where.second),
                                std::to_string(result.second), EscapeMarkdown(result.first)}));
  }
  return section;
}

// What stands behind the target: remarks, details and why it is blocked, escaped.
std::string WhatText(const Action& action) {
  std::string text;
  for (const std::string& remark : RemarksOf(action)) {
    text += (text.empty() ? "" : " · ") + EscapeMarkdown(remark);
  }
  for (const ActionDetail& detail : action.details) {
    const std::string symbol = detail.symbol == ' ' ? "" : std::string(1, detail.symbol) + " ";
    text += "<br>" + EscapeMarkdown(symbol + detail.text);
  }
  if (action.blocked) {
    text += fmt::format("<br>blocked by {}: {}", EscapeMarkdown(action.blocked->guard),
                        EscapeMarkdown(action.blocked->reason));
  }
  return text;
}

Section ActionSection(std::string title, std::string noun,
                      const std::vector<const Action*>& actions) {
  Section section{std::move(title), std::move(noun), TableHead({"Kind", "Target", "What"}), {}};
  for (const Action* action : actions) {
    section.rows.push_back(Row(
        {std::string(KindName(action->kind)), EscapeMarkdown(action->target), WhatText(*action)}));
  }
  return section;
}

Section DeletionSection(const Plan& plan, const std::vector<const Action*>& deletions) {
  const DeletionWords words(plan);
  Section section{
      "Deletions",
      "deletion",
      TableHead({"Tag", "Reason", "Digest", "Also named by", "Why nothing else is lost"}),
      {}};
  for (const Action* deletion : deletions) {
    section.rows.push_back(
        Row({EscapeMarkdown(deletion->target), EscapeMarkdown(deletion->reason),
             EscapeMarkdown(ShortState(deletion->before)),
             EscapeMarkdown(words.Siblings(*deletion)), EscapeMarkdown(words.Safety(*deletion))}));
  }
  return section;
}

std::vector<const Action*> OfOperation(const Plan& plan, Operation operation) {
  std::vector<const Action*> chosen;
  for (const Stage stage :
       {Stage::kSync, Stage::kBuild, Stage::kEol, Stage::kStatus, Stage::kCleanup}) {
    for (const Action* action : ActionsOfStage(plan, stage)) {
      if (action->operation == operation) chosen.push_back(action);
    }
  }
  return chosen;
}

std::string Summary(const Plan& plan) {
  std::string text = fmt::format("## imglife plan\n\n**{}**\n", PlanClosing(plan));
  for (const std::string& line : BlockedLines(plan)) {
    text += fmt::format("\n{}\n", EscapeMarkdown(line));
  }
  if (plan.pulls) text += fmt::format("\n{}\n", EscapeMarkdown(PullsLine(plan)));
  if (plan.filters.empty()) return text;
  text += plan.partial ? "\nFilters leave actions out of this plan:\n\n" : "\nFilters:\n\n";
  for (const std::string& filter : plan.filters) text += "- " + EscapeMarkdown(filter) + "\n";
  for (const std::string& note : plan.filter_notes) text += "- " + EscapeMarkdown(note) + "\n";
  return text;
}

std::string Title(const Section& section) {
  return fmt::format("\n### {} ({})\n\n", section.title, section.rows.size());
}

// Says exactly how much is left out; empty if nothing is.
std::string CutText(const Section& section, std::size_t shown) {
  const std::size_t left_out = section.rows.size() - shown;
  if (left_out == 0) return "";
  return fmt::format("{}**{} of {} left out: this note would be too long. See the plan itself.**\n",
                     shown > 0 ? "\n" : "", left_out, CountText(section.rows.size(), section.noun));
}

// What a section takes if none of its rows fits.
std::size_t LeastSize(const Section& section) {
  return Title(section).size() + CutText(section, 0).size();
}

// How many rows of a section fit into `room` bytes, which then shrinks by what they take. A section
// that is cut takes all the room, so that nothing of a less important one is shown in its place.
std::size_t Fit(const Section& section, std::size_t& room) {
  const std::size_t reserved = CutText(section, 0).size();
  std::size_t all = section.head.size();
  for (const std::string& row : section.rows) all += row.size();
  if (all <= room + reserved) {
    room = room + reserved - all;
    return section.rows.size();
  }
  // One more for the empty line between a table and the text about what is left out.
  std::size_t taken = section.head.size() + 1;
  std::size_t shown = 0;
  while (shown < section.rows.size() && taken + section.rows[shown].size() <= room) {
    taken += section.rows[shown++].size();
  }
  room = 0;
  return shown;
}

std::string Write(const Section& section, std::size_t shown) {
  std::string text = Title(section);
  if (shown > 0) text += section.head;
  for (std::size_t i = 0; i < shown; ++i) text += section.rows[i];
  return text + CutText(section, shown);
}

std::string SummaryOnly(const Plan& plan, std::size_t limit) {
  const std::string whole = Summary(plan);
  if (whole.size() <= limit) return whole;
  const std::string line = PlanClosing(plan) + "\n";
  return line.size() <= limit ? line : "";
}

}  // namespace

std::string PlanAsMarkdown(const Plan& plan, std::size_t limit) {
  std::vector<Section> sections = {
      GuardSection(plan),
      ListSection("Errors", "error", plan.errors),
      ListSection("Warnings", "warning", plan.warnings),
      DeletionSection(plan, OfOperation(plan, Operation::kDelete)),
      ActionSection("Changes", "change", OfOperation(plan, Operation::kUpdate)),
      ActionSection("Additions", "addition", OfOperation(plan, Operation::kCreate)),
      ActionSection("Hooks", "hook", OfOperation(plan, Operation::kRun)),
  };
  const auto is_empty = [](const Section& section) { return section.rows.empty(); };
  sections.erase(std::remove_if(sections.begin(), sections.end(), is_empty), sections.end());

  std::string text = Summary(plan);
  std::size_t least = text.size();
  for (const Section& section : sections) least += LeastSize(section);
  if (least > limit) return SummaryOnly(plan, limit);
  std::size_t room = limit - least;

  std::vector<std::size_t> shown(sections.size(), 0);
  const auto fit_those = [&](bool deletions) {
    for (std::size_t i = 0; i < sections.size(); ++i) {
      if ((sections[i].noun == "deletion") == deletions) shown[i] = Fit(sections[i], room);
    }
  };
  fit_those(true);
  fit_those(false);
  for (std::size_t i = 0; i < sections.size(); ++i) text += Write(sections[i], shown[i]);
  return text;
}

}  // namespace imglife
