#include "schema/text/json_depth.h"

#include <string>

#include <gtest/gtest.h>

namespace imglife {
namespace {

TEST(NestsDeeperThan, CountsObjectsAndLists) {
  EXPECT_FALSE(NestsDeeperThan(0, "1"));
  EXPECT_TRUE(NestsDeeperThan(0, "[]"));
  EXPECT_FALSE(NestsDeeperThan(2, R"({"a":[1],"b":{},"c":[]})"));
  EXPECT_TRUE(NestsDeeperThan(2, R"({"a":[1],"b":[{}]})"));
  EXPECT_TRUE(NestsDeeperThan(1000, std::string(1001, '[')));
}

TEST(NestsDeeperThan, BracketsInStringsDoNotCount) {
  EXPECT_FALSE(NestsDeeperThan(1, R"(["[[{{","\"[[","\\"])"));
  EXPECT_TRUE(NestsDeeperThan(1, R"(["\\",[]])"));
}

TEST(NestsDeeperThan, BrokenTextsAreNoDanger) {
  for (const char* text : {"", "]]]", "\"", "\"\\", "[\"\\"}) {
    EXPECT_FALSE(NestsDeeperThan(1, text)) << text;
  }
}

}  // namespace
}  // namespace imglife
