#include "schema/config/variables.h"

#include <set>
#include <string>

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imglife {
namespace {

const Environment& TestEnvironment() {
  static const Environment environment = {
      {"A", "alpha"}, {"EMPTY", ""}, {"DOLLAR", "$A ${A}"}, {"_x1", "under"}};
  return environment;
}

std::string Expand(const std::string& text) {
  const absl::StatusOr<std::string> expanded = ExpandVariables(text, TestEnvironment());
  return expanded.ok() ? *expanded : "error";
}

TEST(ExpandVariables, ReplacesNames) {
  EXPECT_EQ(Expand("$A/${A}-$A.b"), "alpha/alpha-alpha.b");
  EXPECT_EQ(Expand("$_x1"), "under");
  EXPECT_EQ(Expand("[$EMPTY]"), "[]");
  EXPECT_EQ(Expand("plain"), "plain");
}

TEST(ExpandVariables, KeepsDollarsThatNoNameFollows) {
  EXPECT_EQ(Expand("$"), "$");
  EXPECT_EQ(Expand("a$ b"), "a$ b");
  EXPECT_EQ(Expand("$5 ${} ${1} $-"), "$5 ${} ${1} $-");
  EXPECT_EQ(Expand("$$A $$$A $$"), "$A $alpha $");
}

TEST(ExpandVariables, TakesDefaultsForUnsetAndEmpty) {
  EXPECT_EQ(Expand("${B:-x y}"), "x y");
  EXPECT_EQ(Expand("${EMPTY:-x}"), "x");
  EXPECT_EQ(Expand("${A:-x}"), "alpha");
  EXPECT_EQ(Expand("${B:-}"), "");
  EXPECT_EQ(Expand("${B:-${C:-$A}}!"), "alpha!");
}

TEST(ExpandVariables, TellsWhatTheResultDependsOn) {
  const auto read = [](const char* text) {
    std::set<std::string> names;
    EXPECT_TRUE(ExpandVariables(text, TestEnvironment(), names).ok()) << text;
    return names;
  };
  EXPECT_EQ(read("plain $$A ^a$"), std::set<std::string>());
  EXPECT_EQ(read("$A ${EMPTY}"), (std::set<std::string>{"A", "EMPTY"}));
  EXPECT_EQ(read("${B:-${EMPTY:-$A}}"), (std::set<std::string>{"A", "B", "EMPTY"}));
  EXPECT_EQ(read("${A:-${B:-$EMPTY}}"), std::set<std::string>{"A"}) << "the default isn't used";
}

TEST(ExpandVariables, NeverLooksIntoValues) {
  EXPECT_EQ(Expand("$DOLLAR"), "$A ${A}");
}

TEST(ExpandVariables, NamesWhatIsNotSet) {
  for (const char* text : {"$NOT_SET", "x${NOT_SET}", "${B:-$NOT_SET}"}) {
    const absl::Status status = ExpandVariables(text, TestEnvironment()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << text;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr("NOT_SET"));
  }
}

TEST(ExpandVariables, RefusesOtherForms) {
  for (const char* text : {"${A", "${A:-x", "${A:+x}", "${A-x}", "${A:?x}", "${A }"}) {
    EXPECT_EQ(ExpandVariables(text, TestEnvironment()).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(ExpandVariables, BoundsDefaultsInDefaults) {
  std::string text = "x";
  for (int i = 0; i < 50; ++i) text = "${B:-" + text + "}";
  EXPECT_EQ(ExpandVariables(text, TestEnvironment()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(HasVariables, FindsNamesOnly) {
  EXPECT_TRUE(HasVariables("a$B"));
  EXPECT_TRUE(HasVariables("${B:-x}"));
  EXPECT_TRUE(HasVariables("$$$B"));
  EXPECT_FALSE(HasVariables("$$B $ $5"));
  EXPECT_FALSE(HasVariables(""));
}

}  // namespace
}  // namespace imglife
