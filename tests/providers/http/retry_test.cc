#include "providers/http/retry.h"

#include "gtest/gtest.h"

#include "providers/http/host_pace.h"

namespace imglife {
namespace {

TEST(IsTransientStatus, IsWhatTheSpecificationLists) {
  for (const int status : {408, 429, 500, 502, 503, 504}) EXPECT_TRUE(IsTransientStatus(status));
  for (const int status : {200, 301, 400, 401, 403, 404, 405, 416, 501, 505}) {
    EXPECT_FALSE(IsTransientStatus(status)) << status;
  }
}

TEST(MayRetry, AsksWhetherItHelpsAndWhetherItHarms) {
  using absl::StatusCode;
  struct Case {
    TryResult result;
    bool idempotent;
    bool other;
  };
  const Case cases[] = {
      {{.http_status = 200}, false, false},
      {{.http_status = 404}, false, false},
      {{.http_status = 401}, false, false},
      {{.http_status = 408}, true, false},
      {{.http_status = 429}, true, false},
      {{.http_status = 503}, true, false},
      {{.http_status = 501}, false, false},
      {{.http_status = 429, .quota_spent = true}, false, false},
      // The connection was refused: nothing can have happened.
      {{.failure = StatusCode::kUnavailable, .sent = false}, true, true},
      {{.failure = StatusCode::kDeadlineExceeded, .sent = false}, true, true},
      // It broke: it may have happened.
      {{.failure = StatusCode::kUnavailable, .sent = true}, true, false},
      {{.failure = StatusCode::kDeadlineExceeded, .sent = true}, true, false},
      // A certificate isn't trusted, a body is too large, the program ends.
      {{.failure = StatusCode::kFailedPrecondition, .sent = false}, false, false},
      {{.failure = StatusCode::kResourceExhausted, .sent = true}, false, false},
      {{.failure = StatusCode::kCancelled, .sent = false}, false, false},
  };
  for (const Case& one : cases) {
    const auto name = testing::Message() << one.result.http_status << ' '
                                         << absl::StatusCodeToString(one.result.failure);
    EXPECT_EQ(MayRetry(one.result, true), one.idempotent) << name;
    EXPECT_EQ(MayRetry(one.result, false), one.other) << name;
  }
}

TEST(IsSpentQuota, IsHubsLimitOfPulls) {
  EXPECT_TRUE(IsSpentQuota(429, "0;w=21600", ""));
  EXPECT_TRUE(IsSpentQuota(429, "", "toomanyrequests: You have reached your pull rate limit."));
  EXPECT_TRUE(IsSpentQuota(429, "", "You have reached your unauthenticated pull rate limit."));
}

TEST(IsSpentQuota, IsNoOtherLimit) {
  EXPECT_FALSE(IsSpentQuota(200, "0;w=21600", ""));
  EXPECT_FALSE(IsSpentQuota(429, "", "Too Many Requests (HAP429)"));
  EXPECT_FALSE(IsSpentQuota(429, "3;w=21600", ""));
  EXPECT_FALSE(IsSpentQuota(429, "0;w=60", ""));
  for (const char* other : {"0", "0;w=", "0;w=x", "x;w=21600", ";w=21600", "0 w=21600"}) {
    EXPECT_FALSE(IsSpentQuota(429, other, "")) << other;
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

TEST(RetryDelay, IsWhatTheServerAskedForIfThatIsLonger) {
  EXPECT_EQ(RetryDelay(1, 1, std::nullopt), absl::Milliseconds(250));
  EXPECT_EQ(RetryDelay(1, 1, absl::ZeroDuration()), absl::Milliseconds(250));
  EXPECT_EQ(RetryDelay(1, 0, absl::Seconds(7)), absl::Seconds(7));
  EXPECT_EQ(RetryDelay(1, 1, absl::Seconds(7)), absl::Milliseconds(7250));
  EXPECT_EQ(RetryDelay(1, 0, absl::Hours(100)), absl::Hours(1));
  EXPECT_EQ(RetryDelay(1, 0, absl::InfiniteDuration()), absl::Hours(1));
}

TEST(ParseRetryAfter, TakesSecondsAndDates) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);  // Tue, 14 Nov 2023 22:13:20 GMT
  EXPECT_EQ(ParseRetryAfter("7", now), absl::Seconds(7));
  EXPECT_EQ(ParseRetryAfter("Tue, 14 Nov 2023 22:13:50 GMT", now), absl::Seconds(30));
  EXPECT_EQ(ParseRetryAfter("Tue, 14 Nov 2023 22:00:00 GMT", now), absl::ZeroDuration());
  EXPECT_EQ(ParseRetryAfter("Tuesday, 14-Nov-23 22:13:50 GMT", now), absl::Seconds(30));
  EXPECT_EQ(ParseRetryAfter("Tue Nov 14 22:13:50 2023", now), absl::Seconds(30));
  EXPECT_EQ(ParseRetryAfter("Mon Nov  6 22:13:50 2023", now), absl::ZeroDuration());
  EXPECT_GE(ParseRetryAfter("99999999999999999999", now), absl::Hours(1));
  EXPECT_EQ(ParseRetryAfter("", now), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("-1", now), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("soon", now), std::nullopt);
}

class HostPaceTest : public testing::Test {
 protected:
  // How long after `now_` the next request may go.
  absl::Duration Next() { return pace_.Reserve(now_) - now_; }
  // A 429 that asks for a second.
  void Refuse() { pace_.Pause(now_, now_ + absl::Seconds(1)); }

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  HostPace pace_;
};

TEST_F(HostPaceTest, NobodyWaitsBeforeARefusal) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Next(), absl::ZeroDuration());
}

