#include "providers/auth/token_cache.h"

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include <gtest/gtest.h>

namespace imglife {
namespace {

class TokenCacheTest : public testing::Test {
 protected:
  TokenCache::Fetch Fetching(std::string value, absl::Duration lifetime) {
    return [this, value, lifetime]() -> absl::StatusOr<Token> {
      ++fetches_;
      Token token;
      token.value = Secret(value);
      token.expires = now_ + lifetime;
      return token;
    };
  }

  std::string Get(const std::string& key, const TokenCache::Fetch& fetch) {
    const absl::StatusOr<Secret> token = cache_.Get(key, fetch);
    return token.ok() ? token->Reveal() : std::string(token.status().message());
  }

  absl::Time now_ = absl::FromUnixSeconds(1000000);
  std::atomic<int> fetches_ = 0;
  TokenCache cache_{[this] { return now_; }};
};

TEST_F(TokenCacheTest, KeepsATokenUntilShortlyBeforeItExpires) {
  EXPECT_EQ(Get("k", Fetching("one", absl::Seconds(60))), "one");
  now_ += absl::Seconds(60) - TokenCache::kMargin - absl::Seconds(1);
  EXPECT_EQ(Get("k", Fetching("two", absl::Seconds(60))), "one");
  now_ += absl::Seconds(1);
  EXPECT_EQ(Get("k", Fetching("two", absl::Seconds(60))), "two");
  EXPECT_EQ(fetches_, 2);
}

TEST_F(TokenCacheTest, KeysAreApart) {
  EXPECT_EQ(Get("a", Fetching("one", absl::Minutes(1))), "one");
  EXPECT_EQ(Get("b", Fetching("two", absl::Minutes(1))), "two");
}

TEST_F(TokenCacheTest, ARefusedTokenIsForgottenUnlessItWasReplaced) {
  EXPECT_EQ(Get("k", Fetching("one", absl::Minutes(1))), "one");
  cache_.Drop("k", Secret("older"));
  EXPECT_EQ(Get("k", Fetching("two", absl::Minutes(1))), "one");
  cache_.Drop("k", Secret("one"));
  EXPECT_EQ(Get("k", Fetching("two", absl::Minutes(1))), "two");
}

TEST_F(TokenCacheTest, AFailureIsNotKept) {
  const TokenCache::Fetch failing = []() -> absl::StatusOr<Token> {
    return absl::UnavailableError("down");
  };
  EXPECT_EQ(Get("k", failing), "down");
  EXPECT_EQ(Get("k", Fetching("one", absl::Minutes(1))), "one");
}

TEST_F(TokenCacheTest, ConcurrentCallersShareOneFetch) {
  std::latch started{1};
  std::latch finish{1};
  const TokenCache::Fetch slow = [&]() -> absl::StatusOr<Token> {
    started.count_down();
    finish.wait();
    return Fetching("one", absl::Minutes(1))();
  };
  std::vector<std::thread> threads;
  std::vector<std::string> got(8);
  threads.emplace_back([&] { got[0] = Get("k", slow); });
  started.wait();
  for (std::size_t i = 1; i < got.size(); ++i) {
    threads.emplace_back([&, i] { got[i] = Get("k", Fetching("other", absl::Minutes(1))); });
  }
  finish.count_down();
  for (std::thread& thread : threads) thread.join();
  for (const std::string& token : got) EXPECT_EQ(token, "one");
  EXPECT_EQ(fetches_, 1);
}

}  // namespace
}  // namespace imglife
