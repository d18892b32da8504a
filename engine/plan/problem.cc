#include "engine/plan/problem.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace imglife {
namespace {

// Of many only the first are named: what has no action is in `not_planned` of plan.json.
constexpr std::size_t kMostThingsNamed = 3;

struct EffectWords {
  std::string_view before;
  std::string_view after;
  std::string_view many;
};

EffectWords WordsOf(Effect effect) {
  switch (effect) {
    case Effect::kRepositoryUnread:
      return {"", " could not be read", "repositories"};
    case Effect::kTagUnread:
      return {"", " could not be read", "tags"};
    case Effect::kEntryUnplanned:
      return {"", " can't be planned", "sync entries"};
    case Effect::kImageUnplanned:
      return {"", " can't be planned", "images"};
    case Effect::kProductUnfetched:
      return {"EOL dates of ", " could not be fetched", "products"};
    case Effect::kNothingDeleted:
      return {"nothing is deleted in ", "", "repositories"};
  }
  return {};
}

// "3 tags could not be read (A, B, C)", "A could not be read".
std::string EffectText(Effect effect, const std::set<std::string>& things) {
  const EffectWords words = WordsOf(effect);
  if (things.size() == 1) {
    return fmt::format("{}{}{}", words.before, *things.begin(), words.after);
  }
  const std::size_t named = std::min(things.size(), kMostThingsNamed);
  return fmt::format("{}{} {}{} ({}{})", words.before, things.size(), words.many, words.after,
                     fmt::join(things.begin(),
                               std::next(things.begin(), static_cast<std::ptrdiff_t>(named)), ", "),
                     named < things.size() ? ", …" : "");
}

using Group = std::vector<const Problem*>;

std::string LineOf(const Group& group) {
  const std::string& first = group.front()->text;
  const bool all_the_same = std::all_of(group.begin(), group.end(),
                                        [&](const Problem* one) { return one->text == first; });
  if (all_the_same) return first;
  std::map<Effect, std::set<std::string>> things;
  for (const Problem* problem : group) {
    for (const auto& [effect, thing] : problem->effects) things[effect].insert(thing);
  }
  std::vector<std::string> parts;
  parts.reserve(things.size());
  for (const auto& [effect, those] : things) parts.push_back(EffectText(effect, those));
  const std::string& cause = group.front()->cause;
  return parts.empty() ? cause : fmt::format("{}: {}", fmt::join(parts, ", "), cause);
}

}  // namespace

Problem::Problem(std::string sentence) : text(std::move(sentence)), cause(text) {}

Problem::Problem(const std::string& that, std::string because, Effects affected)
    : text(fmt::format("{}: {}", that, because)),
      cause(std::move(because)),
      effects(std::move(affected)) {}

ToldProblems TellProblems(const std::vector<Problem>& problems) {
  std::map<std::string, Group> groups;
  for (const Problem& problem : problems) groups[problem.cause].push_back(&problem);
  ToldProblems told;
  for (const auto& [cause, group] : groups) {
    const std::string line = LineOf(group);
    told.lines.push_back(line);
    for (const Problem* problem : group) told.line_of[problem->text] = line;
  }
  std::sort(told.lines.begin(), told.lines.end());
  told.lines.erase(std::unique(told.lines.begin(), told.lines.end()), told.lines.end());
  return told;
}

}  // namespace imglife
