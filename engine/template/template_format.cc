#include "engine/template/template_format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include <fmt/format.h>

#include "engine/template/go_quote.h"
#include "schema/text/utf8.h"

namespace imglife {
namespace {

constexpr std::string_view kListType = "[]interface {}";
constexpr std::string_view kMapType = "map[string]interface {}";

std::string_view GoTypeName(const TemplateValue& value) {
  constexpr std::array<std::string_view, 7> kNames = {"<nil>",  "bool",    "int",   "float64",
                                                      "string", kListType, kMapType};
  return kNames[value.storage().index()];
}

// Go counts a broken byte as one character.
std::size_t Characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    text.remove_prefix(std::max<std::size_t>(DecodeUtf8(text).size, 1));
  }
  return count;
}

std::string_view FirstCharacters(std::string_view text, std::size_t count) {
  std::string_view rest = text;
  for (; count > 0 && !rest.empty(); --count) {
    rest.remove_prefix(std::max<std::size_t>(DecodeUtf8(rest).size, 1));
  }
  return text.substr(0, text.size() - rest.size());
}

void Pad(std::string_view padded, const FormatFlags& flags, bool zeros, BoundedText& text) {
  const auto width = static_cast<std::size_t>(flags.width.value_or(0));
  const std::size_t length = width == 0 ? 0 : Characters(padded);
  const std::size_t missing = width > length ? width - length : 0;
  if (!flags.minus) text.Pad(missing, zeros ? '0' : ' ');
  text.Append(padded);
  if (flags.minus) text.Pad(missing, zeros ? '0' : ' ');
}

void PadNumber(const FormattedNumber& number, const FormatFlags& flags, BoundedText& text) {
  const std::string_view digits = number.text;
  const bool zeros = number.padding != FormattedNumber::Padding::kSpaces;
  const bool has_sign =
      !digits.empty() && (digits[0] == '-' || digits[0] == '+' || digits[0] == ' ');
  const bool behind_sign = number.padding == FormattedNumber::Padding::kZerosBehindSign && has_sign;
  if (!behind_sign || flags.width.value_or(0) == 0) return Pad(digits, flags, zeros, text);
  FormatFlags without_sign = flags;
  without_sign.width = *flags.width - 1;
  text.Append(digits.substr(0, 1));
  Pad(digits.substr(1), without_sign, true, text);
}

void FormatBytes(std::string_view bytes, const FormatFlags& flags, bool upper, BoundedText& text) {
  if (flags.precision) bytes = bytes.substr(0, static_cast<std::size_t>(*flags.precision));
  const std::string_view prefix = !flags.sharp ? "" : upper ? "0X" : "0x";
  std::string hex;
  for (const char c : bytes) {
    if (flags.space && !hex.empty()) hex += ' ';
    if (flags.space || hex.empty()) hex += prefix;
    const auto byte = static_cast<unsigned char>(c);
    hex += upper ? fmt::format("{:02X}", byte) : fmt::format("{:02x}", byte);
  }
  Pad(hex, flags, flags.zero, text);
}

// False for a verb that isn't for strings.
bool FormatString(std::string_view value, const FormatFlags& flags, char32_t verb,
                  BoundedText& text) {
  if (verb == 'x' || verb == 'X') {
    FormatBytes(value, flags, verb == 'X', text);
    return true;
  }
  if (verb != 'v' && verb != 's' && verb != 'q') return false;
  if (flags.precision) value = FirstCharacters(value, static_cast<std::size_t>(*flags.precision));
  if (verb != 'q' && !(verb == 'v' && flags.go_syntax)) {
    Pad(value, flags, flags.zero, text);
  } else if (flags.sharp && CanBackquote(value)) {
    Pad(fmt::format("`{}`", value), flags, flags.zero, text);
  } else {
    Pad(GoQuoted(value, flags.plus), flags, flags.zero, text);
  }
  return true;
}

void FormatInside(const TemplateValue& value, const FormatFlags& flags, char32_t verb,
                  BoundedText& text) {
  if (!std::holds_alternative<std::monostate>(value.storage())) {
    return FormatValue(value, flags, verb, text);
  }
  text.Append(flags.go_syntax ? "interface {}(nil)" : "<nil>");
}

