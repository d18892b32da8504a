#include <fmt/format.h>

#include "engine/template/builtins.h"
#include "engine/template/template_format.h"
#include "engine/template/template_functions.h"

namespace imglife {
namespace {

bool IsNil(const TemplateRef& value) {
  return Get<std::monostate>(value) != nullptr;
}

bool IsCollection(const TemplateRef& value) {
  return Get<TemplateValue::List>(value) != nullptr || Get<TemplateValue::Map>(value) != nullptr;
}

absl::Status NotComparable(const TemplateRef& a, const TemplateRef& b) {
  return WrongArgument(
      fmt::format("{} and {} can't be compared", TemplateTypeName(*a), TemplateTypeName(*b)));
}

// Whatever is nil equals nothing but nil; otherwise only values of one type can be compared.
absl::StatusOr<bool> Equal(const TemplateRef& a, const TemplateRef& b) {
  if (IsNil(a) || IsNil(b)) return IsNil(a) == IsNil(b);
  if (a->storage().index() != b->storage().index() || IsCollection(a)) return NotComparable(a, b);
  if (const auto* text = Get<std::string>(a)) return *text == *Get<std::string>(b);
  if (const auto* number = Get<std::int64_t>(a)) return *number == *Get<std::int64_t>(b);
  if (const auto* number = Get<double>(a)) return *number == *Get<double>(b);
  return *Get<bool>(a) == *Get<bool>(b);
}

absl::StatusOr<bool> Less(const TemplateRef& a, const TemplateRef& b) {
  if (a->storage().index() == b->storage().index()) {
    if (const auto* text = Get<std::string>(a)) return *text < *Get<std::string>(b);
    if (const auto* number = Get<std::int64_t>(a)) return *number < *Get<std::int64_t>(b);
    if (const auto* number = Get<double>(a)) return *number < *Get<double>(b);
  }
  return WrongArgument(
      fmt::format("{} and {} have no order", TemplateTypeName(*a), TemplateTypeName(*b)));
}

absl::StatusOr<bool> LessOrEqual(const TemplateRef& a, const TemplateRef& b) {
  auto less = Less(a, b);
  if (!less.ok() || *less) return less;
  return Equal(a, b);
}

TemplateResult Truth(const absl::StatusOr<bool>& truth, bool wanted = true) {
  if (!truth.ok()) return truth.status();
  return MakeRef(*truth == wanted);
}

}  // namespace

TemplateResult CallNot(const TemplateArguments& arguments) {
  return MakeRef(!IsTrue(*arguments[0]));
}

TemplateResult CallDefault(const TemplateArguments& arguments) {
  return IsTrue(*arguments[1]) ? arguments[1] : arguments[0];
}

TemplateResult CallEq(const TemplateArguments& arguments) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto equal = Equal(arguments[0], arguments[i]);
    if (!equal.ok() || *equal) return Truth(equal);
  }
  return MakeRef(false);
}

TemplateResult CallNe(const TemplateArguments& arguments) {
  return Truth(Equal(arguments[0], arguments[1]), false);
}

TemplateResult CallLt(const TemplateArguments& arguments) {
  return Truth(Less(arguments[0], arguments[1]));
}

TemplateResult CallLe(const TemplateArguments& arguments) {
  return Truth(LessOrEqual(arguments[0], arguments[1]));
}

TemplateResult CallGt(const TemplateArguments& arguments) {
  return Truth(LessOrEqual(arguments[0], arguments[1]), false);
}

TemplateResult CallGe(const TemplateArguments& arguments) {
  return Truth(Less(arguments[0], arguments[1]), false);
}

}  // namespace imglife
