#include "engine/template/template_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace imglife {
namespace {

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

// strconv's 'g' with the fewest digits, as %v has it: an exponent below -4 and from 21 on.
std::string FloatText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 64> buffer{};
  const auto scientific = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                        std::chars_format::scientific);
  const std::string text(buffer.data(), scientific.ptr);
  const int exponent = std::stoi(text.substr(text.find('e') + 1));
  if (value == 0 || (exponent >= -4 && exponent < 21)) {
    std::array<char, 400> fixed{};
    const auto end =
        std::to_chars(fixed.data(), fixed.data() + fixed.size(), value, std::chars_format::fixed);
    return {fixed.data(), end.ptr};
  }
  return text;
}

std::string ListText(const TemplateValue::List& list) {
  std::string text = "[";
  for (std::size_t i = 0; i < list.size(); ++i) text += (i > 0 ? " " : "") + DisplayText(list[i]);
  return text + "]";
}

std::string MapText(const TemplateValue::Map& map) {
  std::string text = "map[";
  for (const auto& [key, value] : map) {
    if (text.back() != '[') text += ' ';
    text += key + ":" + DisplayText(value);
  }
  return text + "]";
}

}  // namespace

std::string_view TemplateTypeName(const TemplateValue& value) {
  constexpr std::array<std::string_view, 7> kNames = {"nil",    "bool", "int", "float64",
                                                      "string", "list", "map"};
  return kNames[value.storage().index()];
}

bool IsTrue(const TemplateValue& value) {
  return std::visit(
      Overloaded{[](std::monostate) { return false; }, [](bool v) { return v; },
                 [](std::int64_t v) { return v != 0; }, [](double v) { return v != 0; },
                 [](const auto& v) { return !v.empty(); }},
      value.storage());
}

std::string DisplayText(const TemplateValue& value) {
  return std::visit(
      Overloaded{[](std::monostate) { return std::string("<nil>"); },
                 [](bool v) { return std::string(v ? "true" : "false"); },
                 [](std::int64_t v) { return std::to_string(v); },
                 [](double v) { return FloatText(v); }, [](const std::string& v) { return v; },
                 [](const TemplateValue::List& v) { return ListText(v); },
                 [](const TemplateValue::Map& v) { return MapText(v); }},
      value.storage());
}

std::string Sprint(const std::vector<TemplateValue>& values) {
  std::string text;
  bool before_is_text = true;
  for (const TemplateValue& value : values) {
    const bool is_text = std::holds_alternative<std::string>(value.storage());
    if (!before_is_text && !is_text) text += ' ';
    text += DisplayText(value);
    before_is_text = is_text;
  }
  return text;
}

std::string GoQuoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
      case '\\':
        quoted += '\\';
        quoted += c;
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\a':
        quoted += "\\a";
        break;
      case '\b':
        quoted += "\\b";
        break;
      case '\f':
        quoted += "\\f";
        break;
      case '\v':
        quoted += "\\v";
        break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          quoted += fmt::format("\\x{:02x}", byte);
        } else {
          quoted += c;
        }
    }
  }
  return quoted + "\"";
}

}  // namespace imglife
