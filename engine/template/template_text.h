// Values as text, as Go's package fmt prints them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/template/template.h"

namespace imglife {

// "string", "int", "float64", "bool", "list", "map", "nil".
std::string_view TemplateTypeName(const TemplateValue& value);
// Empty text, 0, false, nothing, and lists and maps without anything are not true.
bool IsTrue(const TemplateValue& value);

// %v.
std::string DisplayText(const TemplateValue& value);
// fmt.Sprint: a space between two values of which neither is a string.
std::string Sprint(const std::vector<TemplateValue>& values);
// fmt.Sprintf.
std::string Sprintf(std::string_view format, const std::vector<TemplateValue>& values);
// %q of text.
std::string GoQuoted(std::string_view text);

}  // namespace imglife
