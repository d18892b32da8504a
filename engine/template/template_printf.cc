#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "engine/template/go_quote.h"
#include "engine/template/template_format.h"
#include "schema/text/utf8.h"

namespace imglife {
namespace {

constexpr std::int64_t kWidest = 1'000'000;

// fmt.Sprintf (print.go, doPrintf).
class Printer {
 public:
  Printer(std::string_view format, const std::vector<TemplateRef>& values)
      : rest_(format), values_(values) {}

  absl::StatusOr<std::string> Run() {
    while (!rest_.empty() && !text_.overflowed()) {
      const std::size_t percent = std::min(rest_.find('%'), rest_.size());
      text_.Append(rest_.substr(0, percent));
      rest_.remove_prefix(percent);
      if (rest_.empty()) break;
      rest_.remove_prefix(1);
      PrintOne();
    }
    if (!reordered_ && next_ < values_.size()) PrintExtra();
    return Finished(std::move(text_));
  }

 private:
  void PrintOne() {
    good_index_ = true;
    after_index_ = false;
    FormatFlags flags;
    TakeFlags(flags);
    TakeIndex();
    TakeWidth(flags);
    TakePrecision(flags);
    if (!after_index_) TakeIndex();
    if (rest_.empty()) {
      text_.Append("%!(NOVERB)");
      return;
    }
    PrintVerb(flags, TakeVerb());
  }

  void PrintVerb(FormatFlags flags, char32_t verb) {
    if (verb == '%') {
      text_.Append("%");
    } else if (!good_index_) {
      text_.Append(fmt::format("%!{}(BADINDEX)", CharacterText(verb)));
    } else if (next_ >= values_.size()) {
      text_.Append(fmt::format("%!{}(MISSING)", CharacterText(verb)));
    } else {
      if (verb == 'v') {
        flags.go_syntax = std::exchange(flags.sharp, false);
        flags.plus = false;
      }
      FormatValue(*values_[next_++], flags, verb, text_);
    }
  }

  void TakeFlags(FormatFlags& flags) {
    for (; !rest_.empty(); rest_.remove_prefix(1)) {
      switch (rest_.front()) {
        case '-':
          flags.minus = true;
          flags.zero = false;
          break;
        case '+':
          flags.plus = true;
          break;
        case '#':
          flags.sharp = true;
          break;
        case ' ':
          flags.space = true;
          break;
        case '0':
          flags.zero = !flags.minus;
          break;
        default:
          return;
      }
    }
  }

  // "[2]" picks the value that comes next.
  void TakeIndex() {
    after_index_ = false;
    if (rest_.empty() || rest_.front() != '[') return;
    reordered_ = true;
    const std::size_t close = rest_.size() < 3 ? std::string_view::npos : rest_.find(']');
    if (close == std::string_view::npos) {
      good_index_ = false;
      rest_.remove_prefix(1);
      return;
    }
    std::string_view inside = rest_.substr(1, close - 1);
    rest_.remove_prefix(close + 1);
    const auto index = TakeNumber(inside);
    after_index_ = index.has_value() && inside.empty();
    const bool known =
        after_index_ && *index >= 1 && static_cast<std::size_t>(*index) <= values_.size();
    if (known) {
      next_ = static_cast<std::size_t>(*index) - 1;
    } else {
      good_index_ = false;
    }
  }

  void TakeWidth(FormatFlags& flags) {
    if (TakeStar()) {
      flags.width = NumberFromValue();
      if (!flags.width) text_.Append("%!(BADWIDTH)");
      if (flags.width.value_or(0) < 0) {
        flags.width = -*flags.width;
        flags.minus = true;
        flags.zero = false;
      }
      after_index_ = false;
      return;
    }
    flags.width = TakeNumber(rest_);
    if (after_index_ && flags.width) good_index_ = false;
  }

  void TakePrecision(FormatFlags& flags) {
    if (rest_.size() < 2 || rest_.front() != '.') return;
    rest_.remove_prefix(1);
    if (after_index_) good_index_ = false;
    TakeIndex();
    if (!TakeStar()) {
      flags.precision = TakeNumber(rest_).value_or(0);
      return;
    }
    flags.precision = NumberFromValue();
    if (flags.precision.value_or(0) < 0) flags.precision.reset();
    if (!flags.precision) text_.Append("%!(BADPREC)");
    after_index_ = false;
  }

  bool TakeStar() {
    if (rest_.empty() || rest_.front() != '*') return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Digits at the beginning of `text`. A number that is far too large swallows the rest, as in Go.
  static std::optional<int> TakeNumber(std::string_view& text) {
    std::optional<std::int64_t> number;
    while (!text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0) {
      if (number.value_or(0) > kWidest) {
        text = {};
        return std::nullopt;
      }
      number = number.value_or(0) * 10 + (text.front() - '0');
      text.remove_prefix(1);
    }
    if (!number) return std::nullopt;
    return static_cast<int>(*number);
  }

  std::optional<int> NumberFromValue() {
    if (next_ >= values_.size()) return std::nullopt;
    const auto* number = std::get_if<std::int64_t>(&values_[next_++]->storage());
    if (number == nullptr || *number > kWidest || *number < -kWidest) return std::nullopt;
    return static_cast<int>(*number);
  }

  char32_t TakeVerb() {
    const Utf8Character character = DecodeUtf8(rest_);
    rest_.remove_prefix(std::max<std::size_t>(character.size, 1));
    return character.size == 0 ? char32_t{0xFFFD} : character.code;
  }

  void PrintExtra() {
    text_.Append("%!(EXTRA ");
    for (std::size_t i = next_; i < values_.size(); ++i) {
      if (i > next_) text_.Append(", ");
      FormatValue(*values_[i], {}, 'T', text_);
      if (std::holds_alternative<std::monostate>(values_[i]->storage())) continue;
      text_.Append("=");
      FormatValue(*values_[i], {}, 'v', text_);
    }
    text_.Append(")");
  }

  std::string_view rest_;
  const std::vector<TemplateRef>& values_;
  std::size_t next_ = 0;
  bool reordered_ = false;
  bool good_index_ = true;
  bool after_index_ = false;  // the latest thing was a good "[2]"
  BoundedText text_;
};

}  // namespace

absl::StatusOr<std::string> Sprintf(std::string_view format,
                                    const std::vector<TemplateRef>& values) {
  return Printer(format, values).Run();
}

}  // namespace imglife