TEST_F(HostPaceTest, AfterAPauseOneGoesAfterTheOther) {
  Refuse();
  EXPECT_EQ(Next(), absl::Seconds(1));
  EXPECT_EQ(Next(), absl::Milliseconds(1005));
  EXPECT_EQ(Next(), absl::Milliseconds(1010));
}

TEST_F(HostPaceTest, RefusalsInOnePauseCountOnce) {
  for (int i = 0; i < 32; ++i) Refuse();
  Next();
  EXPECT_EQ(Next(), absl::Milliseconds(1005));
}

TEST_F(HostPaceTest, EachFurtherPauseHalvesThePaceToOneASecond) {
  for (int i = 0; i < 20; ++i) {
    Refuse();
    now_ += absl::Seconds(100);
  }
  Refuse();
  EXPECT_EQ(Next(), absl::Seconds(1));
  EXPECT_EQ(Next(), absl::Seconds(2));
}

TEST_F(HostPaceTest, AnswersBringThePaceBack) {
  for (int i = 0; i < 20; ++i) {
    Refuse();
    now_ += absl::Seconds(100);
  }
  for (int i = 0; i < 14; ++i) pace_.Answered();
  Next();
  EXPECT_LT(Next(), absl::Milliseconds(500));
  now_ += absl::Seconds(100);
  for (int i = 0; i < 150; ++i) pace_.Answered();
  Next();
  EXPECT_EQ(Next(), absl::ZeroDuration());
}

TEST(AskedWait, IsTheUnixTimeThatDockerHubWritesWhereThereIsNoRetryAfter) {
  const absl::Time now = absl::FromUnixSeconds(1'780'000'000);
  EXPECT_EQ(AskedWait("", "1780000042", now), absl::Seconds(42));
  EXPECT_EQ(AskedWait("7", "1780000042", now), absl::Seconds(7));
  EXPECT_EQ(AskedWait("soon", "1780000042", now), absl::Seconds(42));
  EXPECT_EQ(AskedWait("", "1779999999", now), absl::ZeroDuration()) << "it has passed";
  EXPECT_GE(AskedWait("", "99999999999999999999", now), absl::Hours(1));
  for (const char* value : {"", "-1", "1780000042.5", "tomorrow"}) {
    EXPECT_EQ(AskedWait("", value, now), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace imglife
