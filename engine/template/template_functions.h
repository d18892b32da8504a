// The functions that templates may call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/template/template.h"

namespace imglife {

bool IsTemplateFunction(std::string_view name);
// Sorted.
const std::vector<std::string>& TemplateFunctionNames();

// `and` and `or` are not called here: they don't evaluate all arguments. FailedPrecondition says
// what is wrong with the arguments, without a place.
absl::StatusOr<TemplateValue> CallTemplateFunction(std::string_view name,
                                                   const std::vector<TemplateValue>& arguments);

}  // namespace imglife
