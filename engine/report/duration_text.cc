#include "engine/report/duration_text.h"

#include <algorithm>

#include "fmt/format.h"

namespace imglife {

std::string SecondsText(absl::Duration took) {
  const absl::Duration rounded = std::max(took, absl::ZeroDuration()) + absl::Milliseconds(50);
  const std::int64_t tenths = absl::ToInt64Milliseconds(rounded) / 100;
  return fmt::format("{}.{}s", tenths / 10, tenths % 10);
}

}  // namespace imglife
