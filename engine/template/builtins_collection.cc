#include <fmt/format.h>

#include "engine/template/bounded_text.h"
#include "engine/template/builtins.h"
#include "engine/template/template_format.h"

namespace imglife {
namespace {

constexpr std::size_t kMostParts = 1'000'000;

// A bound that is at most `most`.
absl::StatusOr<std::size_t> Position(const TemplateRef& value, std::size_t most) {
  const auto* number = Get<std::int64_t>(value);
  if (number == nullptr) return WrongType("an integer index", value);
  if (*number < 0 || static_cast<std::uint64_t>(*number) > most) {
    return WrongArgument(fmt::format("index {} is out of range", *number));
  }
  return static_cast<std::size_t>(*number);
}

// A part of what `whole` holds, without a copy.
TemplateRef PartOf(const TemplateRef& whole, const TemplateValue& part) {
  return {whole, &part};
}

TemplateResult IndexOnce(const TemplateRef& value, const TemplateRef& index) {
  if (const auto* map = Get<TemplateValue::Map>(value)) {
    const auto* key = Get<std::string>(index);
    if (key == nullptr) return WrongType("a string as key", index);
    const auto found = map->find(*key);
    return found == map->end() ? MakeRef(TemplateValue()) : PartOf(value, found->second);
  }
  const auto* list = Get<TemplateValue::List>(value);
  const auto* text = Get<std::string>(value);
  if (list == nullptr && text == nullptr) {
    return WrongArgument(fmt::format("{} can't be indexed", TemplateTypeName(*value)));
  }
  const std::size_t size = list != nullptr ? list->size() : text->size();
  const auto position = Position(index, size);
  if (!position.ok()) return position.status();
  if (*position == size) {
    return WrongArgument(fmt::format("index {} is out of range", *position));
  }
  if (list != nullptr) return PartOf(value, (*list)[*position]);
  return MakeRef(std::int64_t{static_cast<unsigned char>((*text)[*position])});
}

}  // namespace

TemplateResult CallLen(const TemplateArguments& arguments) {
  const TemplateRef& value = arguments[0];
  std::size_t length = 0;
  if (const auto* text = Get<std::string>(value)) {
    length = text->size();
  } else if (const auto* list = Get<TemplateValue::List>(value)) {
    length = list->size();
  } else if (const auto* map = Get<TemplateValue::Map>(value)) {
    length = map->size();
  } else {
    return WrongArgument(fmt::format("{} has no length", TemplateTypeName(*value)));
  }
  return MakeRef(static_cast<std::int64_t>(length));
}

TemplateResult CallIndex(const TemplateArguments& arguments) {
  TemplateRef value = arguments[0];
  if (Get<std::monostate>(value) != nullptr) return WrongArgument("nil can't be indexed");
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    auto next = IndexOnce(value, arguments[i]);
    if (!next.ok()) return next;
    value = *std::move(next);
  }
  return value;
}

TemplateResult CallSlice(const TemplateArguments& arguments) {
  const auto* text = Get<std::string>(arguments[0]);
  const auto* list = Get<TemplateValue::List>(arguments[0]);
  if (text == nullptr && list == nullptr) {
    return WrongArgument(fmt::format("{} can't be sliced", TemplateTypeName(*arguments[0])));
  }
  if (arguments.size() == 4 && text != nullptr) {
    return WrongArgument("a string has no third index");
  }
  const std::size_t size = text != nullptr ? text->size() : list->size();
  std::vector<std::size_t> bounds = {0, size, size};
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto bound = Position(arguments[i], size);
    if (!bound.ok()) return bound.status();
    bounds[i - 1] = *bound;
  }
  if (bounds[0] > bounds[1] || bounds[1] > bounds[2]) {
    return WrongArgument(
        fmt::format("the slice {}:{} ends before it begins", bounds[0], bounds[1]));
  }
  if (text != nullptr) return MakeRef(text->substr(bounds[0], bounds[1] - bounds[0]));
  const auto begin = list->begin();
  return MakeRef(TemplateValue::List(begin + static_cast<std::ptrdiff_t>(bounds[0]),
                                     begin + static_cast<std::ptrdiff_t>(bounds[1])));
}

TemplateResult CallSplit(const TemplateArguments& arguments) {
  const auto* separator = Get<std::string>(arguments[0]);
  const auto* text = Get<std::string>(arguments[1]);
  if (separator == nullptr) return WrongType("a string", arguments[0]);
  if (text == nullptr) return WrongType("a string", arguments[1]);
  if (separator->empty()) return WrongArgument("the separator is empty");
  TemplateValue::List parts;
  std::size_t start = 0;
  for (std::size_t found = text->find(*separator); found != std::string::npos;
       found = text->find(*separator, start)) {
    if (parts.size() == kMostParts) {
      return absl::ResourceExhaustedError(fmt::format("more than {} parts", kMostParts));
    }
    parts.emplace_back(text->substr(start, found - start));
    start = found + separator->size();
  }
  parts.emplace_back(text->substr(start));
  return MakeRef(std::move(parts));
}

TemplateResult CallJoin(const TemplateArguments& arguments) {
  const auto* separator = Get<std::string>(arguments[0]);
  const auto* list = Get<TemplateValue::List>(arguments[1]);
  if (separator == nullptr) return WrongType("a string", arguments[0]);
  if (list == nullptr) return WrongType("a list", arguments[1]);
  BoundedText text;
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (i > 0) text.Append(*separator);
    FormatValue((*list)[i], {}, 'v', text);
  }
  auto joined = Finished(std::move(text));
  if (!joined.ok()) return joined.status();
  return MakeRef(*std::move(joined));
}

}  // namespace imglife
