#include "schema/text/utf8.h"

namespace imglife {
namespace {

struct Lead {
  std::size_t size;
  char32_t bits;
  char32_t smallest;
};

Lead DecodeLead(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xC2 && byte < 0xE0) return {2, static_cast<char32_t>(byte & 0x1F), 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return {3, static_cast<char32_t>(byte & 0x0F), 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return {4, static_cast<char32_t>(byte & 0x07), 0x10000};
  return {0, 0, 0};
}

}  // namespace

Utf8Character DecodeUtf8(std::string_view text) {
  if (text.empty()) return {};
  const Lead lead = DecodeLead(static_cast<unsigned char>(text[0]));
  if (lead.size == 0 || text.size() < lead.size) return {};
  char32_t code = lead.bits;
  for (std::size_t i = 1; i < lead.size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return {};
    code = (code << 6) | static_cast<char32_t>(byte & 0x3F);
  }
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  if (code < lead.smallest || surrogate || code > 0x10FFFF) return {};
  return {code, lead.size};
}

}  // namespace imglife
