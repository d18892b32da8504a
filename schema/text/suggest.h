// Did-you-mean.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imglife {

// The candidate nearest to `word` (Damerau-Levenshtein, case ignored), if it is near enough to be
// what was meant: at most a third of its length away. Ties go to the first in byte order.
std::optional<std::string> NearestWord(std::string_view word,
                                       const std::vector<std::string>& candidates);

// The `most` candidates nearest to `word`, however far: the nearest first, ties in byte order.
std::vector<std::string> NearestWords(std::string_view word, std::vector<std::string> candidates,
                                      std::size_t most);

}  // namespace imglife
