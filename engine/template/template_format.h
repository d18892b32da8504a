// Values as text, as Go's package fmt prints them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/template/bounded_text.h"
#include "engine/template/format_number.h"
#include "engine/template/template.h"
#include "engine/template/template_tree.h"

namespace imglife {

// "string", "int", "float64", "bool", "list", "map", "nil": for people.
std::string_view TemplateTypeName(const TemplateValue& value);

// One value for one verb; a verb that isn't for its type gives "%!verb(type=value)", as in Go.
void FormatValue(const TemplateValue& value, const FormatFlags& flags, char32_t verb,
                 BoundedText& text);

// fmt.Sprint, fmt.Sprintln and fmt.Sprintf. ResourceExhausted above 16 MiB.
absl::StatusOr<std::string> Sprint(const std::vector<TemplateRef>& values);
absl::StatusOr<std::string> Sprintln(const std::vector<TemplateRef>& values);
absl::StatusOr<std::string> Sprintf(std::string_view format,
                                    const std::vector<TemplateRef>& values);

// The text, unless it has overflowed.
absl::StatusOr<std::string> Finished(BoundedText text);

}  // namespace imglife
