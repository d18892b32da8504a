// The documents name the commands and options that there are, and no others.
#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "tests/end_to_end/imglife_run.h"
#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/golden.h"

namespace imglife {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Words = std::set<std::string>;

const std::vector<std::vector<std::string>> kCommands = {
    {},       {"validate"}, {"schema"}, {"version"},       {"plan"},   {"show"},   {"apply"},
    {"sync"}, {"build"},    {"eol"},    {"eol", "update"}, {"status"}, {"cleanup"}};

std::string Document(const std::string& name) {
  return ReadTestFile(IMGLIFE_TESTDATA "/../docs/" + name);
}

Words Matches(const std::string& text, const char* regex) {
  Words words;
  re2::StringPiece rest(text);
  std::string word;
  const RE2 pattern(regex);
  while (RE2::FindAndConsume(&rest, pattern, &word)) words.insert(word);
  return words;
}

Words Without(const Words& all, const Words& some) {
  Words rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(),
                      std::inserter(rest, rest.end()));
  return rest;
}

class DocumentedTest : public testing::Test {
 protected:
  std::string Help(std::vector<std::string> command) const {
    command.emplace_back("--help");
    const ImglifeRun run = RunImglife("/", command, {});
    EXPECT_THAT(run, ExitsWith(0));
    return run.out;
  }

  Words Options() const {
    Words options;
    for (const auto& command : kCommands) {
      options.merge(Matches(Help(command), R"((?m)^\s+(?:-\w,\s*)?(--[a-z-]+))"));
    }
    return options;
  }

  // Of all levels.
  Words Commands() const {
    Words commands;
    for (const auto& command : kCommands) {
      const std::string help = Help(command);
      const std::size_t at = help.find("\nCommands:\n");
      if (at == std::string::npos) continue;
      commands.merge(Matches(help.substr(at), R"((?m)^  ([a-z]+) )"));
    }
    return commands;
  }
};

TEST_F(DocumentedTest, CommandsAndOptionsAreThoseOfTheProgram) {
  const std::string document = Document("commands.md");
  const Words documented = Matches(document, R"((--[a-z][a-z-]+))");
  EXPECT_THAT(Without(Options(), documented), IsEmpty()) << "not in docs/commands.md";
  EXPECT_THAT(Without(documented, Options()), IsEmpty()) << "only in docs/commands.md";
  Words known;
  for (const auto& command : kCommands) {
    if (!command.empty()) known.insert(command.back());
  }
  EXPECT_EQ(Commands(), known);
  for (const std::string& command : known) {
    EXPECT_TRUE(RE2::PartialMatch(document, "`(eol )?" + command + "[` ]")) << command;
  }
}

// Each one that this version is said to lack is refused.
TEST_F(DocumentedTest, WhatIsNotThereIsWrongUsage) {
  const std::string document = Document("behaviour.md");
  std::string commands;
  std::string options;
  ASSERT_TRUE(RE2::PartialMatch(
      document, R"((?s)## Not in this version\n\n- The commands (.*?); the\s+options (.*?)\. All)",
      &commands, &options));
  const Words absent = Matches(commands, "`([a-z ]+)`");
  EXPECT_EQ(absent.size(), 11U);
  for (const std::string& command : absent) {
    const ImglifeRun run = RunScript("/", "imglife " + command, {});
    EXPECT_THAT(run, ExitsWith(64)) << command;
    EXPECT_THAT(run.err, StartsWith("imglife: ")) << command;
  }
  const Words lacking = Matches(options, "(--[a-z-]+)");
  EXPECT_EQ(lacking.size(), 7U);
  EXPECT_EQ(Without(lacking, Options()), lacking);
  for (const std::string& option : lacking) {
    for (const char* command : {"plan", "apply", "show p.json"}) {
      EXPECT_THAT(RunScript("/", "imglife " + std::string(command) + " " + option + " x", {}),
                  ExitsWith(64))
          << command << " " << option;
    }
  }
}

TEST_F(DocumentedTest, TheReadmeUsesWhatThereIs) {
  const std::string readme = ReadTestFile(IMGLIFE_TESTDATA "/../README.md");
  EXPECT_THAT(Without(Matches(readme, R"((?m)(?:^    |^\$ |`)imglife ([a-z]+))"), Commands()),
              IsEmpty());
  Words options = Matches(readme, R"((?m)(?:imglife [^`\n]*|`)(--[a-z-]+))");
  EXPECT_THAT(Without(options, Options()), IsEmpty());
}

}  // namespace
}  // namespace imglife
