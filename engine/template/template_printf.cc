#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "engine/template/template_literal.h"
#include "engine/template/template_text.h"

namespace imglife {
namespace {

constexpr int kWidest = 1'000'000;

struct Verb {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  std::optional<int> width;
  std::optional<int> precision;
  char letter = 'v';
};

std::size_t Characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  }));
}

std::string Pad(std::string text, const Verb& verb, bool number = false) {
  const auto width = static_cast<std::size_t>(verb.width.value_or(0));
  const std::size_t length = Characters(text);
  if (length >= width) return text;
  const std::size_t missing = width - length;
  if (verb.minus) return text.append(missing, ' ');
  if (!verb.zero) return text.insert(0, missing, ' ');
  const bool sign = number && !text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == ' ');
  return text.insert(sign ? 1 : 0, missing, '0');
}

std::string FirstCharacters(const std::string& text, int count) {
  std::size_t end = 0;
  while (end < text.size()) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80 && count-- == 0) break;
    ++end;
  }
  return text.substr(0, end);
}

std::string Signed(std::string digits, bool negative, const Verb& verb) {
  if (negative) return "-" + digits;
  if (verb.plus) return "+" + digits;
  return verb.space ? " " + digits : digits;
}

std::string Bad(char letter, const TemplateValue& value) {
  return fmt::format("%!{}({}={})", letter, TemplateTypeName(value), DisplayText(value));
}

std::string HexBytes(std::string_view text, const Verb& verb) {
  std::string hex;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (verb.space && !hex.empty()) hex += ' ';
    if (verb.sharp && (verb.space || hex.empty())) hex += verb.letter == 'x' ? "0x" : "0X";
    hex += verb.letter == 'x' ? fmt::format("{:02x}", byte) : fmt::format("{:02X}", byte);
  }
  return hex;
}

std::string FormatText(const std::string& text, const Verb& verb, const TemplateValue& value) {
  const std::string cut = verb.precision ? FirstCharacters(text, *verb.precision) : text;
  switch (verb.letter) {
    case 'v':
      return Pad(verb.sharp ? GoQuoted(text) : cut, verb);
    case 's':
      return Pad(cut, verb);
    case 'q':
      return Pad(verb.sharp && cut.find('`') == std::string::npos ? "`" + cut + "`" : GoQuoted(cut),
                 verb);
    case 'x':
    case 'X':
      return Pad(HexBytes(cut, verb), verb);
    default:
      return Bad(verb.letter, value);
  }
}

std::string CodePoint(std::int64_t code) {
  std::string text;
  const bool real = code >= 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  AppendUtf8(real ? static_cast<char32_t>(code) : char32_t{0xFFFD}, text);
  return text;
}

std::string FormatInteger(std::int64_t number, Verb verb, const TemplateValue& value) {
  const bool negative = number < 0;
  const auto magnitude = negative ? std::uint64_t{0} - static_cast<std::uint64_t>(number)
                                  : static_cast<std::uint64_t>(number);
  std::string digits;
  switch (verb.letter) {
    case 'v':
    case 'd':
      digits = fmt::format("{}", magnitude);
      break;
    case 'b':
      digits = fmt::format("{}{:b}", verb.sharp ? "0b" : "", magnitude);
      break;
    case 'o':
      digits = fmt::format("{}{:o}", verb.sharp ? "0" : "", magnitude);
      break;
    case 'O':
      digits = fmt::format("0o{:o}", magnitude);
      break;
    case 'x':
      digits = fmt::format("{}{:x}", verb.sharp ? "0x" : "", magnitude);
      break;
    case 'X':
      digits = fmt::format("{}{:X}", verb.sharp ? "0X" : "", magnitude);
      break;
    case 'c':
      return Pad(CodePoint(number), verb);
    case 'q': {
      const std::string text = GoQuoted(CodePoint(number));
      return Pad("'" + text.substr(1, text.size() - 2) + "'", verb);
    }
    case 'U':
      return Pad(fmt::format("U+{:04X}", magnitude), verb);
    default:
      return Bad(verb.letter, value);
  }
  if (verb.precision) {
    verb.zero = false;
    const auto least = static_cast<std::size_t>(*verb.precision);
    if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  }
  return Pad(Signed(digits, negative, verb), verb, true);
}

std::string FormatFloat(double number, const Verb& verb, const TemplateValue& value) {
  const bool negative = std::signbit(number);
  const double magnitude = std::fabs(number);
  const int precision = verb.precision.value_or(6);
  std::string digits;
  switch (verb.letter) {
    case 'v':
    case 'g':
    case 'G':
      digits = verb.precision ? fmt::format("{:.{}g}", magnitude, precision)
                              : DisplayText(TemplateValue(magnitude));
      break;
    case 'f':
    case 'F':
      digits = fmt::format("{:.{}f}", magnitude, precision);
      break;
    case 'e':
      digits = fmt::format("{:.{}e}", magnitude, precision);
      break;
    case 'E':
      digits = fmt::format("{:.{}E}", magnitude, precision);
      break;
    default:
      return Bad(verb.letter, value);
  }
  return Pad(Signed(digits, negative, verb), verb, true);
}

