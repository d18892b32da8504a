// What endoflife.date answers, in both of its forms, as release cycles. Pure: bytes in, values out.
//
// The fields of the result are those of the older API. What API v1 says otherwise is turned back
// (protocol notes 3.7; endoflife.date, product-data-enricher.rb): v1 splits a field that holds a
// date or yes/no into `xFrom` and `isX`, and asks "is it over?" where the older API asks "is it
// there?" for support and extendedSupport.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "schema/documents/eol_data.h"

namespace imglife {

// More cycles than any product has (the largest of 2026 has under 150); a longer answer is refused.
inline constexpr std::size_t kMostEolCycles = 5000;

// The body of /api/v1/products/PRODUCT/, cycles in its order (newest first). InvalidArgument says
// what is not as API v1 (1.0 to 1.2.1) has it, control characters included; FailedPrecondition: it
// is about another product, as neither its name nor its aliases are `product` (case ignored).
absl::StatusOr<EolCycles> ParseProductV1(std::string_view body, std::string_view product);

// The body of /api/PRODUCT.json, cycles in its order. InvalidArgument likewise.
absl::StatusOr<EolCycles> ParseProductV0(std::string_view body);

// Names and aliases in the body of /api/v1/products/ or /api/all.json, whichever it is; empty if it
// is neither.
std::vector<std::string> ParseProductNames(std::string_view body);

}  // namespace imglife
