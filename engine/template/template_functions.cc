#include "engine/template/template_functions.h"

#include <algorithm>
#include <functional>
#include <map>

#include "absl/status/status.h"
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/template/template_escape.h"
#include "engine/template/template_text.h"

namespace imglife {
namespace {

using Arguments = std::vector<TemplateValue>;
using Result = absl::StatusOr<TemplateValue>;

absl::Status Wrong(std::string message) {
  return absl::FailedPreconditionError(std::move(message));
}

absl::Status WrongType(const TemplateValue& value, std::string_view wanted) {
  return Wrong(fmt::format("{} is wanted, not {}", wanted, TemplateTypeName(value)));
}

template <typename T>
const T* Get(const TemplateValue& value) {
  return std::get_if<T>(&value.storage());
}

Result Text(std::string text) {
  return TemplateValue(std::move(text));
}

Result Not(const Arguments& arguments) {
  return TemplateValue(!IsTrue(arguments[0]));
}

Result Len(const Arguments& arguments) {
  const TemplateValue& value = arguments[0];
  std::size_t length = 0;
  if (const auto* text = Get<std::string>(value)) {
    length = text->size();
  } else if (const auto* list = Get<TemplateValue::List>(value)) {
    length = list->size();
  } else if (const auto* map = Get<TemplateValue::Map>(value)) {
    length = map->size();
  } else {
    return Wrong(fmt::format("{} has no length", TemplateTypeName(value)));
  }
  return TemplateValue(static_cast<std::int64_t>(length));
}

absl::StatusOr<std::size_t> Position(const TemplateValue& value, std::size_t most) {
  const auto* number = Get<std::int64_t>(value);
  if (number == nullptr) return WrongType(value, "an integer index");
  if (*number < 0 || static_cast<std::uint64_t>(*number) > most) {
    return Wrong(fmt::format("index {} is out of range", *number));
  }
  return static_cast<std::size_t>(*number);
}

Result IndexOnce(const TemplateValue& value, const TemplateValue& index) {
  if (const auto* map = Get<TemplateValue::Map>(value)) {
    const auto* key = Get<std::string>(index);
    if (key == nullptr) return WrongType(index, "a string as key");
    const auto found = map->find(*key);
    return found == map->end() ? TemplateValue() : found->second;
  }
  const auto* list = Get<TemplateValue::List>(value);
  const auto* text = Get<std::string>(value);
  if (list == nullptr && text == nullptr) {
    return Wrong(fmt::format("{} can't be indexed", TemplateTypeName(value)));
  }
  const std::size_t size = list != nullptr ? list->size() : text->size();
  if (size == 0) return Wrong("index is out of range: there is nothing");
  const auto position = Position(index, size - 1);
  if (!position.ok()) return position.status();
  if (list != nullptr) return (*list)[*position];
  return TemplateValue(std::int64_t{static_cast<unsigned char>((*text)[*position])});
}

Result Index(const Arguments& arguments) {
  TemplateValue value = arguments[0];
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    auto next = IndexOnce(value, arguments[i]);
    if (!next.ok()) return next;
    value = *std::move(next);
  }
  return value;
}

Result Slice(const Arguments& arguments) {
  const auto* text = Get<std::string>(arguments[0]);
  const auto* list = Get<TemplateValue::List>(arguments[0]);
  if (text == nullptr && list == nullptr) {
    return Wrong(fmt::format("{} can't be sliced", TemplateTypeName(arguments[0])));
  }
  if (arguments.size() == 4 && text != nullptr) return Wrong("a string has no third index");
  const std::size_t size = text != nullptr ? text->size() : list->size();
  std::vector<std::size_t> bounds = {0, size, size};
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto bound = Position(arguments[i], size);
    if (!bound.ok()) return bound.status();
    bounds[i - 1] = *bound;
  }
  if (bounds[0] > bounds[1] || bounds[1] > bounds[2]) {
    return Wrong(fmt::format("the slice {}:{} ends before it begins", bounds[0], bounds[1]));
  }
  if (text != nullptr) return TemplateValue(text->substr(bounds[0], bounds[1] - bounds[0]));
  const auto begin = list->begin();
  return TemplateValue(TemplateValue::List(begin + static_cast<std::ptrdiff_t>(bounds[0]),
                                           begin + static_cast<std::ptrdiff_t>(bounds[1])));
}

Result Print(const Arguments& arguments) {
  return Text(Sprint(arguments));
}

Result Println(const Arguments& arguments) {
  std::vector<std::string> texts;
  for (const TemplateValue& value : arguments) texts.push_back(DisplayText(value));
  return Text(fmt::format("{}\n", fmt::join(texts, " ")));
}

