// The functions of templates one by one. Each is called with as many arguments as the table in
// template_functions.cc allows, and says what is wrong with them as FailedPrecondition.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/template/template.h"
#include "engine/template/template_tree.h"

namespace imglife {

using TemplateArguments = std::vector<TemplateRef>;
using TemplateResult = absl::StatusOr<TemplateRef>;

template <typename T>
const T* Get(const TemplateRef& value) {
  return std::get_if<T>(&value->storage());
}

template <typename T>
TemplateRef MakeRef(T value) {
  return std::make_shared<TemplateValue>(std::move(value));
}

absl::Status WrongArgument(std::string message);
// "`wanted` is wanted, not TYPE".
absl::Status WrongType(std::string_view wanted, const TemplateRef& value);

// Collections.
TemplateResult CallLen(const TemplateArguments& arguments);
TemplateResult CallIndex(const TemplateArguments& arguments);
TemplateResult CallSlice(const TemplateArguments& arguments);
TemplateResult CallSplit(const TemplateArguments& arguments);  // SEPARATOR TEXT
TemplateResult CallJoin(const TemplateArguments& arguments);   // SEPARATOR LIST

// Comparison.
TemplateResult CallNot(const TemplateArguments& arguments);
TemplateResult CallDefault(const TemplateArguments& arguments);  // DEFAULT VALUE
TemplateResult CallEq(const TemplateArguments& arguments);       // the first with any other
TemplateResult CallNe(const TemplateArguments& arguments);
TemplateResult CallLt(const TemplateArguments& arguments);
TemplateResult CallLe(const TemplateArguments& arguments);
TemplateResult CallGt(const TemplateArguments& arguments);
TemplateResult CallGe(const TemplateArguments& arguments);

// Text. Case is that of ASCII letters.
TemplateResult CallPrint(const TemplateArguments& arguments);
TemplateResult CallPrintf(const TemplateArguments& arguments);
TemplateResult CallPrintln(const TemplateArguments& arguments);
TemplateResult CallHtml(const TemplateArguments& arguments);
TemplateResult CallJs(const TemplateArguments& arguments);
TemplateResult CallUrlQuery(const TemplateArguments& arguments);
TemplateResult CallLower(const TemplateArguments& arguments);
TemplateResult CallUpper(const TemplateArguments& arguments);
TemplateResult CallTrim(const TemplateArguments& arguments);
TemplateResult CallReplace(const TemplateArguments& arguments);  // OLD NEW TEXT
TemplateResult CallQuote(const TemplateArguments& arguments);

// There is nothing that could be called: always an error.
TemplateResult CallCall(const TemplateArguments& arguments);

}  // namespace imglife
