#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/clock.h"
#include "fmt/format.h"

#include "providers/system/system.h"

namespace imglife {
namespace {

// The last second of the year 9999, the last that RFC 3339 can write.
constexpr std::int64_t kLastSecond = 253402300799;

class SystemClock : public Clock {
 public:
  SystemClock(std::optional<absl::Time> pinned, std::optional<absl::Time> policy)
      : pinned_(pinned), policy_(policy) {}

  absl::Time Now() const override { return pinned_ ? *pinned_ : absl::Now(); }
  absl::Time PolicyNow() const override { return policy_ ? *policy_ : absl::Now(); }

 private:
  const std::optional<absl::Time> pinned_;
  const std::optional<absl::Time> policy_;
};

std::optional<absl::Time> ParseSeconds(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (seconds < 0 || seconds > kLastSecond) return std::nullopt;
  return absl::FromUnixSeconds(seconds);
}

// absl::ParseTime also takes spaces, "infinite-future" and years of any length.
bool LooksLikeInstant(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == 'd' ? !digit : text[i] != kForm[i]) return false;
  }
  return text.find_first_of(" \t\r\n\v\f") == std::string_view::npos;
}

std::optional<absl::Time> ParseInstant(std::string_view text) {
  absl::Time instant;
  std::string error;
  if (!LooksLikeInstant(text)) return std::nullopt;
  if (!absl::ParseTime(absl::RFC3339_full, std::string(text), &instant, &error)) {
    return std::nullopt;
  }
  return instant;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Clock>> MakeSystemClock(const Environment& environment) {
  std::optional<absl::Time> pinned;
  if (const auto text = EnvironmentValue(environment, "SOURCE_DATE_EPOCH"); !text.empty()) {
    pinned = ParseSeconds(text);
    if (!pinned) {
      return absl::InvalidArgumentError(fmt::format(
          "SOURCE_DATE_EPOCH is {}, not a number of seconds since 1970; set it to one such as "
          "1767225600",
          text));
    }
  }
  std::optional<absl::Time> policy;
  if (const auto text = EnvironmentValue(environment, "IMGLIFE_NOW"); !text.empty()) {
    policy = ParseInstant(text);
    if (!policy) {
      return absl::InvalidArgumentError(fmt::format(
          "IMGLIFE_NOW is {}, not an RFC 3339 instant such as 2026-08-01T00:00:00Z", text));
    }
  }
  return std::make_unique<SystemClock>(pinned, policy);
}

}  // namespace imglife
