#include "providers/builders/context/path_pattern.h"

#include <ostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace imglife {
namespace {

struct Case {
  std::string pattern;
  std::vector<std::string> matches;
  std::vector<std::string> others;
};

void PrintTo(const Case& test_case, std::ostream* out) {
  *out << test_case.pattern;
}

class PathPatternMatches : public testing::TestWithParam<Case> {};

TEST_P(PathPatternMatches, AsMobyDoes) {
  const absl::StatusOr<PathPattern> pattern = PathPattern::Parse(GetParam().pattern);
  ASSERT_TRUE(pattern.ok()) << pattern.status();
  for (const std::string& path : GetParam().matches) {
    EXPECT_TRUE(pattern->Matches(path)) << path;
  }
  for (const std::string& path : GetParam().others) {
    EXPECT_FALSE(pattern->Matches(path)) << path;
  }
}

// The cases of moby/patternmatcher's own tests are among them.
INSTANTIATE_TEST_SUITE_P(
    Cases, PathPatternMatches,
    testing::Values(
        Case{"file", {"file"}, {"File", "file2", "dir/file", "fil", ""}},
        Case{"dir/file", {"dir/file"}, {"file", "dir", "dir/file/x"}},
        Case{"*", {"a", ".hidden", ""}, {"a/b", "/"}},
        Case{"*.md", {"a.md", ".md"}, {"a.mdx", "dir/a.md"}},
        Case{"*/temp*", {"a/temp", "a/temporary.txt"}, {"temp", "a/b/temp"}},
        Case{"temp?", {"tempa", "temp\xC3\xA9", "temp\xFF"}, {"temp", "temp/", "tempab"}},
        Case{"**", {"file", "file/", "dir/file", "", "/"}, {}},
        Case{"**/", {"file", "dir/file"}, {}}, Case{"**/**", {"file", "dir/file"}, {}},
        Case{"dir/**", {"dir/file", "dir/dir2/file", "dir/"}, {"dir", "dir2/file", "x/dir/file"}},
        Case{"**/dir", {"dir", "a/dir", "a/b/dir"}, {"adir", "dir/a", "a/adir"}},
        Case{"**/dir2/*", {"dir/dir2/file", "dir2/file"}, {"dir/dir2/dir2/file/x", "dir2"}},
        Case{"**/dir2/**", {"dir/dir2/file", "dir/dir2/dir2/file", "dir2/"}, {"dir/dir2"}},
        Case{"**file", {"file", "dir/file", "dirfile", "dir/dirfile"}, {"file/x"}},
        Case{"**/file", {"file", "dir/file", "dir/dir/file"}, {"dirfile"}},
        Case{"**/file*", {"dir/dir/file", "dir/file.txt", "file"}, {"xfile"}},
        Case{"**file*", {"file1", "dir/file"}, {"dirfile1"}},
        Case{"**/file*txt", {"dir/dir/file.txt", "filetxt"}, {"dir/file.txt2"}},
        Case{"**/**/*.txt", {"dir/dir/file.txt", "file.txt"}, {"file.txt/x"}},
        Case{"a**/*.txt",
             {"a/file.txt", "a/dir/file.txt", "a/dir/dir/file.txt", "afile.txt"},
             {"b/file.txt", "ab/c/file.xt"}},
        Case{"a**b", {"ab", "ax/b", "a/b", "a/x/b"}, {"axb"}},
        Case{"a**", {"a", "ab", "a/b/c"}, {"b"}},
        Case{"a[b-d]e", {"ace", "abe", "ade"}, {"aae", "aee", "ae"}},
        Case{"a[^b-d]e", {"aze", "a^e"}, {"ace"}}, Case{"[ab]", {"a", "b"}, {"ab", "[ab]"}},
        Case{"a[\\]\\-]", {"a]", "a-"}, {"a\\"}}, Case{"a]", {"a]"}, {"a"}},
        Case{"[!a]", {"!", "a"}, {"b"}}, Case{"a\xFF", {"a\xFF"}, {"a\xFE", "a\xC3\xBF", "a"}},
        Case{"[\xC3\xA0-\xC3\xB0]", {"\xC3\xA9"}, {"e", "\xC3\xBF"}},
        Case{"abc.def", {"abc.def"}, {"abcdef", "abcZdef"}},
        Case{"a.|)$(}+{bc", {"a.|)$(}+{bc"}, {"a"}}, Case{"a\\*b", {"a*b"}, {"axb", "ab"}},
        Case{"a\\bc", {"abc"}, {"a\\bc"}}, Case{"\\#name", {"#name"}, {"\\#name"}},
        Case{"\\!name", {"!name"}, {"name"}}, Case{"", {""}, {"a"}}));

TEST(PathPattern, MalformedPatternsAreRefused) {
  for (const char* pattern : {"[", "a[", "[]", "[]a]", "[-]", "[a-]", "[-x]", "[^]", "[a", "[z-a]",
                              "a\\", "[a\\", "[a-b-c]"}) {
    EXPECT_EQ(PathPattern::Parse(pattern).status().code(), absl::StatusCode::kInvalidArgument)
        << pattern;
  }
}

TEST(PathPattern, ManyStarsTakeNoTime) {
  std::string stars;
  for (int i = 0; i < 200; ++i) stars += "a*/**/";
  const absl::StatusOr<PathPattern> pattern = PathPattern::Parse(stars + "b");
  ASSERT_TRUE(pattern.ok()) << pattern.status();
  EXPECT_FALSE(pattern->Matches(std::string(4000, 'a')));
}

}  // namespace
}  // namespace imglife
