#include "schema/image/layout_directory.h"

#include <gtest/gtest.h>

namespace imglife {
namespace {

std::string At(const std::string& written, const std::string& root) {
  return LayoutDirectory(*ParseRepository("ocidir://" + written), root);
}

TEST(LayoutDirectory, StartsFromTheRootUnlessItIsAbsolute) {
  EXPECT_EQ(At("m/alpine", "/etc/imglife"), "/etc/imglife/m/alpine");
  EXPECT_EQ(At("/srv/m", "/etc/imglife"), "/srv/m");
  EXPECT_EQ(At("../m", "/etc/imglife"), "/etc/m");
  EXPECT_EQ(At("../m", "config"), "m");
}

TEST(LayoutDirectory, HasOneFormForEachPlace) {
  EXPECT_EQ(At("m", "."), "m");
  EXPECT_EQ(At("m", ""), "m");
  EXPECT_EQ(At("./m/", "./config/"), "config/m");
  EXPECT_EQ(At(".", ""), ".");
  EXPECT_EQ(At(".", "/"), "/");
  EXPECT_EQ(At("..", "config"), ".");
}

}  // namespace
}  // namespace imglife
