#include "providers/auth/scrub.h"

#include <gtest/gtest.h>

#include "tests/support/scripted_transport.h"

namespace imglife {
namespace {

std::string Scrubbed(const std::string& body, const std::string& authorization, int status = 401) {
  HttpResponse response = Answer(status, {}, body);
  ScrubRefusal(response, Secret(authorization));
  return response.body;
}

TEST(Scrub, HidesASecretInEveryForm) {
  const Secret secret(R"(a"b c/d)");
  EXPECT_EQ(WithoutSecret(R"(x a"b c/d y a"b c/d)", secret), "x *** y ***");
  EXPECT_EQ(WithoutSecret(R"({"m":"a\"b c/d"})", secret), R"({"m":"***"})");
  EXPECT_EQ(WithoutSecret("?p=a%22b%20c%2Fd&q", secret), "?p=***&q");
}

TEST(Scrub, LeavesTheRest) {
  EXPECT_EQ(WithoutSecret("a word", Secret("a")), "a word");
  EXPECT_EQ(WithoutSecret("a word", Secret()), "a word");
  EXPECT_EQ(WithoutSecret("no password: pass!", Secret("pass")), "no password: ***!");
}

TEST(Scrub, HidesWhatARequestCarried) {
  EXPECT_EQ(Scrubbed("no token abc.def", "Bearer abc.def"), "no token ***");
  // me:hunter2
  EXPECT_EQ(Scrubbed("bWU6aHVudGVyMg== is me:hunter2", "Basic bWU6aHVudGVyMg=="), "*** is me:***");
}

TEST(Scrub, LeavesWhatIsNoRefusal) {
  EXPECT_EQ(Scrubbed("abc.def", "Bearer abc.def", 200), "abc.def");
  EXPECT_EQ(Scrubbed("abc.def", ""), "abc.def");
}

}  // namespace
}  // namespace imglife
