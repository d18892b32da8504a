#include "schema/config/variables.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "fmt/format.h"

namespace imglife {
namespace {

// Defaults inside defaults.
constexpr int kMostLevels = 8;

bool IsNameStart(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool IsNameByte(char c) {
  return IsNameStart(c) || (c >= '0' && c <= '9');
}

// The name that `text` starts with, or nothing.
std::string_view LeadingName(std::string_view text) {
  if (text.empty() || !IsNameStart(text[0])) return {};
  const auto* const end = std::find_if_not(text.begin(), text.end(), IsNameByte);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// Where the brace is that closes `${`, with `text` behind it; npos if none does.
std::size_t ClosingBrace(std::string_view text) {
  int open = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("${")) ++open;
    if (text[i] == '}' && --open == 0) return i;
  }
  return std::string_view::npos;
}

class Expander {
 public:
  Expander(const Environment& environment, std::set<std::string>& read)
      : environment_(environment), read_(read) {}

  const std::set<std::string>& empty() const { return empty_; }

  absl::StatusOr<std::string> Expand(std::string_view text, int level) {
    if (level > kMostLevels) {
      return absl::InvalidArgumentError(
          fmt::format("more than {} defaults inside one another", kMostLevels));
    }
    std::string out;
    while (!text.empty()) {
      const std::size_t dollar = std::min(text.find('$'), text.size());
      out += text.substr(0, dollar);
      text.remove_prefix(dollar);
      if (text.empty()) break;
      absl::StatusOr<std::string> value = TakeVariable(text, level);
      if (!value.ok()) return value;
      out += *value;
    }
    return out;
  }

 private:
  // What the `$` at the start of `text` stands for; takes that off `text`.
  absl::StatusOr<std::string> TakeVariable(std::string_view& text, int level) {
    if (text.starts_with("$$")) {
      text.remove_prefix(2);
      return std::string("$");
    }
    if (text.starts_with("${") && !LeadingName(text.substr(2)).empty()) {
      return TakeBraces(text, level);
    }
    const std::string_view name = LeadingName(text.substr(1));
    text.remove_prefix(1 + name.size());
    if (name.empty()) return std::string("$");
    return Lookup(name);
  }

  absl::StatusOr<std::string> TakeBraces(std::string_view& text, int level) {
    const std::string_view name = LeadingName(text.substr(2));
    const std::size_t close = ClosingBrace(text.substr(2));
    if (close == std::string_view::npos) {
      return absl::InvalidArgumentError(fmt::format("`${{{}` has no closing brace", name));
    }
    const std::string_view rest = text.substr(2 + name.size(), close - name.size());
    text.remove_prefix(2 + close + 1);
    if (rest.empty()) return Lookup(name);
    if (!rest.starts_with(":-")) {
      return absl::InvalidArgumentError(fmt::format(
          "of the forms with braces only ${{{0}}} and ${{{0}:-default}} are known", name));
    }
    const auto found = Read(name);
    if (found != environment_.end() && !found->second.empty()) return found->second;
    return Expand(rest.substr(2), level + 1);
  }

  Environment::const_iterator Read(std::string_view name) {
    read_.emplace(name);
    return environment_.find(name);
  }

  absl::StatusOr<std::string> Lookup(std::string_view name) {
    const auto found = Read(name);
    if (found != environment_.end() && found->second.empty()) empty_.emplace(name);
    if (found != environment_.end()) return found->second;
    return absl::NotFoundError(fmt::format(
        "the environment variable {0} is not set: set it, or write ${{{0}:-default}}", name));
  }

  const Environment& environment_;
  std::set<std::string>& read_;
  std::set<std::string> empty_;
};

}  // namespace

absl::StatusOr<std::string> ExpandVariables(std::string_view text, const Environment& environment) {
  std::set<std::string> nobody_asks;
  return ExpandVariables(text, environment, nobody_asks);
}

absl::StatusOr<std::string> ExpandVariables(std::string_view text, const Environment& environment,
                                            std::set<std::string>& read) {
  return Expander(environment, read).Expand(text, 0);
}

std::set<std::string> EmptyVariables(std::string_view text, const Environment& environment) {
  std::set<std::string> nobody_asks;
  Expander expander(environment, nobody_asks);
  (void)expander.Expand(text, 0);
  return expander.empty();
}

bool HasVariables(std::string_view text) {
  for (std::size_t i = text.find('$'); i < text.size(); i = text.find('$', i)) {
    const std::string_view rest = text.substr(i + 1);
    const std::string_view name = rest.starts_with("{") ? rest.substr(1) : rest;
    if (!LeadingName(name).empty()) return true;
    i += rest.starts_with("$") ? 2 : 1;
  }
  return false;
}

bool IsVariableName(std::string_view text) {
  return !text.empty() && LeadingName(text) == text;
}

}  // namespace imglife
