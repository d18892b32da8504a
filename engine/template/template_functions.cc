#include "engine/template/template_functions.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/status/status.h"
#include <fmt/format.h>

#include "engine/template/builtins.h"
#include "engine/template/template_format.h"

namespace imglife {
namespace {

struct Function {
  std::string_view name;
  std::size_t least;  // arguments
  std::size_t most;
  TemplateResult (*call)(const TemplateArguments&);  // null: not called here
};

constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

constexpr std::array<Function, 27> kFunctions = {{
    {"and", 1, kAny, nullptr},
    {"call", 1, kAny, CallCall},
    {"default", 2, 2, CallDefault},
    {"eq", 2, kAny, CallEq},
    {"ge", 2, 2, CallGe},
    {"gt", 2, 2, CallGt},
    {"html", 0, kAny, CallHtml},
    {"index", 1, kAny, CallIndex},
    {"join", 2, 2, CallJoin},
    {"js", 0, kAny, CallJs},
    {"le", 2, 2, CallLe},
    {"len", 1, 1, CallLen},
    {"lower", 1, 1, CallLower},
    {"lt", 2, 2, CallLt},
    {"ne", 2, 2, CallNe},
    {"not", 1, 1, CallNot},
    {"or", 1, kAny, nullptr},
    {"print", 0, kAny, CallPrint},
    {"printf", 1, kAny, CallPrintf},
    {"println", 0, kAny, CallPrintln},
    {"quote", 1, 1, CallQuote},
    {"replace", 3, 3, CallReplace},
    {"slice", 1, 4, CallSlice},
    {"split", 2, 2, CallSplit},
    {"trim", 1, 1, CallTrim},
    {"upper", 1, 1, CallUpper},
    {"urlquery", 0, kAny, CallUrlQuery},
}};

const Function* Find(std::string_view name) {
  const auto* found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                   [name](const Function& f) { return f.name == name; });
  return found == kFunctions.end() ? nullptr : found;
}

std::string Wanted(const Function& function) {
  const std::string_view at_least = function.most == kAny ? "at least " : "";
  const std::string_view noun = function.least == 1 ? "argument" : "arguments";
  if (function.most == kAny || function.least == function.most) {
    return fmt::format("{}{} {}", at_least, function.least, noun);
  }
  return fmt::format("{} to {} arguments", function.least, function.most);
}

}  // namespace

absl::Status WrongArgument(std::string message) {
  return absl::FailedPreconditionError(message);
}

absl::Status WrongType(std::string_view wanted, const TemplateRef& value) {
  return WrongArgument(fmt::format("{} is wanted, not {}", wanted, TemplateTypeName(*value)));
}

bool IsTemplateFunction(std::string_view name) {
  return Find(name) != nullptr;
}

const std::vector<std::string>& TemplateFunctionNames() {
  static const auto* names = [] {
    auto* all = new std::vector<std::string>;
    for (const Function& function : kFunctions) all->emplace_back(function.name);
    return all;
  }();
  return *names;
}

bool IsTrue(const TemplateValue& value) {
  const auto& storage = value.storage();
  if (const auto* truth = std::get_if<bool>(&storage)) return *truth;
  if (const auto* number = std::get_if<std::int64_t>(&storage)) return *number != 0;
  if (const auto* number = std::get_if<double>(&storage)) return *number != 0;
  if (const auto* text = std::get_if<std::string>(&storage)) return !text->empty();
  if (const auto* list = std::get_if<TemplateValue::List>(&storage)) return !list->empty();
  if (const auto* map = std::get_if<TemplateValue::Map>(&storage)) return !map->empty();
  return false;
}

absl::StatusOr<TemplateRef> CallTemplateFunction(std::string_view name,
                                                 const std::vector<TemplateRef>& arguments) {
  const Function& function = *Find(name);
  if (arguments.size() < function.least || arguments.size() > function.most) {
    return WrongArgument(
        fmt::format("{} needs {}, it has {}", name, Wanted(function), arguments.size()));
  }
  auto result = function.call(arguments);
  if (result.ok()) return result;
  return absl::Status(result.status().code(),
                      fmt::format("{}: {}", name, std::string(result.status().message())));
}

}  // namespace imglife
