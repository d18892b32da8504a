#include "providers/auth/challenge.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace imglife {
namespace {

TEST(ChallengeTest, ReadsABearerChallenge) {
  const std::vector<Challenge> challenges =
      ParseChallenges(R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",)"
                      R"(scope="repository:library/alpine:pull,push",error="invalid_token")");
  ASSERT_EQ(challenges.size(), 1u);
  EXPECT_EQ(challenges[0].scheme, "bearer");
  EXPECT_EQ(challenges[0].Parameter("realm"), "https://auth.docker.io/token");
  EXPECT_EQ(challenges[0].Parameter("service"), "registry.docker.io");
  EXPECT_EQ(challenges[0].Parameter("scope"), "repository:library/alpine:pull,push");
  EXPECT_EQ(challenges[0].Parameter("error"), "invalid_token");
  EXPECT_EQ(challenges[0].Parameter("nonce"), "");
}

TEST(ChallengeTest, SchemesShareOneHeader) {
  const std::vector<Challenge> challenges = ParseChallenges(
      R"(Negotiate, Digest realm="a, Bearer x", nonce=abc, BASIC realm="b" , bearer Realm=https://t/x)");
  ASSERT_EQ(challenges.size(), 4u);
  EXPECT_EQ(challenges[0].scheme, "negotiate");
  EXPECT_EQ(challenges[1].scheme, "digest");
  EXPECT_EQ(challenges[1].Parameter("realm"), "a, Bearer x");
  EXPECT_EQ(challenges[2].scheme, "basic");
  EXPECT_EQ(challenges[2].Parameter("realm"), "b");
  EXPECT_EQ(challenges[3].scheme, "bearer");
  EXPECT_EQ(challenges[3].Parameter("realm"), "https://t/x");
}

TEST(ChallengeTest, ToleratesSloppyServers) {
  const std::vector<Challenge> challenges =
      ParseChallenges(R"( ,, BeArEr  REALM = "https://t" service=s  scope="a\"b\\c",, )");
  ASSERT_EQ(challenges.size(), 1u);
  EXPECT_EQ(challenges[0].Parameter("realm"), "https://t");
  EXPECT_EQ(challenges[0].Parameter("service"), "s");
  EXPECT_EQ(challenges[0].Parameter("scope"), R"(a"b\c)");
}

TEST(ChallengeTest, ATokenIsSkipped) {
  const std::vector<Challenge> challenges =
      ParseChallenges(R"(Negotiate YII/ab+c==, Bearer realm="https://t")");
  ASSERT_FALSE(challenges.empty());
  EXPECT_EQ(challenges.back().scheme, "bearer");
  EXPECT_EQ(challenges.back().Parameter("realm"), "https://t");
}

TEST(ChallengeTest, AnOpenQuoteEndsTheReading) {
  const std::vector<Challenge> challenges =
      ParseChallenges(R"(Basic realm="x", Bearer service="s", realm="https://t)");
  ASSERT_EQ(challenges.size(), 2u);
  EXPECT_EQ(challenges[1].Parameter("service"), "s");
  EXPECT_EQ(challenges[1].Parameter("realm"), "");
}

TEST(ChallengeTest, TheFirstOfTwoValuesCounts) {
  const std::vector<Challenge> challenges =
      ParseChallenges(R"(Bearer realm="https://a", REALM="https://b")");
  ASSERT_EQ(challenges.size(), 1u);
  EXPECT_EQ(challenges[0].Parameter("realm"), "https://a");
}

TEST(ChallengeTest, ParametersWithoutASchemeAreNothing) {
  EXPECT_TRUE(ParseChallenges(R"(realm="x")").empty());
  EXPECT_TRUE(ParseChallenges("").empty());
  EXPECT_TRUE(ParseChallenges(" , ,").empty());
}

TEST(ChallengeTest, AnyBytesAreReadToAnEnd) {
  std::mt19937 random(7);
  const std::string alphabet = "Bearer realm=\"\\, \t\x80\x01/scope";
  for (int i = 0; i < 20000; ++i) {
    std::string header(random() % 40, ' ');
    for (char& c : header) c = alphabet[random() % alphabet.size()];
    for (const Challenge& challenge : ParseChallenges(header)) {
      EXPECT_FALSE(challenge.scheme.empty());
    }
  }
  EXPECT_EQ(ParseChallenges("Bearer realm=\"" + std::string(1 << 20, 'x')).size(), 1u);
}

}  // namespace
}  // namespace imglife
