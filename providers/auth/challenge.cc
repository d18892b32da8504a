#include "providers/auth/challenge.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"

namespace imglife {
namespace {

constexpr std::size_t kMaxHeaderLength = 16 << 10;

bool IsTokenCharacter(char c) {
  constexpr std::string_view kSpecial = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kSpecial.find(c) != std::string_view::npos;
}

// Reads from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool AtEnd() const { return text_.empty(); }

  void SkipBlanks() {
    while (!AtEnd() && (text_.front() == ' ' || text_.front() == '\t')) text_.remove_prefix(1);
  }

  void SkipBlanksAndCommas() {
    while (!AtEnd() && (text_.front() == ' ' || text_.front() == '\t' || text_.front() == ',')) {
      text_.remove_prefix(1);
    }
  }

  void SkipToComma() { text_.remove_prefix(std::min(text_.find(','), text_.size())); }

  bool Take(char expected) {
    if (AtEnd() || text_.front() != expected) return false;
    text_.remove_prefix(1);
    return true;
  }

  // Empty if there is none.
  std::string_view TakeToken() {
    std::size_t length = 0;
    while (length < text_.size() && IsTokenCharacter(text_[length])) ++length;
    return TakeFirst(length);
  }

  // A bare value may hold what a token must not (realm=https://…); it ends at a blank or comma.
  std::string_view TakeBareValue() {
    return TakeFirst(std::min(text_.find_first_of(" \t,"), text_.size()));
  }

  // After the opening quote; nothing if the closing one is missing.
  std::optional<std::string> TakeQuoted() {
    std::string value;
    while (!AtEnd()) {
      char c = TakeFirst(1).front();
      if (c == '"') return value;
      if (c == '\\') {
        if (AtEnd()) return std::nullopt;
        c = TakeFirst(1).front();
      }
      value += c;
    }
    return std::nullopt;
  }

 private:
  std::string_view TakeFirst(std::size_t length) {
    const std::string_view first = text_.substr(0, length);
    text_.remove_prefix(length);
    return first;
  }

  std::string_view text_;
};

// The value after "NAME="; nothing if it is broken.
std::optional<std::string> TakeValue(Scanner& scanner) {
  scanner.SkipBlanks();
  if (scanner.Take('"')) return scanner.TakeQuoted();
  return std::string(scanner.TakeBareValue());
}

// The padding of a token68 ("Negotiate abc==") that was read as "abc" and one "=".
bool TakeToken68Padding(Scanner& scanner) {
  bool padding = false;
  while (scanner.Take('=')) padding = true;
  return padding;
}

}  // namespace

std::string Challenge::Parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

std::vector<Challenge> ParseChallenges(std::string_view header) {
  std::vector<Challenge> challenges;
  Scanner scanner(header.substr(0, kMaxHeaderLength));
  while (true) {
    scanner.SkipBlanksAndCommas();
    if (scanner.AtEnd()) return challenges;
    const std::string word = absl::AsciiStrToLower(std::string(scanner.TakeToken()));
    if (word.empty()) {
      scanner.SkipToComma();
      continue;
    }
    scanner.SkipBlanks();
    if (!scanner.Take('=')) {
      challenges.push_back({word, {}});
      continue;
    }
    if (TakeToken68Padding(scanner)) continue;
    std::optional<std::string> value = TakeValue(scanner);
    if (!value || challenges.empty()) return challenges;
    challenges.back().parameters.emplace(word, *std::move(value));
  }
}

}  // namespace imglife
