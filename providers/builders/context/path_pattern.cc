#include "providers/builders/context/path_pattern.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"

namespace imglife {
namespace {

// Above all code points: bytes that are no UTF-8 stand for themselves.
constexpr char32_t kRawByte = 0x110000;

unsigned char ByteAt(std::string_view text, std::size_t position) {
  return static_cast<unsigned char>(text[position]);
}

// Length of the UTF-8 sequence at the start of `text`; 1 for a byte that starts none.
std::size_t SequenceLength(std::string_view text) {
  const unsigned char first = ByteAt(text, 0);
  std::size_t length = 1;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (length > text.size()) return 1;
  for (std::size_t i = 1; i < length; ++i) {
    if ((ByteAt(text, i) & 0xC0) != 0x80) return 1;
  }
  return length;
}

// Takes the first character off `text`, which isn't empty.
char32_t TakeCharacter(std::string_view& text) {
  const std::size_t length = SequenceLength(text);
  const unsigned char first = ByteAt(text, 0);
  char32_t character = first;
  if (length == 1 && first >= 0x80) character = kRawByte + first;
  if (length > 1) {
    character = first & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      character = (character << 6) | (ByteAt(text, i) & 0x3Fu);
    }
  }
  text.remove_prefix(length);
  return character;
}

absl::Status Malformed(const std::string& what) {
  return absl::InvalidArgumentError(what);
}

}  // namespace

class PathPattern::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<PathPattern> Parse() {
    if (IsSuffix()) {
      text_.remove_prefix(2);
      Add(Kind::kEverything);
    }
    while (!text_.empty()) {
      absl::Status status = ParseToken();
      if (!status.ok()) return status;
    }
    return std::move(pattern_);
  }

 private:
  // patternmatcher compares the end of the path where `**` is followed by nothing but text: `**a`
  // matches "xa", though `**a*` doesn't match "xab".
  bool IsSuffix() const {
    return text_.substr(0, 2) == "**" && text_.substr(0, 3) != "**/" &&
           text_.find_first_of("*?[]\\", 2) == std::string_view::npos;
  }

  void Add(Kind kind, char32_t character = 0) {
    Token token;
    token.kind = kind;
    token.character = character;
    pattern_.tokens_.push_back(std::move(token));
  }

  absl::Status ParseToken() {
    const char32_t character = TakeCharacter(text_);
    switch (character) {
      case '*':
        AddStars();
        return absl::OkStatus();
      case '?':
        Add(Kind::kNotSlash);
        return absl::OkStatus();
      case '[':
        return ParseClass();
      case '\\':
        if (text_.empty()) return Malformed("nothing follows the last \\");
        Add(Kind::kCharacter, TakeCharacter(text_));
        return absl::OkStatus();
      default:
        Add(Kind::kCharacter, character);
        return absl::OkStatus();
    }
  }

  void AddStars() {
    if (text_.empty() || text_.front() != '*') {
      Add(Kind::kWithinName);
      return;
    }
    text_.remove_prefix(1);
    if (!text_.empty() && text_.front() == '/') text_.remove_prefix(1);
    if (text_.empty()) {
      Add(Kind::kEverything);
    } else {
      Add(Kind::kDirectories);
      Add(Kind::kInsideDirectories);
    }
  }

  absl::Status ParseClass() {
    Token token;
    token.kind = Kind::kClass;
    if (!text_.empty() && text_.front() == '^') {
      token.negated = true;
      text_.remove_prefix(1);
    }
    while (token.ranges.empty() || text_.empty() || text_.front() != ']') {
      const absl::StatusOr<char32_t> low = TakeClassCharacter();
      if (!low.ok()) return low.status();
      absl::StatusOr<char32_t> high = low;
      if (!text_.empty() && text_.front() == '-') {
        text_.remove_prefix(1);
        high = TakeClassCharacter();
        if (!high.ok()) return high.status();
      }
      if (*high < *low) return Malformed("a range in [...] ends before it starts");
      token.ranges.emplace_back(*low, *high);
    }
    text_.remove_prefix(1);
    pattern_.tokens_.push_back(std::move(token));
    return absl::OkStatus();
  }

  absl::StatusOr<char32_t> TakeClassCharacter() {
    if (text_.empty()) return Malformed("[ without ]");
    if (text_.front() == '-' || text_.front() == ']') {
      return Malformed("[...] needs a \\ before - and ], and may not be empty");
    }
    if (text_.front() == '\\') {
      text_.remove_prefix(1);
      if (text_.empty()) return Malformed("[ without ]");
    }
    return TakeCharacter(text_);
  }

  std::string_view text_;
  PathPattern pattern_;
};

absl::StatusOr<PathPattern> PathPattern::Parse(std::string_view pattern) {
  return Parser(pattern).Parse();
}

bool PathPattern::Accepts(const Token& token, char32_t character) {
  switch (token.kind) {
    case Kind::kCharacter:
      return character == token.character;
    case Kind::kNotSlash:
    case Kind::kWithinName:
      return character != '/';
    case Kind::kClass: {
      const bool listed = std::any_of(
          token.ranges.begin(), token.ranges.end(),
          [&](const auto& range) { return range.first <= character && character <= range.second; });
      return listed != token.negated;
    }
    case Kind::kInsideDirectories:
    case Kind::kEverything:
      return true;
    case Kind::kDirectories:
      return false;
  }
  return false;
}

// Marks the position, and those that are reached from it without a character.
void PathPattern::Enter(std::size_t position, std::vector<bool>& positions) const {
  while (!positions[position]) {
    positions[position] = true;
    if (position == tokens_.size()) return;
    switch (tokens_[position].kind) {
      case Kind::kDirectories:
        positions[position + 1] = true;
        position += 2;
        break;
      case Kind::kWithinName:
      case Kind::kEverything:
        ++position;
        break;
      default:
        return;
    }
  }
}

bool PathPattern::Matches(std::string_view path) const {
  return PositionsAfter(path).back();
}

bool PathPattern::MayMatchBelow(std::string_view directory) const {
  const std::vector<bool> positions = PositionsAfter(std::string(directory) + "/");
  return std::find(positions.begin(), positions.end() - 1, true) != positions.end() - 1;
}

std::vector<bool> PathPattern::PositionsAfter(std::string_view text) const {
  std::vector<bool> now(tokens_.size() + 1, false);
  Enter(0, now);
  while (!text.empty()) {
    const char32_t character = TakeCharacter(text);
    std::vector<bool> next(tokens_.size() + 1, false);
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (!now[i] || !Accepts(tokens_[i], character)) continue;
      switch (tokens_[i].kind) {
        case Kind::kWithinName:
        case Kind::kEverything:
          Enter(i, next);
          break;
        case Kind::kInsideDirectories:
          next[i] = true;
          if (character == '/') Enter(i + 1, next);
          break;
        default:
          Enter(i + 1, next);
          break;
      }
    }
    now = std::move(next);
  }
  return now;
}

}  // namespace imglife
