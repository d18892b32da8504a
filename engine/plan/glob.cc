#include <cstddef>
#include <string>
#include <string_view>

#include "engine/plan/filter.h"

namespace imglife {
namespace {

// What a pattern asks of one character, and how many bytes of the pattern say so.
struct GlobStep {
  std::size_t size = 1;
  bool matches = false;
};

// Where the class that starts at `pattern[0]` ends: the ']' that is not its first member. npos for
// a '[' that stands for itself.
std::size_t ClassEnd(std::string_view pattern) {
  std::size_t first = 1;
  if (first < pattern.size() && (pattern[first] == '!' || pattern[first] == '^')) ++first;
  return pattern.find(']', first + 1);
}

GlobStep MatchClass(std::string_view pattern, std::size_t end, char c) {
  std::string_view members = pattern.substr(1, end - 1);
  const bool negated = members.front() == '!' || members.front() == '^';
  if (negated) members.remove_prefix(1);
  bool inside = false;
  while (!members.empty()) {
    const bool range = members.size() >= 3 && members[1] == '-';
    const char last = range ? members[2] : members[0];
    inside = inside || (members[0] <= c && c <= last);
    members.remove_prefix(range ? 3 : 1);
  }
  return {end + 1, inside != negated};
}

GlobStep MatchOne(std::string_view pattern, char c) {
  if (pattern.front() == '?') return {1, true};
  if (pattern.front() == '[') {
    const std::size_t end = ClassEnd(pattern);
    if (end != std::string_view::npos) return MatchClass(pattern, end, c);
  }
  return {1, pattern.front() == c};
}

}  // namespace

bool GlobMatches(const std::string& pattern, const std::string& text) {
  const std::string_view glob = pattern;
  std::size_t p = 0;
  std::size_t t = 0;
  // After the last `*`, and how much of the text it has taken: the only place to go back to.
  std::size_t after_star = std::string_view::npos;
  std::size_t taken = 0;
  while (t < text.size()) {
    if (p < glob.size() && glob[p] == '*') {
      after_star = ++p;
      taken = t;
      continue;
    }
    const GlobStep step = p < glob.size() ? MatchOne(glob.substr(p), text[t]) : GlobStep{};
    if (step.matches) {
      p += step.size;
      ++t;
    } else if (after_star != std::string_view::npos) {
      p = after_star;
      t = ++taken;
    } else {
      return false;
    }
  }
  while (p < glob.size() && glob[p] == '*') ++p;
  return p == glob.size();
}

}  // namespace imglife