std::string FormatValue(const Verb& verb, const TemplateValue& value) {
  const auto& storage = value.storage();
  if (verb.letter == 'T') return Pad(std::string(TemplateTypeName(value)), verb);
  if (const auto* text = std::get_if<std::string>(&storage)) return FormatText(*text, verb, value);
  if (const auto* number = std::get_if<std::int64_t>(&storage)) {
    return FormatInteger(*number, verb, value);
  }
  if (const auto* number = std::get_if<double>(&storage)) return FormatFloat(*number, verb, value);
  if (std::holds_alternative<bool>(storage)) {
    if (verb.letter != 't' && verb.letter != 'v') return Bad(verb.letter, value);
    return Pad(DisplayText(value), verb);
  }
  if (const auto* list = std::get_if<TemplateValue::List>(&storage)) {
    std::string text = "[";
    for (const TemplateValue& item : *list) {
      text += (text.size() > 1 ? " " : "") + FormatValue(verb, item);
    }
    return text + "]";
  }
  if (verb.letter == 'v') return Pad(DisplayText(value), verb);
  return Bad(verb.letter, value);
}

class Printer {
 public:
  Printer(std::string_view format, const std::vector<TemplateValue>& values)
      : rest_(format), values_(values) {}

  std::string Run() {
    while (!rest_.empty()) {
      const std::size_t percent = std::min(rest_.find('%'), rest_.size());
      text_.append(rest_.substr(0, percent));
      rest_.remove_prefix(percent);
      if (!rest_.empty()) {
        rest_.remove_prefix(1);
        One();
      }
    }
    if (!reordered_ && next_ < values_.size()) Extra();
    return std::move(text_);
  }

 private:
  void One() {
    Verb verb;
    Flags(verb);
    Index();
    verb.width = Number();
    if (verb.width && *verb.width < 0) {
      verb.minus = true;
      verb.width = -*verb.width;
    }
    if (!rest_.empty() && rest_.front() == '.') {
      rest_.remove_prefix(1);
      Index();
      verb.precision = Number().value_or(0);
    }
    Index();
    if (rest_.empty()) {
      text_ += "%!(NOVERB)";
      return;
    }
    verb.letter = rest_.front();
    rest_.remove_prefix(1);
    if (verb.minus) verb.zero = false;
    if (verb.letter == '%') {
      text_ += '%';
    } else if (bad_index_) {
      text_ += fmt::format("%!{}(BADINDEX)", verb.letter);
    } else if (next_ >= values_.size()) {
      text_ += fmt::format("%!{}(MISSING)", verb.letter);
    } else {
      text_ += FormatValue(verb, values_[next_++]);
    }
    bad_index_ = false;
  }

  void Flags(Verb& verb) {
    for (; !rest_.empty(); rest_.remove_prefix(1)) {
      switch (rest_.front()) {
        case '-':
          verb.minus = true;
          continue;
        case '+':
          verb.plus = true;
          continue;
        case '#':
          verb.sharp = true;
          continue;
        case ' ':
          verb.space = true;
          continue;
        case '0':
          verb.zero = true;
          continue;
        default:
          return;
      }
    }
  }

  // "[2]" picks the argument that comes next.
  void Index() {
    if (rest_.empty() || rest_.front() != '[') return;
    reordered_ = true;
    const std::size_t close = rest_.find(']');
    std::size_t index = 0;
    for (std::size_t i = 1; close != std::string_view::npos && i < close; ++i) {
      if (std::isdigit(static_cast<unsigned char>(rest_[i])) == 0 || index > values_.size()) {
        index = 0;
        break;
      }
      index = index * 10 + static_cast<std::size_t>(rest_[i] - '0');
    }
    bad_index_ = index == 0 || index > values_.size();
    if (!bad_index_) next_ = index - 1;
    rest_.remove_prefix(close == std::string_view::npos ? 1 : close + 1);
  }

  std::optional<int> Number() {
    if (!rest_.empty() && rest_.front() == '*') {
      rest_.remove_prefix(1);
      return Starred();
    }
    std::optional<int> number;
    while (!rest_.empty() && std::isdigit(static_cast<unsigned char>(rest_.front())) != 0) {
      number = std::min(number.value_or(0) * 10 + (rest_.front() - '0'), kWidest);
      rest_.remove_prefix(1);
    }
    return number;
  }

  std::optional<int> Starred() {
    if (next_ < values_.size()) {
      if (const auto* number = std::get_if<std::int64_t>(&values_[next_].storage())) {
        ++next_;
        if (*number >= -kWidest && *number <= kWidest) return static_cast<int>(*number);
      }
    }
    text_ += "%!(BADWIDTH)";
    return std::nullopt;
  }

  void Extra() {
    text_ += "%!(EXTRA ";
    for (std::size_t i = next_; i < values_.size(); ++i) {
      if (i > next_) text_ += ", ";
      text_ += fmt::format("{}={}", TemplateTypeName(values_[i]), DisplayText(values_[i]));
    }
    text_ += ")";
  }

  std::string_view rest_;
  const std::vector<TemplateValue>& values_;
  std::size_t next_ = 0;
  bool reordered_ = false;
  bool bad_index_ = false;
  std::string text_;
};

}  // namespace

std::string Sprintf(std::string_view format, const std::vector<TemplateValue>& values) {
  return Printer(format, values).Run();
}

}  // namespace imglife
