#include "engine/report/text_width.h"

#include <algorithm>

namespace imglife {

std::size_t TextWidth(std::string_view text) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

}  // namespace imglife
