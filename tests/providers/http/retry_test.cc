#include "providers/http/retry.h"

#include "gtest/gtest.h"

namespace imglife {
namespace {

TEST(IsTransientStatus, IsWhatTheSpecificationLists) {
  for (const int status : {408, 429, 500, 502, 503, 504}) EXPECT_TRUE(IsTransientStatus(status));
  for (const int status : {200, 301, 400, 401, 403, 404, 405, 416, 501, 505}) {
    EXPECT_FALSE(IsTransientStatus(status)) << status;
  }
}

TEST(BackoffDelay, DoublesUpToHalfAMinute) {
  EXPECT_EQ(BackoffDelay(1, 1), absl::Milliseconds(250));
  EXPECT_EQ(BackoffDelay(2, 1), absl::Milliseconds(500));
  EXPECT_EQ(BackoffDelay(4, 1), absl::Seconds(2));
  EXPECT_EQ(BackoffDelay(20, 1), absl::Seconds(30));
  EXPECT_EQ(BackoffDelay(1'000'000, 1), absl::Seconds(30));
}

TEST(BackoffDelay, IsSpreadOverItsSecondHalf) {
  EXPECT_EQ(BackoffDelay(2, 0), absl::Milliseconds(250));
  EXPECT_EQ(BackoffDelay(2, 0.5), absl::Milliseconds(375));
}

TEST(ParseRetryAfter, TakesSecondsAndDates) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);  // Tue, 14 Nov 2023 22:13:20 GMT
  EXPECT_EQ(ParseRetryAfter("7", now), absl::Seconds(7));
  EXPECT_EQ(ParseRetryAfter("Tue, 14 Nov 2023 22:13:50 GMT", now), absl::Seconds(30));
  EXPECT_EQ(ParseRetryAfter("Tue, 14 Nov 2023 22:00:00 GMT", now), absl::ZeroDuration());
  EXPECT_EQ(ParseRetryAfter("", now), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("-1", now), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("soon", now), std::nullopt);
}

}  // namespace
}  // namespace imglife
