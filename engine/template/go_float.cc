#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "engine/template/format_number.h"

namespace imglife {
namespace {

constexpr int kMantissaBits = 52;
constexpr int kExponentBias = 1023;

// A number as mantissa * 2^exponent.
struct Binary {
  std::uint64_t mantissa;
  int exponent;
};

Binary Split(double magnitude) {
  const auto bits = std::bit_cast<std::uint64_t>(magnitude);
  const auto exponent = static_cast<int>(bits >> kMantissaBits);
  const std::uint64_t hidden = std::uint64_t{1} << kMantissaBits;
  const std::uint64_t fraction = bits & (hidden - 1);
  return {exponent == 0 ? fraction : fraction | hidden,
          std::max(exponent, 1) - kExponentBias - kMantissaBits};
}

// Half to even, to `precision` hexadecimal digits behind the leading 1, which is bit 60.
std::uint64_t RoundHex(std::uint64_t mantissa, int precision) {
  constexpr int kDigits = 15;
  if (precision < 0 || precision >= kDigits) return mantissa;
  const int dropped = 4 * (kDigits - precision);
  const std::uint64_t unit = std::uint64_t{1} << dropped;
  const std::uint64_t rest = mantissa & (unit - 1);
  mantissa -= rest;
  const bool odd = (mantissa & unit) != 0;
  return rest > unit / 2 || (rest == unit / 2 && odd) ? mantissa + unit : mantissa;
}

std::string HexFloat(double magnitude, int precision) {
  constexpr int kTop = 60;
  constexpr std::uint64_t kFraction = (std::uint64_t{1} << kTop) - 1;
  Binary binary = Split(magnitude);
  int exponent = 0;
  if (binary.mantissa != 0) {
    const int shift = std::countl_zero(binary.mantissa) - (63 - kTop);
    binary.mantissa <<= shift;
    exponent = binary.exponent - shift + kTop;
  }
  std::uint64_t mantissa = RoundHex(binary.mantissa, precision);
  if ((mantissa >> (kTop + 1)) != 0) {
    mantissa >>= 1;
    ++exponent;
  }
  std::string text = fmt::format("0x{}", mantissa >> kTop);
  std::string digits;
  for (std::uint64_t rest = mantissa & kFraction; rest != 0; rest = (rest << 4) & kFraction) {
    digits += fmt::format("{:x}", rest >> (kTop - 4));
  }
  if (precision >= 0) digits.resize(static_cast<std::size_t>(precision), '0');
  if (!digits.empty()) text += "." + digits;
  return text + fmt::format("p{}{:02}", exponent < 0 ? '-' : '+', std::abs(exponent));
}

// An exponent below -4 and from 6 on.
std::string ShortestFloat(double magnitude) {
  std::array<char, 64> buffer{};
  char* const last = buffer.data() + buffer.size();
  const auto scientific =
      std::to_chars(buffer.data(), last, magnitude, std::chars_format::scientific);
  const std::string text(buffer.data(), scientific.ptr);
  const int exponent = std::stoi(text.substr(text.find('e') + 1));
  if (exponent < -4 || exponent >= 6) return text;
  const auto fixed = std::to_chars(buffer.data(), last, magnitude, std::chars_format::fixed);
  return {buffer.data(), fixed.ptr};
}

std::string WithPrecision(double magnitude, std::chars_format format, int precision) {
  constexpr std::size_t kIntegerAndExponent = 400;
  std::string text(static_cast<std::size_t>(precision) + kIntegerAndExponent, '\0');
  char* const last = text.data() + text.size();
  const auto [end, error] = std::to_chars(text.data(), last, magnitude, format, precision);
  text.resize(static_cast<std::size_t>(end - text.data()));
  return text;
}

std::string Magnitude(double magnitude, char format, int precision) {
  switch (format) {
    case 'b': {
      const Binary binary = Split(magnitude);
      return fmt::format("{}p{:+}", binary.mantissa, binary.exponent);
    }
    case 'e':
      return WithPrecision(magnitude, std::chars_format::scientific, precision);
    case 'f':
      return WithPrecision(magnitude, std::chars_format::fixed, precision);
    case 'x':
      return HexFloat(magnitude, precision);
    default:
      return precision < 0 ? ShortestFloat(magnitude)
                           : WithPrecision(magnitude, std::chars_format::general, precision);
  }
}

}  // namespace

std::string GoFloat(double number, char format, int precision) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  const bool upper = format == 'E' || format == 'G' || format == 'X';
  std::string text =
      Magnitude(std::fabs(number), upper ? static_cast<char>(format | 0x20) : format, precision);
  if (upper) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c ^ 0x20) : c;
  }
  return std::signbit(number) ? "-" + text : text;
}

}  // namespace imglife
