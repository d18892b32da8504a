// One page of the list of a repository's tags (distribution-spec 1.1, "Listing Tags").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace imglife {

struct TagPage {
  // Valid tags, in the order of the page.
  std::vector<std::string> tags;
  // How many items are none.
  std::size_t invalid = 0;
};

// The items of "tags"; null is empty, and where the field comes several times the last one counts.
// InvalidArgument if the document isn't an object with such a list. ResourceExhausted at the first
// item over `most`, whatever it is: memory is taken for the tags alone, and 64 MiB of JSON have
// room for 22 million empty lists.
absl::StatusOr<TagPage> ReadTagPage(std::string_view document, std::size_t most);

}  // namespace imglife
