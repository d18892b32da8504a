#include "providers/file_identity.h"

#include <filesystem>
#include <optional>
#include <string>

#include "gtest/gtest.h"

#include "providers/files.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;

class FileIdentityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryDirectory::Create("imglife-identity-");
    ASSERT_TRUE(made.ok()) << made.status();
    directory_.emplace(std::move(*made));
    ASSERT_TRUE(WriteFileAtomically(Path("there"), "x").ok());
    ASSERT_TRUE(WriteFileAtomically(Path("other"), "x").ok());
    fs::create_directory(Path("folder"));
  }

  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }

  bool Same(const std::string& one, const std::string& other) const {
    const auto first = IdentifyFile(Path(one));
    const auto second = IdentifyFile(Path(other));
    EXPECT_TRUE(first && second) << one << ", " << other;
    return first == second;
  }

  std::optional<TemporaryDirectory> directory_;
};

TEST_F(FileIdentityTest, SpellingsOfOneFile) {
  EXPECT_TRUE(Same("there", "./there"));
  EXPECT_TRUE(Same("there", "folder/../there"));
  EXPECT_TRUE(Same("there", "not/there/../../there"));
  EXPECT_FALSE(Same("there", "other"));
  EXPECT_FALSE(Same("there", "new"));
}

TEST_F(FileIdentityTest, Links) {
  fs::create_symlink("there", Path("soft"));
  fs::create_hard_link(Path("there"), Path("hard"));
  fs::create_directory_symlink(".", Path("here"));
  for (const char* name : {"soft", "hard", "here/there", "here/here/soft"}) {
    EXPECT_TRUE(Same("there", name)) << name;
  }
}

TEST_F(FileIdentityTest, FilesThatAreNotThereYet) {
  fs::create_directory_symlink("folder", Path("link"));
  fs::create_symlink("folder/new", Path("dangling"));
  EXPECT_TRUE(Same("folder/new", "link/new"));
  EXPECT_TRUE(Same("folder/new", "dangling"));
  EXPECT_TRUE(Same("not/there/new", "./not/there/../there/new"));
  EXPECT_FALSE(Same("folder/new", "new"));
}

TEST_F(FileIdentityTest, WhatIsNotReplacedHasNone) {
  EXPECT_EQ(IdentifyFile("/dev/null"), std::nullopt);
  fs::create_symlink("circle", Path("circle"));
  EXPECT_EQ(IdentifyFile(Path("circle")), std::nullopt);
}

TEST_F(FileIdentityTest, WhatADirectoryHolds) {
  fs::create_directory_symlink("folder", Path("link"));
  EXPECT_TRUE(LiesWithin(Path("folder/new"), Path("folder")));
  EXPECT_TRUE(LiesWithin(Path("link/a/b"), Path("folder/")));
  EXPECT_TRUE(LiesWithin(Path("missing/a"), Path("missing")));
  EXPECT_TRUE(LiesWithin(Path("folder"), Path("link")));
  EXPECT_FALSE(LiesWithin(Path("folder-2/a"), Path("folder")));
  EXPECT_FALSE(LiesWithin(Path("there"), Path("folder")));
}

}  // namespace
}  // namespace imglife
