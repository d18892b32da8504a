// What can't be planned, and why: many things may have one cause, which people want to read once.
// Plain data, and its words. Pure.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

namespace imglife {

// What a cause does to something. In the order in which it is told.
enum class Effect {
  kRepositoryUnread,
  kTagUnread,
  kEntryUnplanned,
  kImageUnplanned,
  kProductUnfetched,
  kNothingDeleted,
};

// What it is done to: "registry.example.com/bases/alpine", "imglife.yaml:3:7: sync.entries[0]".
using Effects = std::map<Effect, std::string>;

struct Problem {
  // A cause of its own. Implicit, as most of them are one sentence.
  Problem(std::string sentence);  // NOLINT(google-explicit-constructor)
  // "THAT: CAUSE". Everything with the same cause is told as one.
  Problem(const std::string& that, std::string cause, Effects effects);

  // All of it in one sentence, for where nothing else has the cause.
  std::string text;
  std::string cause;
  Effects effects;

  operator const std::string&() const { return text; }  // NOLINT(google-explicit-constructor)
  friend auto operator<=>(const Problem&, const Problem&) = default;
};

struct ToldProblems {
  // One for each cause, sorted: the sentence of its only problem, or "3 repositories could not be
  // read (A, B, C), nothing is deleted in D: CAUSE".
  std::vector<std::string> lines;
  // By the text of a problem: the line that tells it.
  std::map<std::string, std::string> line_of;
};
ToldProblems TellProblems(const std::vector<Problem>& problems);

}  // namespace imglife