Result Printf(const Arguments& arguments) {
  const auto* format = Get<std::string>(arguments[0]);
  if (format == nullptr) return WrongType(arguments[0], "a format string");
  return Text(Sprintf(*format, {arguments.begin() + 1, arguments.end()}));
}

Result Html(const Arguments& arguments) {
  return Text(HtmlEscaped(Sprint(arguments)));
}
Result Js(const Arguments& arguments) {
  return Text(JsEscaped(Sprint(arguments)));
}
Result UrlQuery(const Arguments& arguments) {
  return Text(QueryEscaped(Sprint(arguments)));
}

Result Call(const Arguments& arguments) {
  return Wrong(fmt::format("{} is no function to call", TemplateTypeName(arguments[0])));
}

bool IsComparable(const TemplateValue& value) {
  return Get<TemplateValue::List>(value) == nullptr && Get<TemplateValue::Map>(value) == nullptr;
}

absl::StatusOr<bool> Equal(const TemplateValue& a, const TemplateValue& b) {
  if (!IsComparable(a) || !IsComparable(b)) {
    return Wrong(fmt::format("{} can't be compared", TemplateTypeName(IsComparable(a) ? b : a)));
  }
  const bool nil = Get<std::monostate>(a) != nullptr || Get<std::monostate>(b) != nullptr;
  if (a.storage().index() != b.storage().index()) {
    if (nil) return false;
    return Wrong(
        fmt::format("{} and {} can't be compared", TemplateTypeName(a), TemplateTypeName(b)));
  }
  if (const auto* text = Get<std::string>(a)) return *text == *Get<std::string>(b);
  if (const auto* number = Get<std::int64_t>(a)) return *number == *Get<std::int64_t>(b);
  if (const auto* number = Get<double>(a)) return *number == *Get<double>(b);
  if (const auto* truth = Get<bool>(a)) return *truth == *Get<bool>(b);
  return true;
}

absl::StatusOr<bool> Less(const TemplateValue& a, const TemplateValue& b) {
  if (a.storage().index() == b.storage().index()) {
    if (const auto* text = Get<std::string>(a)) return *text < *Get<std::string>(b);
    if (const auto* number = Get<std::int64_t>(a)) return *number < *Get<std::int64_t>(b);
    if (const auto* number = Get<double>(a)) return *number < *Get<double>(b);
  }
  return Wrong(fmt::format("{} and {} have no order", TemplateTypeName(a), TemplateTypeName(b)));
}

Result Eq(const Arguments& arguments) {
  bool any = false;
  for (std::size_t i = 1; i < arguments.size() && !any; ++i) {
    const auto equal = Equal(arguments[0], arguments[i]);
    if (!equal.ok()) return equal.status();
    any = *equal;
  }
  return TemplateValue(any);
}

Result Ne(const Arguments& arguments) {
  const auto equal = Equal(arguments[0], arguments[1]);
  if (!equal.ok()) return equal.status();
  return TemplateValue(!*equal);
}

Result Ordered(const TemplateValue& a, const TemplateValue& b, bool negate) {
  const auto less = Less(a, b);
  if (!less.ok()) return less.status();
  return TemplateValue(*less != negate);
}

Result Lt(const Arguments& arguments) {
  return Ordered(arguments[0], arguments[1], false);
}
Result Gt(const Arguments& arguments) {
  return Ordered(arguments[1], arguments[0], false);
}
Result Le(const Arguments& arguments) {
  return Ordered(arguments[1], arguments[0], true);
}
Result Ge(const Arguments& arguments) {
  return Ordered(arguments[0], arguments[1], true);
}

Result Default(const Arguments& arguments) {
  return IsTrue(arguments[1]) ? arguments[1] : arguments[0];
}

using TextFunction = std::function<std::string(const std::vector<std::string>&)>;

// A function of strings alone.
std::function<Result(const Arguments&)> OfTexts(TextFunction function) {
  return [function = std::move(function)](const Arguments& arguments) -> Result {
    std::vector<std::string> texts;
    for (const TemplateValue& value : arguments) {
      const auto* text = Get<std::string>(value);
      if (text == nullptr) return WrongType(value, "a string");
      texts.push_back(*text);
    }
    return Text(function(texts));
  };
}

std::string WithCase(std::string text, char first, char last) {
  for (char& c : text) {
    if (c >= first && c <= last) c = static_cast<char>(c ^ 0x20);
  }
  return text;
}

