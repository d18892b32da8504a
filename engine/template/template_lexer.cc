#include "engine/template/template_lexer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/template/go_number.h"
#include "engine/template/go_quote.h"
#include "engine/template/unicode_class.h"
#include "schema/text/escape.h"
#include "schema/text/utf8.h"

namespace imglife {
namespace {

using Kind = TemplateToken::Kind;

constexpr std::size_t kMostText = std::size_t{4} << 20;
constexpr std::string_view kSpace = " \t\r\n";

bool IsSpace(char c) {
  return kSpace.find(c) != std::string_view::npos;
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// The length of the name that `text` begins with.
std::size_t WordLength(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size()) {
    const Utf8Character character = DecodeUtf8(text.substr(length));
    if (character.size == 0 || !IsWordCharacter(character.code)) break;
    length += character.size;
  }
  return length;
}

// The character that `text` begins with, fit for a message.
std::string FirstCharacter(std::string_view text) {
  return EscapeControl(text.substr(0, std::max<std::size_t>(DecodeUtf8(text).size, 1)));
}

class Lexer {
 public:
  Lexer(const std::string& name, std::string_view text) : name_(name), text_(text) {}

  absl::StatusOr<std::vector<TemplateToken>> Run() {
    bool trim = false;
    while (status_.ok() && at_ < text_.size()) {
      LexText(trim);
      if (at_ < text_.size()) trim = LexAction();
    }
    if (!status_.ok()) return status_;
    Add(Kind::kEnd, "");
    return std::move(tokens_);
  }

 private:
  void LexText(bool trim_front) {
    const std::size_t start = at_;
    const std::size_t open = std::min(text_.find("{{", at_), text_.size());
    std::string_view piece = text_.substr(at_, open - at_);
    if (trim_front) piece.remove_prefix(std::min(piece.find_first_not_of(kSpace), piece.size()));
    if (TrimsBefore(open)) {
      const std::size_t last = piece.find_last_not_of(kSpace);
      piece = piece.substr(0, last == std::string_view::npos ? 0 : last + 1);
    }
    if (!piece.empty()) Add(Kind::kText, std::string(piece));
    Advance(open - start);
  }

  // "{{- " with a space behind the dash.
  bool TrimsBefore(std::size_t open) const {
    return open + 3 < text_.size() && text_[open + 2] == '-' && IsSpace(text_[open + 3]);
  }

  // " -}}" here?
  bool TrimsAfterHere() const { return text_.substr(at_).starts_with("-}}"); }

  // True if what follows is trimmed.
  bool LexAction() {
    const TemplatePlace open = place_;
    const bool trims = TrimsBefore(at_);
    if (text_.substr(at_ + (trims ? 4 : 2)).starts_with("/*")) return LexComment(trims, open);
    Add(Kind::kOpen, "{{");
    Advance(trims ? 4 : 2);
    int parens = 0;
    while (status_.ok()) {
      const bool space = SkipSpace();
      if (at_ >= text_.size()) return Fail(open, "this action is not closed");
      if (space && TrimsAfterHere()) {
        if (parens > 0) return Fail(place_, "a parenthesis is not closed");
        Add(Kind::kClose, "}}");
        Advance(3);
        return true;
      }
      if (text_.substr(at_).starts_with("}}")) {
        if (parens > 0) return Fail(place_, "a parenthesis is not closed");
        Add(Kind::kClose, "}}");
        Advance(2);
        return false;
      }
      after_space_ = space;
      LexInside(parens);
    }
    return false;
  }

  bool LexComment(bool trims, TemplatePlace open) {
    const std::size_t start = at_ + (trims ? 4 : 2);
    const std::size_t end = text_.find("*/", start + 2);
    if (end == std::string_view::npos) return Fail(open, "this comment is not closed");
    std::size_t close = end + 2;
    const std::string_view rest = text_.substr(close);
    bool trims_after = false;
    if (rest.size() > 3 && IsSpace(rest[0]) && rest.substr(1).starts_with("-}}")) {
      trims_after = true;
      close += 4;
    } else if (rest.starts_with("}}")) {
      close += 2;
    } else {
      return Fail(open, "a comment must fill its action: {{/* … */}}");
    }
    Advance(close - at_);
    return trims_after;
  }

  bool SkipSpace() {
    const std::size_t end = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
    const bool any = end > at_;
    Advance(end - at_);
    return any;
  }

