// Go's number literals (Go spec, "Integer literals" and "Floating-point literals").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"

namespace imglife {

// The length of what looks like a number at the beginning of `text`.
std::size_t NumberLength(std::string_view text);

// 1_000, 0x1f, 0b11, 0o17, 017, 1.5e3, 0x1p-2, with or without a sign. Integers with a point or an
// exponent are floats. InvalidArgument for anything else, and for what doesn't fit in 64 bits.
absl::StatusOr<std::variant<std::int64_t, double>> ParseNumber(std::string_view literal);

}  // namespace imglife
