// The functions that templates may call: Go's, and default, lower, upper, trim, replace, split,
// join and quote.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/template/template.h"
#include "engine/template/template_tree.h"

namespace imglife {

bool IsTemplateFunction(std::string_view name);
// Sorted.
const std::vector<std::string>& TemplateFunctionNames();

// What has no value: false, 0, empty text, lists and maps without anything, and nil.
bool IsTrue(const TemplateValue& value);

// `name` is a function; `and` and `or` are not called here: they don't evaluate all arguments.
// FailedPrecondition says what is wrong with the arguments, without a place; ResourceExhausted that
// the result is too large.
absl::StatusOr<TemplateRef> CallTemplateFunction(std::string_view name,
                                                 const std::vector<TemplateRef>& arguments);

}  // namespace imglife
