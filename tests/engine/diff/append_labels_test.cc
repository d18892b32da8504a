#include "engine/diff/append_labels.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;

using Labels = std::map<std::string, std::string>;

std::string Appended(std::string_view dockerfile, const Labels& labels = {{"a", "1"}}) {
  return AppendLabels(dockerfile, labels).value();
}

TEST(AppendLabels, StandBehindTheLastStage) {
  EXPECT_EQ(Appended("FROM x AS y\nFROM z\nRUN w\n", {{"a", "1"}, {"b.c", ""}}),
            "FROM x AS y\nFROM z\nRUN w\nLABEL a=\"1\"\nLABEL b.c=\"\"\n");
  EXPECT_EQ(Appended("FROM x"), "FROM x\nLABEL a=\"1\"\n");
  EXPECT_EQ(Appended("FROM x\r\n"), "FROM x\r\nLABEL a=\"1\"\n");
}

TEST(AppendLabels, AreQuoted) {
  EXPECT_EQ(Appended("FROM x\n", {{"a", R"(say "$HOME" ${A:-b} it's C:\dir\ #1)"}}),
            "FROM x\n"
            R"(LABEL a="say \"\$HOME\" \${A:-b} it's C:\\dir\\ #1")"
            "\n");
  EXPECT_EQ(Appended("# escape=`\nFROM x\n", {{"a", R"("$A" C:\dir `id`)"}}),
            "# escape=`\nFROM x\n"
            R"(LABEL a="`"`$A`" C:\dir ``id``")"
            "\n");
}

TEST(AppendLabels, HaveNoLineBreaks) {
  const auto refused = AppendLabels("FROM x\n", {{"a", "1"}, {"b", "2\n3"}});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("label b has a line break"));
}

// Docker takes `RUN x \` at the end for `RUN x `.
TEST(AppendLabels, NoInstructionTakesThemForItsOwn) {
  for (const char* open :
       {"RUN x \\\n", "RUN x \\", "RUN x \\\n\n", "RUN x \\\n  # why\n", "RUN x \\ \r\n"}) {
    EXPECT_EQ(Appended(std::string("FROM z\n") + open), "FROM z\nRUN x \nLABEL a=\"1\"\n") << open;
  }
  EXPECT_EQ(Appended("FROM z\nRUN w \\\n  x \\\n"), "FROM z\nRUN w \\\n  x \nLABEL a=\"1\"\n");
  for (const char* closed :
       {"RUN x \\\n y\n", "# why \\\n", "RUN <<E\nx \\\nE\n", "RUN x\n\n# end \\\n"}) {
    EXPECT_EQ(Appended(std::string("FROM z\n") + closed),
              "FROM z\n" + std::string(closed) + "LABEL a=\"1\"\n");
  }
}

// Builders refuse lines of 64 KiB.
TEST(AppendLabels, LongOnesHaveSeveralLines) {
  std::string value;
  for (int i = 0; i < 20'000; ++i) value += "file #\\ " + std::to_string(i) + ";";
  const std::string dockerfile = Appended("FROM x\n", {{"a", value}});
  std::string joined;
  std::size_t longest = 0;
  for (std::size_t at = 0; at < dockerfile.size();) {
    const std::size_t end = dockerfile.find('\n', at);
    const std::string line = dockerfile.substr(at, end - at);
    longest = std::max(longest, line.size());
    EXPECT_NE(line.front(), '#');
    joined += line.ends_with("\\") ? line.substr(0, line.size() - 1) : line + "\n";
    at = end + 1;
  }
  EXPECT_LT(longest, 65'536U);
  EXPECT_EQ(joined.size(), value.size() + 20'000 + std::string("FROM x\nLABEL a=\"\"\n").size());
}

}  // namespace
}  // namespace imglife
