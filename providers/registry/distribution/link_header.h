// Links in a header of an answer (RFC 8288, 3; lists as in RFC 9110, 5.6.1).
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace imglife {

struct WebLink {
  std::string target;               // as written
  std::set<std::string> relations;  // in lower case, at least one
};

// The links of one Link header, in their order. Other parameters than the first `rel` mean nothing
// here. Values without quotes may have what RFC 5988 allowed there, as a URL. InvalidArgument says
// what is wrong. Any bytes may come in.
absl::StatusOr<std::vector<WebLink>> ParseLinkHeader(std::string_view header);

}  // namespace imglife
