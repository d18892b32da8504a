#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <sys/stat.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "providers/build_context.h"
#include "providers/files.h"
#include "tests/support/modes_count.h"

namespace imglife {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class ReadContextTest : public testing::Test {
 protected:
  std::string At(const std::string& path) const { return directory_.path() + "/" + path; }

  void Write(const std::string& path, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(At(path)).parent_path());
    std::ofstream(At(path), std::ios::binary) << content;
  }

  std::vector<std::string> Paths() {
    std::vector<std::string> paths;
    const absl::StatusOr<std::vector<ContextFile>> files = ReadContext(directory_.path());
    if (!files.ok()) return {files.status().ToString()};
    for (const ContextFile& file : *files) paths.push_back(file.path);
    return paths;
  }

  Digest DigestOf(const std::string& path) {
    const absl::StatusOr<std::vector<ContextFile>> files = ReadContext(directory_.path());
    if (!files.ok()) return {};
    for (const ContextFile& file : *files) {
      if (file.path == path) return file.digest;
    }
    return {};
  }

 private:
  const TemporaryDirectory directory_ = TemporaryDirectory::Create("context-").value();
};

TEST_F(ReadContextTest, ListsFilesAndLinksInTheOrderOfTheirBytes) {
  Write("b", "");
  Write("a/x", "");
  Write("a.txt", "");
  Write("B", "");
  std::filesystem::create_directories(At("empty"));
  std::filesystem::create_symlink("nowhere", At("link"));
  EXPECT_THAT(Paths(), ElementsAre("B", "a.txt", "a/x", "b", "link"));
}

TEST_F(ReadContextTest, DockerIgnoreIsHonoured) {
  Write("keep", "");
  Write("node_modules/a/b", "");
  Write(".dockerignore", "node_modules\n");
  EXPECT_THAT(Paths(), ElementsAre(".dockerignore", "keep"));
}

// A database's directory belongs to its user, and docker doesn't look into what is left out.
TEST_F(ReadContextTest, WhatIsLeftOutNeedNotBeReadable) {
  Write("pgdata/base", "");
  Write("src/a", "");
  chmod(At("pgdata").c_str(), 0);
  for (const char* ignored : {"pgdata\n", "*\n!src\n", "src\n!src/a\npg*\n"}) {
    Write(".dockerignore", ignored);
    const ModesCount modes;
    EXPECT_THAT(Paths(), Contains("src/a")) << ignored;
  }
  Write(".dockerignore", "pgdata\n!pgdata/base\n");
  {
    const ModesCount modes;
    EXPECT_THAT(Paths(), ElementsAre(HasSubstr("can't read " + At("pgdata"))));
  }
  chmod(At("pgdata").c_str(), 0700);
}

TEST_F(ReadContextTest, MalformedDockerIgnoreFails) {
  Write(".dockerignore", "[");
  EXPECT_EQ(ReadContext(At("")).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ReadContextTest, DigestCoversTheContent) {
  Write("file", "one");
  const Digest one = DigestOf("file");
  EXPECT_FALSE(one.empty());
  EXPECT_EQ(DigestOf("file"), one);
  Write("file", "two");
  EXPECT_NE(DigestOf("file"), one);
  Write("other", "one");
  EXPECT_EQ(DigestOf("other"), one);
}

TEST_F(ReadContextTest, LargeFileIsReadWhole) {
  Write("file", std::string(200'000, 'x'));
  const Digest before = DigestOf("file");
  Write("file", std::string(199'999, 'x') + "y");
  EXPECT_NE(DigestOf("file"), before);
}

TEST_F(ReadContextTest, DigestCoversTheRightToExecute) {
  Write("run.sh", "echo");
  ASSERT_EQ(chmod(At("run.sh").c_str(), 0644), 0);
  const Digest plain = DigestOf("run.sh");
  ASSERT_EQ(chmod(At("run.sh").c_str(), 0600), 0);
  EXPECT_EQ(DigestOf("run.sh"), plain);
  ASSERT_EQ(chmod(At("run.sh").c_str(), 0755), 0);
  EXPECT_NE(DigestOf("run.sh"), plain);
}

TEST_F(ReadContextTest, DigestCoversTheTargetOfALink) {
  Write("target", "one");
  std::filesystem::create_symlink("target", At("link"));
  const Digest link = DigestOf("link");
  EXPECT_NE(link, DigestOf("target"));
  Write("target", "two");
  EXPECT_EQ(DigestOf("link"), link);
  std::filesystem::remove(At("link"));
  std::filesystem::create_symlink("other", At("link"));
  EXPECT_NE(DigestOf("link"), link);
}

TEST_F(ReadContextTest, DirectoryThatIsNotThereFails) {
  EXPECT_FALSE(ReadContext(At("nowhere")).ok());
}

}  // namespace
}  // namespace imglife
