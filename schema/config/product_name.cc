#include "schema/config/product_name.h"

namespace imglife {

bool IsProductName(std::string_view name) {
  constexpr std::string_view kBytes =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_+";
  return !name.empty() && name.size() <= kMostProductName && name[0] != '.' &&
         name.find_first_not_of(kBytes) == std::string_view::npos;
}

}  // namespace imglife