std::string Trimmed(const std::string& text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// {{ replace OLD NEW TEXT }}.
std::string Replaced(const std::vector<std::string>& texts) {
  const std::string& from = texts[0];
  std::string result;
  std::string_view rest = texts[2];
  while (!from.empty()) {
    const std::size_t found = rest.find(from);
    if (found == std::string_view::npos) break;
    result.append(rest.substr(0, found)).append(texts[1]);
    rest.remove_prefix(found + from.size());
  }
  return result.append(rest);
}

// {{ split SEPARATOR TEXT }}.
Result Split(const Arguments& arguments) {
  const auto* separator = Get<std::string>(arguments[0]);
  const auto* text = Get<std::string>(arguments[1]);
  if (separator == nullptr || text == nullptr) {
    return WrongType(separator == nullptr ? arguments[0] : arguments[1], "a string");
  }
  if (separator->empty()) return Wrong("the separator is empty");
  TemplateValue::List parts;
  std::size_t start = 0;
  for (std::size_t found = text->find(*separator); found != std::string::npos;
       found = text->find(*separator, start)) {
    parts.emplace_back(text->substr(start, found - start));
    start = found + separator->size();
  }
  parts.emplace_back(text->substr(start));
  return TemplateValue(std::move(parts));
}

// {{ join SEPARATOR LIST }}.
Result Join(const Arguments& arguments) {
  const auto* separator = Get<std::string>(arguments[0]);
  const auto* list = Get<TemplateValue::List>(arguments[1]);
  if (separator == nullptr) return WrongType(arguments[0], "a string");
  if (list == nullptr) return WrongType(arguments[1], "a list");
  std::vector<std::string> texts;
  for (const TemplateValue& item : *list) texts.push_back(DisplayText(item));
  return Text(fmt::format("{}", fmt::join(texts, *separator)));
}

struct Function {
  std::size_t least;
  std::size_t most;
  std::function<Result(const Arguments&)> call;
};

constexpr std::size_t kAny = 1'000'000;

const std::map<std::string, Function, std::less<>>& Functions() {
  static const auto* functions = new std::map<std::string, Function, std::less<>>{
      {"and", {1, kAny, nullptr}},
      {"call", {1, kAny, Call}},
      {"default", {2, 2, Default}},
      {"eq", {2, kAny, Eq}},
      {"ge", {2, 2, Ge}},
      {"gt", {2, 2, Gt}},
      {"html", {0, kAny, Html}},
      {"index", {1, kAny, Index}},
      {"join", {2, 2, Join}},
      {"js", {0, kAny, Js}},
      {"le", {2, 2, Le}},
      {"len", {1, 1, Len}},
      {"lower", {1, 1, OfTexts([](const auto& texts) { return WithCase(texts[0], 'A', 'Z'); })}},
      {"lt", {2, 2, Lt}},
      {"ne", {2, 2, Ne}},
      {"not", {1, 1, Not}},
      {"or", {1, kAny, nullptr}},
      {"print", {0, kAny, Print}},
      {"printf", {1, kAny, Printf}},
      {"println", {0, kAny, Println}},
      {"quote", {1, 1, OfTexts([](const auto& texts) { return GoQuoted(texts[0]); })}},
      {"replace", {3, 3, OfTexts(Replaced)}},
      {"slice", {1, 4, Slice}},
      {"split", {2, 2, Split}},
      {"trim", {1, 1, OfTexts([](const auto& texts) { return Trimmed(texts[0]); })}},
      {"upper", {1, 1, OfTexts([](const auto& texts) { return WithCase(texts[0], 'a', 'z'); })}},
      {"urlquery", {0, kAny, UrlQuery}},
  };
  return *functions;
}

std::string Wanted(const Function& function) {
  if (function.most == kAny) return fmt::format("at least {}", function.least);
  if (function.least == function.most) return fmt::format("{}", function.least);
  return fmt::format("{} to {}", function.least, function.most);
}

}  // namespace

bool IsTemplateFunction(std::string_view name) {
  return Functions().count(name) > 0;
}

const std::vector<std::string>& TemplateFunctionNames() {
  static const auto* names = [] {
    auto* all = new std::vector<std::string>;
    for (const auto& [name, function] : Functions()) all->push_back(name);
    return all;
  }();
  return *names;
}

absl::StatusOr<TemplateValue> CallTemplateFunction(std::string_view name,
                                                   const std::vector<TemplateValue>& arguments) {
  const Function& function = Functions().find(name)->second;
  if (arguments.size() < function.least || arguments.size() > function.most) {
    return Wrong(
        fmt::format("{} needs {} arguments, it has {}", name, Wanted(function), arguments.size()));
  }
  auto result = function.call(arguments);
  if (result.ok()) return result;
  return Wrong(fmt::format("{}: {}", name, std::string(result.status().message())));
}

}  // namespace imglife