void FormatList(const TemplateValue::List& list, const FormatFlags& flags, char32_t verb,
                BoundedText& text) {
  text.Append(flags.go_syntax ? fmt::format("{}{{", kListType) : "[");
  bool first = true;
  for (const TemplateValue& item : list) {
    if (text.overflowed()) return;
    if (!std::exchange(first, false)) text.Append(flags.go_syntax ? ", " : " ");
    FormatInside(item, flags, verb, text);
  }
  text.Append(flags.go_syntax ? "}" : "]");
}

void FormatMap(const TemplateValue::Map& map, const FormatFlags& flags, char32_t verb,
               BoundedText& text) {
  text.Append(flags.go_syntax ? fmt::format("{}{{", kMapType) : "map[");
  bool first = true;
  for (const auto& [key, value] : map) {
    if (text.overflowed()) return;
    if (!std::exchange(first, false)) text.Append(flags.go_syntax ? ", " : " ");
    FormatInside(TemplateValue(key), flags, verb, text);
    text.Append(":");
    FormatInside(value, flags, verb, text);
  }
  text.Append(flags.go_syntax ? "}" : "]");
}

void FormatBadVerb(const TemplateValue& value, const FormatFlags& flags, char32_t verb,
                   BoundedText& text) {
  text.Append(fmt::format("%!{}(", CharacterText(verb)));
  text.Append(GoTypeName(value));
  if (!std::holds_alternative<std::monostate>(value.storage())) {
    text.Append("=");
    FormatValue(value, flags, 'v', text);
  }
  text.Append(")");
}

// False for a verb that isn't for the type of the value.
bool FormatKnown(const TemplateValue& value, const FormatFlags& flags, char32_t verb,
                 BoundedText& text) {
  const auto& storage = value.storage();
  if (const auto* string = std::get_if<std::string>(&storage)) {
    return FormatString(*string, flags, verb, text);
  }
  if (const auto* truth = std::get_if<bool>(&storage)) {
    if (verb != 't' && verb != 'v') return false;
    Pad(*truth ? "true" : "false", flags, flags.zero, text);
    return true;
  }
  if (std::holds_alternative<std::monostate>(storage)) {
    if (verb != 'v' && verb != 'T') return false;
    Pad("<nil>", flags, flags.zero, text);
    return true;
  }
  if (const auto* list = std::get_if<TemplateValue::List>(&storage)) {
    if (verb != 'p' && verb != 'w') FormatList(*list, flags, verb, text);
    return verb != 'p' && verb != 'w';
  }
  if (const auto* map = std::get_if<TemplateValue::Map>(&storage)) {
    if (verb != 'p' && verb != 'w') FormatMap(*map, flags, verb, text);
    return verb != 'p' && verb != 'w';
  }
  const auto* integer = std::get_if<std::int64_t>(&storage);
  const auto number = integer != nullptr ? FormatInteger(*integer, flags, verb)
                                         : FormatFloat(std::get<double>(storage), flags, verb);
  if (number) PadNumber(*number, flags, text);
  return number.has_value();
}

}  // namespace

std::string_view TemplateTypeName(const TemplateValue& value) {
  constexpr std::array<std::string_view, 7> kNames = {"nil",    "bool", "int", "float64",
                                                      "string", "list", "map"};
  return kNames[value.storage().index()];
}

void FormatValue(const TemplateValue& value, const FormatFlags& flags, char32_t verb,
                 BoundedText& text) {
  const bool nil = std::holds_alternative<std::monostate>(value.storage());
  if (verb == 'T' && !nil) {
    FormatString(GoTypeName(value), flags, 's', text);
  } else if (!FormatKnown(value, flags, verb, text)) {
    FormatBadVerb(value, flags, verb, text);
  }
}

absl::StatusOr<std::string> Sprint(const std::vector<TemplateRef>& values) {
  BoundedText text;
  bool text_before = true;
  for (const TemplateRef& value : values) {
    const bool is_text = std::holds_alternative<std::string>(value->storage());
    if (!text_before && !is_text) text.Append(" ");
    FormatValue(*value, {}, 'v', text);
    text_before = is_text;
  }
  return Finished(std::move(text));
}

absl::StatusOr<std::string> Sprintln(const std::vector<TemplateRef>& values) {
  BoundedText text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text.Append(" ");
    FormatValue(*values[i], {}, 'v', text);
  }
  text.Append("\n");
  return Finished(std::move(text));
}

absl::StatusOr<std::string> Finished(BoundedText text) {
  if (text.overflowed()) {
    return absl::ResourceExhaustedError("the template makes more than 16 MiB of text");
  }
  return text.Take();
}

}  // namespace imglife
