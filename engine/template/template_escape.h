// Text made safe for other languages, as Go's templates do it.
#pragma once

#include <string>
#include <string_view>

namespace imglife {

std::string HtmlEscaped(std::string_view text);
std::string JsEscaped(std::string_view text);
// url.QueryEscape.
std::string QueryEscaped(std::string_view text);

}  // namespace imglife
