// Expected texts in files.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace imglife {

inline std::string ReadTestFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << "can't read " << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Compares `actual` with the file. With IMGLIFE_ACCEPT_GOLDEN set it writes the file instead, and
// the test counts as skipped.
inline void ExpectGolden(const std::string& path, const std::string& actual) {
  if (std::getenv("IMGLIFE_ACCEPT_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << actual;
    GTEST_SKIP() << "wrote " << path;
  }
  EXPECT_EQ(actual, ReadTestFile(path)) << "set IMGLIFE_ACCEPT_GOLDEN=1 to accept";
}

}  // namespace imglife
