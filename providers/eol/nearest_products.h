// The end of a message about a product that isn't there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imglife {

// "; did you mean alpine or alpine-linux?" with at most three of `names`, nearest first, or empty
// if none is near.
std::string NearestProducts(std::string_view product, std::vector<std::string> names);

}  // namespace imglife