  void LexInside(int& parens) {
    const std::string_view rest = text_.substr(at_);
    const char c = rest[0];
    const char next = rest.size() > 1 ? rest[1] : '\0';
    if (c == '"' || c == '\'') return LexQuoted();
    if (c == '`') return LexRaw();
    if (c == '$') return LexName(Kind::kVariable, 1);
    if (c == '+' || c == '-' || IsDigit(c) || (c == '.' && IsDigit(next))) return LexNumber();
    if (c == '.') return LexName(Kind::kField, 1);
    if (WordLength(rest) > 0) return LexName(Kind::kWord, 0);
    if (c == ':' && next == '=') return AddHere(Kind::kDeclare, 2);
    switch (c) {
      case '|':
        return AddHere(Kind::kPipe, 1);
      case '=':
        return AddHere(Kind::kAssign, 1);
      case ',':
        return AddHere(Kind::kComma, 1);
      case '(':
        ++parens;
        return AddHere(Kind::kOpenParen, 1);
      case ')':
        if (--parens < 0) return static_cast<void>(Fail(place_, "an unexpected `)`"));
        return AddHere(Kind::kCloseParen, 1);
      default:
        Fail(place_, fmt::format("unexpected character `{}`", FirstCharacter(rest)));
    }
  }

  void LexQuoted() {
    const std::size_t length = QuotedLength(text_.substr(at_));
    if (length == 0) {
      Fail(place_, "this quoted text is not closed on its line");
      return;
    }
    const std::string_view literal = text_.substr(at_, length);
    if (literal.front() == '"') {
      auto value = Unquote(literal);
      if (!value) return FailLiteral(literal, "has an unknown escape");
      AddLiteral(length, TemplateValue(*std::move(value)));
    } else {
      const auto code = UnquoteCharacter(literal);
      if (!code) return FailLiteral(literal, "is not one character");
      AddLiteral(length, TemplateValue(static_cast<std::int64_t>(*code)));
    }
  }

  void FailLiteral(std::string_view literal, std::string_view why) {
    Fail(place_, fmt::format("{} {}", EscapeControl(literal), why));
  }

  void LexRaw() {
    const std::size_t end = text_.find('`', at_ + 1);
    if (end == std::string_view::npos) {
      Fail(place_, "this raw text is not closed");
      return;
    }
    // Go drops carriage returns.
    std::string raw(text_.substr(at_ + 1, end - at_ - 1));
    raw.erase(std::remove(raw.begin(), raw.end(), '\r'), raw.end());
    AddLiteral(end + 1 - at_, TemplateValue(std::move(raw)));
  }

  // A name behind `skip` bytes of "." or "$", which mean something without one, too.
  void LexName(Kind kind, std::size_t skip) {
    const std::size_t length = skip + WordLength(text_.substr(at_ + skip));
    if (!NameEnds(text_.substr(at_ + length))) {
      const std::string_view rest = text_.substr(at_ + length);
      Advance(length);
      Fail(place_, fmt::format("unexpected character `{}`", FirstCharacter(rest)));
      return;
    }
    if (kind != Kind::kField) return AddHere(kind, length);
    Add(length == 1 ? Kind::kDot : kind, std::string(text_.substr(at_ + 1, length - 1)));
    Advance(length);
  }

  // Only these may follow a name at once (lex.go, atTerminator).
  static bool NameEnds(std::string_view rest) {
    constexpr std::string_view kEnds = " \t\r\n.,|:()";
    return rest.empty() || kEnds.find(rest[0]) != std::string_view::npos || rest.starts_with("}}");
  }

  void LexNumber() {
    const std::string_view rest = text_.substr(at_);
    std::size_t length = NumberLength(rest);
    // The name or sign that follows at once belongs into the message.
    length += WordLength(rest.substr(length));
    const auto value = ParseNumber(rest.substr(0, length));
    if (!value.ok()) {
      Fail(place_, std::string(value.status().message()));
      return;
    }
    const auto* integer = std::get_if<std::int64_t>(&*value);
    AddLiteral(length, integer != nullptr ? TemplateValue(*integer)
                                          : TemplateValue(std::get<double>(*value)));
  }

  void AddLiteral(std::size_t length, TemplateValue value) {
    AddHere(Kind::kLiteral, length);
    tokens_.back().literal = std::move(value);
  }

  void AddHere(Kind kind, std::size_t length) {
    Add(kind, std::string(text_.substr(at_, length)));
    Advance(length);
  }

  void Add(Kind kind, std::string text) {
    TemplateToken token;
    token.kind = kind;
    token.text = std::move(text);
    token.at = place_;
    token.after_space = std::exchange(after_space_, false);
    tokens_.push_back(std::move(token));
  }

  void Advance(std::size_t count) {
    for (const char c : text_.substr(at_, count)) {
      ++place_.column;
      if (c == '\n') place_ = {place_.line + 1, 1};
    }
    at_ += count;
  }

  bool Fail(TemplatePlace at, std::string_view what) {
    if (status_.ok()) status_ = absl::InvalidArgumentError(PlacedMessage(name_, at, what));
    return false;
  }

  const std::string& name_;
  const std::string_view text_;
  std::size_t at_ = 0;
  TemplatePlace place_;
  bool after_space_ = false;
  std::vector<TemplateToken> tokens_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::vector<TemplateToken>> LexTemplate(const std::string& name,
                                                       std::string_view text) {
  if (text.size() > kMostText) {
    return absl::ResourceExhaustedError(
        PlacedMessage(name, {}, "the template is larger than 4 MiB"));
  }
  return Lexer(name, text).Run();
}

}  // namespace imglife
