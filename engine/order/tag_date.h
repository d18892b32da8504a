// Dates in tags: YYYYMMDD, YYYYMMDDhhmm and YYYY-MM-DD. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace imglife {

struct TagDate {
  std::string digits;      // YYYYMMDD or YYYYMMDDhhmm
  std::size_t length = 0;  // of its text in the tag
};

// The date at the start of `text`: a real one between 1990 and 2099 whose last digit no further
// digit follows. Nothing if there is none.
std::optional<TagDate> DateAtStart(std::string_view text);

}  // namespace imglife
