#include <fmt/format.h>

#include "engine/template/bounded_text.h"
#include "engine/template/builtins.h"
#include "engine/template/go_quote.h"
#include "engine/template/template_escape.h"
#include "engine/template/template_format.h"

namespace imglife {
namespace {

TemplateResult Text(absl::StatusOr<std::string> text) {
  if (!text.ok()) return text.status();
  return MakeRef(*std::move(text));
}

// Go would write "<no value>" into the text.
absl::Status CheckExist(const TemplateArguments& arguments) {
  for (const TemplateRef& argument : arguments) {
    if (Get<std::monostate>(argument) == nullptr) continue;
    return WrongArgument("what it is given has no value");
  }
  return absl::OkStatus();
}

TemplateResult Escaped(const TemplateArguments& arguments,
                       std::string (*escape)(std::string_view)) {
  if (const absl::Status exist = CheckExist(arguments); !exist.ok()) return exist;
  const auto text = Sprint(arguments);
  if (!text.ok()) return text.status();
  return MakeRef(escape(*text));
}

TemplateResult WithCase(const TemplateRef& value, char first, char last) {
  const auto* text = Get<std::string>(value);
  if (text == nullptr) return WrongType("a string", value);
  std::string changed = *text;
  for (char& c : changed) {
    if (c >= first && c <= last) c = static_cast<char>(c ^ 0x20);
  }
  return MakeRef(std::move(changed));
}

}  // namespace

TemplateResult CallPrint(const TemplateArguments& arguments) {
  return Text(Sprint(arguments));
}

TemplateResult CallPrintf(const TemplateArguments& arguments) {
  const auto* format = Get<std::string>(arguments[0]);
  if (format == nullptr) return WrongType("a string as format", arguments[0]);
  return Text(Sprintf(*format, {arguments.begin() + 1, arguments.end()}));
}

TemplateResult CallPrintln(const TemplateArguments& arguments) {
  return Text(Sprintln(arguments));
}

TemplateResult CallHtml(const TemplateArguments& arguments) {
  return Escaped(arguments, HtmlEscaped);
}

TemplateResult CallJs(const TemplateArguments& arguments) {
  return Escaped(arguments, JsEscaped);
}

TemplateResult CallUrlQuery(const TemplateArguments& arguments) {
  return Escaped(arguments, QueryEscaped);
}

TemplateResult CallLower(const TemplateArguments& arguments) {
  return WithCase(arguments[0], 'A', 'Z');
}

TemplateResult CallUpper(const TemplateArguments& arguments) {
  return WithCase(arguments[0], 'a', 'z');
}

TemplateResult CallTrim(const TemplateArguments& arguments) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const auto* text = Get<std::string>(arguments[0]);
  if (text == nullptr) return WrongType("a string", arguments[0]);
  const std::size_t first = text->find_first_not_of(kSpace);
  if (first == std::string::npos) return MakeRef(std::string());
  return MakeRef(text->substr(first, text->find_last_not_of(kSpace) - first + 1));
}

TemplateResult CallReplace(const TemplateArguments& arguments) {
  for (const TemplateRef& argument : arguments) {
    if (Get<std::string>(argument) == nullptr) return WrongType("a string", argument);
  }
  const std::string& from = *Get<std::string>(arguments[0]);
  if (from.empty()) return WrongArgument("the text to replace is empty");
  std::string_view rest = *Get<std::string>(arguments[2]);
  BoundedText text;
  for (std::size_t found = rest.find(from); found != std::string_view::npos && !text.overflowed();
       found = rest.find(from)) {
    text.Append(rest.substr(0, found));
    text.Append(*Get<std::string>(arguments[1]));
    rest.remove_prefix(found + from.size());
  }
  text.Append(rest);
  return Text(Finished(std::move(text)));
}

TemplateResult CallQuote(const TemplateArguments& arguments) {
  if (const absl::Status exist = CheckExist(arguments); !exist.ok()) return exist;
  const auto text = Sprint(arguments);
  if (!text.ok()) return text.status();
  return MakeRef(GoQuoted(*text));
}

TemplateResult CallCall(const TemplateArguments& arguments) {
  return WrongArgument(fmt::format("{} is no function to call", TemplateTypeName(*arguments[0])));
}

}  // namespace imglife
