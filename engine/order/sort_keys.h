// Numbers that order most pairs of tags without looking at their texts: sorting a million tags is
// bound by memory otherwise. A key says less than CompareTags, never something else. Pure.
#pragma once

#include <cstdint>

#include "engine/order/tag_order.h"

namespace imglife {

// Monotone in CompareTags: a smaller key is an older tag (of versions, floating ones are older than
// all others); equal keys say nothing.
std::uint64_t AgeKey(const ParsedTag& tag, bool floating);

// Monotone in the components of a version and its build, compared one by one as numbers, a missing
// one before any; equal keys say nothing.
std::uint64_t ComponentsKey(const ParsedTag& tag);

}  // namespace imglife
