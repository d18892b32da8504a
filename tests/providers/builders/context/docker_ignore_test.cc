#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "providers/build_context.h"

namespace imglife {
namespace {

using testing::HasSubstr;

// Which of the paths are left out.
std::vector<std::string> Ignored(const std::string& content,
                                 const std::vector<std::string>& paths) {
  const absl::StatusOr<DockerIgnore> ignore = DockerIgnore::Parse(content);
  if (!ignore.ok()) return {ignore.status().ToString()};
  std::vector<std::string> ignored;
  for (const std::string& path : paths) {
    if (ignore->Ignores(path)) ignored.push_back(path);
  }
  return ignored;
}

using Paths = std::vector<std::string>;

TEST(DockerIgnore, EmptyFileIgnoresNothing) {
  for (const char* content :
       {"", "\n\n", "   \n\t\n", "# comment", ".", "./", "/", "\xEF\xBB\xBF"}) {
    EXPECT_EQ(Ignored(content, {"a", "a/b", ".dockerignore", "Dockerfile"}), Paths{}) << content;
  }
  EXPECT_FALSE(DockerIgnore().Ignores("a"));
}

TEST(DockerIgnore, DirectoryTakesAlongWhatIsBelow) {
  EXPECT_EQ(Ignored("build", {"build", "build/a", "build/a/b", "builds/a", "src/build"}),
            (Paths{"build", "build/a", "build/a/b"}));
  EXPECT_EQ(Ignored("*/tmp*", {"a/tmp1/x", "a/b/tmp", "tmp"}), (Paths{"a/tmp1/x"}));
}

TEST(DockerIgnore, LastMatchWins) {
  const Paths paths = {"README.md", "README-secret.md", "docs/a.md", "a.txt"};
  EXPECT_EQ(Ignored("*.md\n!README*.md\nREADME-secret.md", paths), (Paths{"README-secret.md"}));
  EXPECT_EQ(Ignored("*.md\nREADME-secret.md\n!README*.md", paths), Paths{});
  EXPECT_EQ(Ignored("!a.txt\n*", paths), paths);
}

TEST(DockerIgnore, FileOfAnIgnoredDirectoryCanComeBack) {
  EXPECT_EQ(Ignored("*\n!src\nsrc/private\n!src/private/key.pub",
                    {"a", "src/a", "src/private/key", "src/private/key.pub", "docs/b"}),
            (Paths{"a", "src/private/key", "docs/b"}));
}

TEST(DockerIgnore, TellsWhereNothingBelowCanComeBack) {
  const auto all_below = [](const std::string& content, const std::string& directory) {
    return DockerIgnore::Parse(content)->IgnoresAllBelow(directory);
  };
  EXPECT_TRUE(all_below("a", "a"));
  EXPECT_TRUE(all_below("a", "a/b"));
  EXPECT_FALSE(all_below("a", "b"));
  EXPECT_FALSE(all_below("a/b", "a"));
  EXPECT_FALSE(all_below("", "a"));
  EXPECT_TRUE(all_below("*\n!src", "a"));
  EXPECT_FALSE(all_below("*\n!src", "src"));
  EXPECT_FALSE(all_below("*\n!src", "src/b"));
  EXPECT_FALSE(all_below("*\n!src/*/c", "src"));
  EXPECT_FALSE(all_below("*\n!src/*/c", "src/b"));
  EXPECT_TRUE(all_below("*\n!src/*/c", "src/b/d"));
  EXPECT_FALSE(all_below("*\n!**/*.md", "a/b"));
  EXPECT_TRUE(all_below("!a/b\na", "a"));
  EXPECT_TRUE(all_below("a\n!a/b\n*", "a"));
}

TEST(DockerIgnore, LeadingAndTrailingSlashesAndDotsAreCleaned) {
  for (const char* pattern :
       {"/dir", "dir/", "./dir", "dir/.", "//dir//", "x/../dir", "/../dir", "  dir  ", "dir\r",
        "\xEF\xBB\xBF"
        "dir"}) {
    EXPECT_EQ(Ignored(pattern, {"dir/a", "a"}), (Paths{"dir/a"})) << pattern;
  }
  EXPECT_EQ(Ignored("../dir", {"dir/a"}), Paths{});
  EXPECT_EQ(Ignored("*\n! /dir/ ", {"dir/a", "a"}), (Paths{"a"}));
}

TEST(DockerIgnore, CommentsStartInTheFirstColumn) {
  EXPECT_EQ(Ignored("#a\n #a\n\\#b", {"#a", "a", "#b"}), (Paths{"#a", "#b"}));
}

TEST(DockerIgnore, CaseCounts) {
  EXPECT_EQ(Ignored("Makefile", {"Makefile", "makefile"}), (Paths{"Makefile"}));
}

TEST(DockerIgnore, MalformedLineIsNamed) {
  const absl::StatusOr<DockerIgnore> bracket = DockerIgnore::Parse("a\n# b\n\nc[\nd");
  EXPECT_EQ(bracket.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(bracket.status().message()), HasSubstr("line 4"));
  for (const char* content : {"!", " ! ", "!/", "a\\"}) {
    EXPECT_EQ(DockerIgnore::Parse(content).status().code(), absl::StatusCode::kInvalidArgument)
        << content;
  }
  EXPECT_TRUE(DockerIgnore::Parse("!.").ok());
}

}  // namespace
}  // namespace imglife
