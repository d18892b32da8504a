#include "engine/apply/hook_command.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "providers/system/system.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

const HookSubject kSubject{.image = "r.test/app:1",
                           .repository = "r.test/app",
                           .tag = "1",
                           .digest = "sha256:aa",
                           .stage = "post_sync"};

struct CommandCase {
  std::string written;
  std::string run;
};

class HookCommandTest : public ::testing::TestWithParam<CommandCase> {};

TEST_P(HookCommandTest, HasQuotedValuesInThePlaceOfPlaceholders) {
  EXPECT_EQ(HookCommand(GetParam().written, kSubject), GetParam().run);
}

INSTANTIATE_TEST_SUITE_P(
    Placeholders, HookCommandTest,
    ::testing::Values(CommandCase{"scan {{.Image}}", "scan 'r.test/app:1'"},
                      CommandCase{"scan {{.Tag}} {{.Digest}}", "scan '1' 'sha256:aa'"},
                      CommandCase{"scan {image} {tag} {digest}",
                                  "scan 'r.test/app:1' '1' 'sha256:aa'"},
                      CommandCase{"{{ .Tag }}{{.Tag\t}}{{\n.Tag}}", "'1''1''1'"},
                      CommandCase{"{tag}", "'1'"},
                      CommandCase{"--tag={tag}, {tag}.", "--tag='1', '1'."}, CommandCase{"", ""},
                      CommandCase{"echo $IMGLIFE_TAG \"quoted\" 'single'",
                                  "echo $IMGLIFE_TAG \"quoted\" 'single'"}));

INSTANTIATE_TEST_SUITE_P(
    NoPlaceholders, HookCommandTest,
    ::testing::Values(CommandCase{"{Image}", "{Image}"}, CommandCase{"{{.image}}", "{{.image}}"},
                      CommandCase{"{ tag }", "{ tag }"}, CommandCase{"{{Tag}}", "{{Tag}}"},
                      CommandCase{"{{.Tags}}", "{{.Tags}}"}, CommandCase{"{tags}", "{tags}"},
                      CommandCase{"{{.Tag}", "{{.Tag}"}, CommandCase{"${tag}", "$'1'"},
                      CommandCase{"\xff{tag}\xff", "\xff'1'\xff"}));

TEST(HookCommand, WhatAValueHoldsIsNeverReplacedAgain) {
  HookSubject subject = kSubject;
  subject.image = "{tag}{{.Digest}}";
  EXPECT_EQ(HookCommand("{image} {tag}", subject), "'{tag}{{.Digest}}' '1'");
}

TEST(HookEnvironment, HoldsEveryValueAsItIs) {
  HookSubject subject = kSubject;
  subject.tag = "it's $1";
  EXPECT_THAT(
      HookEnvironment(subject),
      ElementsAre(Pair("IMGLIFE_DIGEST", "sha256:aa"), Pair("IMGLIFE_IMAGE", "r.test/app:1"),
                  Pair("IMGLIFE_REPOSITORY", "r.test/app"), Pair("IMGLIFE_STAGE", "post_sync"),
                  Pair("IMGLIFE_TAG", "it's $1")));
}

class ShellQuotedTest : public ::testing::TestWithParam<std::string> {};

// What printf of /bin/sh -c prints.
std::string InTheShell(const std::string& command) {
  const auto result = MakeProcessRunner()->Run({.argv = {"/bin/sh", "-c", command}});
  if (!result.ok()) return result.status().ToString();
  return result->exit_code == 0 ? result->out : "exit code " + std::to_string(result->exit_code);
}

TEST_P(ShellQuotedTest, IsOneWordForTheShellWhateverIsInIt) {
  EXPECT_EQ(InTheShell("printf '[%s]' " + ShellQuoted(GetParam())), "[" + GetParam() + "]");
  HookSubject subject = kSubject;
  subject.digest = GetParam();
  EXPECT_EQ(InTheShell(HookCommand("printf '[%s]' {{.Digest}} {digest}", subject)),
            "[" + GetParam() + "][" + GetParam() + "]");
}

INSTANTIATE_TEST_SUITE_P(Values, ShellQuotedTest,
                         ::testing::Values("", "plain", "two words", "it's", "'", "''",
                                           "'; exit 3; '", "\"", "\\", "\\'", "a\nb\n",
                                           "$HOME ${HOME} $(exit 3) `exit 3`", "*", "~", "!x",
                                           "&& exit 3", "| cat", "#x", "-n", "%s", "\t", "\xff",
                                           "é日"));

}  // namespace
}  // namespace imglife
