#include "providers/auth/registry_error.h"

#include <gtest/gtest.h>

#include "tests/support/scripted_transport.h"

namespace imglife {
namespace {

TEST(RegistryErrorTest, NamesTheFirstError) {
  const HttpResponse response = Answer(
      404, {}, R"({"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known"},{}]})");
  EXPECT_EQ(DescribeAnswer(response), "404 (NAME_UNKNOWN: repository name not known)");
  EXPECT_TRUE(HasErrorCode(response, {"MANIFEST_UNKNOWN", "NAME_UNKNOWN"}));
  EXPECT_FALSE(HasErrorCode(response, {"MANIFEST_UNKNOWN"}));
}

TEST(RegistryErrorTest, KnowsTheFormsOfTokenServers) {
  EXPECT_EQ(DescribeAnswer(Answer(401, {}, R"({"details":"incorrect username or password"})")),
            "401 (incorrect username or password)");
  EXPECT_EQ(
      DescribeAnswer(Answer(400, {}, R"({"error":"invalid_grant","error_description":"expired"})")),
      "400 (invalid_grant: expired)");
}

TEST(RegistryErrorTest, OtherBodiesSayNothing) {
  for (const char* body : {"", "404 page not found\n", "[]", "{}", R"({"errors":{}})",
                           R"({"errors":[3]})", R"({"errors":[{"code":3}]})", "{\"errors\":["}) {
    EXPECT_EQ(DescribeAnswer(Answer(404, {}, body)), "404") << body;
  }
}

TEST(RegistryErrorTest, IsHarmlessAndShort) {
  const std::string body =
      R"({"errors":[{"code":"X","message":"\u001b[31mred)" + std::string(5000, 'a') + R"("}]})";
  const std::string text = DescribeAnswer(Answer(400, {}, body));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_LT(text.size(), 300u);
}

TEST(RegistryErrorTest, SaysHowLongTheRegistryAskedToWait) {
  const auto message = [](int status, const std::string& asked) {
    return std::string(StatusOfAnswer("a/b:1", Answer(status, {{"retry-after", asked}})).message());
  };
  EXPECT_EQ(message(429, "3600"), "a/b:1: the registry answered 429; it asks to wait 1h");
  EXPECT_EQ(message(503, "Fri, 21 Aug 2026 06:00:00 GMT"),
            "a/b:1: the registry answered 503; it asks to wait until Fri, 21 Aug 2026 06:00:00 "
            "GMT");
  EXPECT_EQ(message(429, "\x1b[2J"),
            "a/b:1: the registry answered 429; it asks to wait until \\x1b[2J");
  EXPECT_EQ(message(404, "3600"), "a/b:1: the registry answered 404");
}

TEST(RegistryErrorTest, StatusCodesFollowTheInterface) {
  const auto code = [](int status) { return StatusOfAnswer("a/b:1", Answer(status)).code(); };
  EXPECT_EQ(code(400), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(401), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(code(403), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code(404), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(405), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(code(408), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code(429), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code(500), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code(507), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code(302), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace imglife
