#include "providers/eol/nearest_products.h"

#include <algorithm>
#include <optional>

#include "schema/text/suggest.h"

namespace imglife {

std::string NearestProducts(std::string_view product, std::vector<std::string> names) {
  constexpr int kMost = 3;
  std::string list;
  for (int i = 0; i < kMost; ++i) {
    const std::optional<std::string> nearest = NearestWord(product, names);
    if (!nearest.has_value()) break;
    list += (list.empty() ? "; did you mean " : " or ") + *nearest;
    names.erase(std::remove(names.begin(), names.end(), *nearest), names.end());
  }
  return list.empty() ? list : list + "?";
}

}  // namespace imglife
