#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "providers/files.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;
using ::testing::StartsWith;

TEST(TemporaryDirectoryTest, IsThereForItsOwnerAloneAndGoesWithTheObject) {
  std::string path;
  {
    const auto directory = TemporaryDirectory::Create("imglife-test-");
    ASSERT_TRUE(directory.ok()) << directory.status();
    path = directory->path();
    EXPECT_TRUE(fs::path(path).is_absolute());
    EXPECT_THAT(fs::path(path).filename().string(), StartsWith("imglife-test-"));
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
    ASSERT_TRUE(WriteFileAtomically(path + "/a/b/c", "text").ok());
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TemporaryDirectoryTest, TwoHaveDifferentNames) {
  const auto first = TemporaryDirectory::Create("imglife-test-");
  const auto second = TemporaryDirectory::Create("imglife-test-");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->path(), second->path());
}

TEST(TemporaryDirectoryTest, IsRemovedOnceAfterAMove) {
  auto made = TemporaryDirectory::Create("imglife-test-");
  ASSERT_TRUE(made.ok()) << made.status();
  const std::string path = made->path();
  std::optional<TemporaryDirectory> outer(std::move(*made));
  {
    const TemporaryDirectory inner(std::move(*outer));
    outer.reset();
    EXPECT_TRUE(fs::is_directory(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TemporaryDirectoryTest, GoesThoughItsDirectoriesAreReadOnly) {
  std::string path;
  const auto outside = TemporaryDirectory::Create("imglife-test-");
  ASSERT_TRUE(outside.ok()) << outside.status();
  fs::permissions(outside->path(), fs::perms::owner_read | fs::perms::owner_exec);
  {
    const auto directory = TemporaryDirectory::Create("imglife-test-");
    ASSERT_TRUE(directory.ok()) << directory.status();
    path = directory->path();
    ASSERT_TRUE(WriteFileAtomically(path + "/a/b/file", "text").ok());
    fs::create_symlink(outside->path(), path + "/a/link");
    fs::permissions(path + "/a/b", fs::perms::none);
    fs::permissions(path + "/a", fs::perms::owner_read | fs::perms::owner_exec);
  }
  EXPECT_FALSE(fs::exists(path));
  // What a symbolic link leads to is not the directory's.
  EXPECT_EQ(fs::status(outside->path()).permissions(),
            fs::perms::owner_read | fs::perms::owner_exec);
}

TEST(TemporaryDirectoryTest, IsMadeInTmpdir) {
  const char* const before = std::getenv("TMPDIR");
  const std::optional<std::string> kept =
      before == nullptr ? std::nullopt : std::optional<std::string>(before);
  const auto parent = TemporaryDirectory::Create("imglife-test-");
  ASSERT_TRUE(parent.ok()) << parent.status();

  setenv("TMPDIR", parent->path().c_str(), 1);
  const auto inside = TemporaryDirectory::Create("x-");
  setenv("TMPDIR", (parent->path() + "/missing").c_str(), 1);
  const auto nowhere = TemporaryDirectory::Create("x-");
  if (kept) {
    setenv("TMPDIR", kept->c_str(), 1);
  } else {
    unsetenv("TMPDIR");
  }

  ASSERT_TRUE(inside.ok()) << inside.status();
  EXPECT_EQ(fs::path(inside->path()).parent_path(), fs::path(parent->path()));
  EXPECT_TRUE(absl::IsNotFound(nowhere.status())) << nowhere.status();
}

}  // namespace
}  // namespace imglife
