#include "engine/template/template_lexer.h"

#include <utility>

#include <fmt/format.h>

#include "engine/template/template_literal.h"

namespace imglife {
namespace {

using Kind = TemplateToken::Kind;

constexpr std::string_view kSpace = " \t\r\n";

bool IsSpace(char c) {
  return kSpace.find(c) != std::string_view::npos;
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
// Letters of other alphabets are bytes above 0x7F here.
bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsWordPart(char c) {
  return IsWordStart(c) || IsDigit(c);
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
    Advance(trims ? 3 : 2);
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
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == '"' || c == '\'') return LexQuoted();
    if (c == '`') return LexRaw();
    if (c == '$') return LexWord(Kind::kVariable, 1);
    if (c == '.' && IsWordStart(next)) return LexWord(Kind::kField, 1);
    if (IsWordStart(c)) return LexWord(Kind::kWord, 0);
    if (IsDigit(c) || ((c == '-' || c == '+' || c == '.') && IsDigit(next)) ||
        ((c == '-' || c == '+') && next == '.')) {
      return LexNumber();
    }
    if (c == ':' && next == '=') return AddHere(Kind::kDeclare, 2);
    switch (c) {
      case '.':
        return AddHere(Kind::kDot, 1);
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
        Fail(place_, fmt::format("unexpected character {:?}", std::string(1, c)));
    }
  }

  void LexQuoted() {
    const std::size_t length = QuotedLength(text_.substr(at_));
    if (length == 0) {
      Fail(place_, "this quoted text is not closed on its line");
      return;
    }
    const std::string_view literal = text_.substr(at_, length);
    const auto value = Unquote(literal);
    if (!value) {
      Fail(place_, fmt::format("{} has an unknown escape", literal));
      return;
    }
    if (literal.front() == '"') {
      Add(Kind::kString, *value);
    } else if (!AddCharacter(*value)) {
      Fail(place_, fmt::format("{} is not one character", literal));
      return;
    }
    Advance(length);
  }

  // A character constant is the number of its code point.
  bool AddCharacter(const std::string& bytes) {
    if (bytes.empty()) return false;
    const auto first = static_cast<unsigned char>(bytes[0]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (bytes.size() != length) return false;
    std::int64_t code = length == 1 ? first : first & (0xFF >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      code = (code << 6) | (static_cast<unsigned char>(bytes[i]) & 0x3F);
    }
    Add(Kind::kInteger, bytes);
    tokens_.back().integer = code;
    return true;
  }

  void LexRaw() {
    const std::size_t end = text_.find('`', at_ + 1);
    if (end == std::string_view::npos) {
      Fail(place_, "this raw text is not closed");
      return;
    }
    Add(Kind::kString, std::string(text_.substr(at_ + 1, end - at_ - 1)));
    Advance(end + 1 - at_);
  }

  void LexWord(Kind kind, std::size_t skip) {
    std::size_t end = at_ + skip;
    while (end < text_.size() && IsWordPart(text_[end])) ++end;
    const std::size_t start = kind == Kind::kField ? at_ + 1 : at_;
    Add(kind, std::string(text_.substr(start, end - start)));
    Advance(end - at_);
  }

  void LexNumber() {
    std::size_t end = at_ + 1;
    while (end < text_.size() &&
           (IsWordPart(text_[end]) || text_[end] == '.' ||
            ((text_[end] == '-' || text_[end] == '+') && (text_[end - 1] | 0x20) == 'e'))) {
      ++end;
    }
    const std::string_view literal = text_.substr(at_, end - at_);
    const auto value = ParseNumber(literal);
    if (!value) {
      Fail(place_, fmt::format("`{}` is no number", literal));
      return;
    }
    if (const auto* integer = std::get_if<std::int64_t>(&*value)) {
      Add(Kind::kInteger, std::string(literal));
      tokens_.back().integer = *integer;
    } else {
      Add(Kind::kFloat, std::string(literal));
      tokens_.back().number = std::get<double>(*value);
    }
    Advance(end - at_);
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
  return Lexer(name, text).Run();
}

}  // namespace imglife
