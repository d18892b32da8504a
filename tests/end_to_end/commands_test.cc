// Each command's output, files and exit code.
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "nlohmann/json.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/system/system.h"
#include "tests/end_to_end/commands_fixture.h"
#include "tests/support/golden.h"

namespace imglife {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST_F(CommandsTest, Validate) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"validate"}, {"--check"}}) {
    NewRequests(private_);
    const ImglifeRun run = Run(command);
    EXPECT_THAT(run, ExitsWith(0));
    EXPECT_THAT(run.err, HasSubstr("imglife.yaml is valid"));
    EXPECT_THAT(NewRequests(private_), IsEmpty());
  }
  const ImglifeRun clean = Run({"validate", "--json"});
  EXPECT_THAT(clean, ExitsWith(0));
  EXPECT_EQ(Json::parse(clean.out), (Json{{"findings", Json::array()}}));

  Write("other.yaml", std::string(kConfig) + "retension: {}\n");
  const ImglifeRun found = Run({"validate", "--json", "--config", "other.yaml"});
  EXPECT_THAT(found, ExitsWith(1));
  const Json findings = Json::parse(found.out)["findings"];
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0]["code"], "unknown-key");
  EXPECT_EQ(findings[0]["severity"], "error");
  EXPECT_EQ(findings[0]["file"], "other.yaml");
  EXPECT_EQ(findings[0]["line"], 20);
  EXPECT_EQ(findings[0]["column"], 1);
  EXPECT_EQ(findings[0]["path"], "retension");
  EXPECT_TRUE(findings[0].contains("message"));
  EXPECT_TRUE(findings[0].contains("suggestion"));
}

TEST_F(CommandsTest, SchemasArePrinted) {
  const ImglifeRun config = Run({"schema", "config"});
  EXPECT_THAT(config, ExitsWith(0));
  EXPECT_EQ(config.out, ReadTestFile(IMGLIFE_TESTDATA "/../schema/imglife.schema.json"));
  const ImglifeRun plan = Run({"schema", "plan"});
  EXPECT_THAT(plan, ExitsWith(0));
  EXPECT_EQ(plan.out, ReadTestFile(IMGLIFE_TESTDATA "/../schema/plan.schema.json"));
  EXPECT_THAT(Run({"schema", "other"}), ExitsWith(64));
}

TEST_F(CommandsTest, ARealPlanFitsItsSchema) {
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  Write("plan.schema.json", Run({"schema", "plan"}).out);
  ProcessSpec check;
  check.argv = {"/usr/bin/python3", "-c",
                "import json, jsonschema\n"
                "jsonschema.validate(json.load(open('plan.json')), "
                "json.load(open('plan.schema.json')))"};
  check.directory = directory_.path();
  const auto checked = MakeProcessRunner()->Run(check);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->exit_code, 0) << checked->err;
}

TEST_F(CommandsTest, PlanSaysWhatItWouldDo) {
  const ImglifeRun run =
      Run({"plan", "--detailed-exitcode", "--gitlab-report", "report.json", "--out", "plan.json"});
  EXPECT_THAT(run, ExitsWith(2));
  EXPECT_THAT(run.out, StartsWith("imglife will perform the following actions:\n\n  sync\n"));
  EXPECT_THAT(run.out, AllOf(HasSubstr("\n  + copy    " + mirror() + ":3.21.3 "),
                             HasSubstr("\n\n  build\n  + build   " + bases() + ":3.21.3-core1.0.0"),
                             HasSubstr("\n\n  cleanup\n  - delete  " + mirror() + ":3.1.0 ")));
  EXPECT_THAT(run.out, EndsWith("\nPlan: 2 to add, 0 to change, 1 to destroy.\n"));
  EXPECT_EQ(ReadTestFile(Path("report.json")),
            "{\"create\":2,\"update\":0,\"delete\":1,\"blocked\":0}\n");
  const Json plan = Json::parse(ReadTestFile(Path("plan.json")));
  EXPECT_EQ(plan["format_version"], "1.0");
  EXPECT_EQ(plan["created_at"], "2026-08-20T06:00:00Z");
  EXPECT_EQ(plan["policy_now"], "2026-08-20T06:00:00Z");
  EXPECT_EQ(plan["expires_at"], "2026-08-21T06:00:00Z");
  EXPECT_EQ(plan["summary"], (Json{{"add", 2}, {"change", 0}, {"destroy", 1}, {"blocked", 0}}));
}

TEST_F(CommandsTest, NoReportOfAPlanThatFailed) {
  environment_["UPSTREAM"] = "127.0.0.1:1";
  EXPECT_THAT(Run({"plan", "--gitlab-report", "report.json"}), ExitsWith(1));
  EXPECT_FALSE(std::filesystem::exists(Path("report.json")));
}

TEST_F(CommandsTest, OnlyTakesAlongWhatIsNeeded) {
  const ImglifeRun build = Run({"plan", "--only", "build", "--json"});
  EXPECT_THAT(build, ExitsWith(0));
  const Json plan = Json::parse(build.out);
  EXPECT_EQ(plan["partial"], true);
  std::vector<std::string> addresses;
  for (const Json& action : plan["actions"]) addresses.push_back(action["address"]);
  EXPECT_THAT(addresses, ElementsAre("copy " + mirror() + ":3.21.3",
                                     "build " + bases() + ":3.21.3-core1.0.0"));

  // A deletion comes after every copy in its repository.
  const ImglifeRun one = Run({"plan", "--only", "delete *:3.1.0"});
  EXPECT_THAT(one.out,
              HasSubstr("  --only delete *:3.1.0\n"
                        "  --only takes along what the chosen actions need: 1 action (copy " +
                        mirror() + ":3.21.3)\n"));
  EXPECT_THAT(one.out, EndsWith("Plan: 1 to add, 0 to change, 1 to destroy.\n"));
}

TEST_F(CommandsTest, ExcludeDropsWhatDependsOnIt) {
  const ImglifeRun run = Run({"plan", "--exclude", "copy " + mirror() + ":3.21.3"});
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out, AllOf(HasSubstr("--exclude copy " + mirror() + ":3.21.3"),
                             Not(HasSubstr("+ build"))));
  EXPECT_THAT(run.out, HasSubstr("Plan: 0 to add, "));
}

TEST_F(CommandsTest, APatternThatMatchesNothingIsWrongUsage) {
  for (const char* command : {"plan", "apply", "sync"}) {
    const ImglifeRun run = Run({command, "--only", "copy *:9.9"});
    EXPECT_THAT(run, ExitsWith(64)) << command;
    EXPECT_THAT(run.err, HasSubstr("copy *:9.9")) << command;
  }
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  EXPECT_THAT(Run({"apply", "plan.json", "--exclude", "nothing"}), ExitsWith(64));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1.0", "3.24.1"));
}

TEST_F(CommandsTest, PartOfASavedPlan) {
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  EXPECT_THAT(Run({"apply", "plan.json", "--only", "copy"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1.0", "3.21.3", "3.24.1"));
  EXPECT_THAT(Tags(private_, "bases/alpine"), IsEmpty());
  // The rest of the same plan.
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.21.3", "3.24.1"));
  EXPECT_THAT(Tags(private_, "bases/alpine"), ElementsAre("3.21.3-core1.0.0"));
}

TEST_F(CommandsTest, RebuildNamesAnImage) {
  NewRequests(private_);
  for (const char* pattern : {"alpin", "debian*"}) {
    const ImglifeRun run = Run({"build", "--rebuild", pattern});
    EXPECT_THAT(run, ExitsWith(64));
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_EQ(run.err, "error: --rebuild " + std::string(pattern) +
                           ": no image of build.images has a name like that; nearest: alpine\n");
  }
  Configure("sync:\n  entries: [{source: $UPSTREAM/library/alpine, tag: '3.24.1', target: " +
            mirror() + "}]\n");
  const ImglifeRun none = Run({"build", "--rebuild"});
  EXPECT_THAT(none, ExitsWith(64));
  EXPECT_THAT(none.err, HasSubstr("--rebuild *: imglife.yaml has no build.images\n"));
  EXPECT_THAT(NewRequests(private_), IsEmpty());
}

TEST_F(CommandsTest, WrongUsage) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"destroy"},
        {"plan", "--frobnicate"},
        {"plan", "--out"},
        {"plan", "--parallelism", "0"},
        {"plan", "--parallelism", "many"},
        {"plan", "--log-level", "loud"},
        {"plan", "--log-level", "0"},
        {"plan", "--expires", "soon"},
        {"show"},
        {"apply", "one.json", "two.json"},
        {"apply", "--allow-deletes", "somewhere"},
        {"apply", "--allow-deletes", "registry.example.com/a=-1"},
        {"eol"},
        {"status", "--format", "pdf"},
        {"cleanup", "--json"},
        {"apply", "--max-failures", "0"},
        {"apply", "--max-failures", "2", "--fail-fast"},
        {"plan", "--markdown-limit", "5000"},
        {"plan", "--allow-deletes", "r.io/a=1", "--allow-deletes", "r.io/a=2"},
        {"plan", "--markdown", "plan.md", "--markdown-limit", "5"}}) {
    const ImglifeRun run = Run(arguments);
    EXPECT_THAT(run, ExitsWith(64)) << testing::PrintToString(arguments);
    EXPECT_THAT(run.out, IsEmpty()) << testing::PrintToString(arguments);
    EXPECT_THAT(run.err, AllOf(StartsWith("imglife: "), HasSubstr("Usage: imglife")))
        << testing::PrintToString(arguments);
  }
}

TEST_F(CommandsTest, WrongUsageSaysWhatIsRight) {
  const ImglifeRun level = Run({"plan", "--log-level", "loud"});
  EXPECT_THAT(level.err,
              StartsWith("imglife: --log-level: loud is none of debug, error, info, warn\n"));
  EXPECT_THAT(level.err, HasSubstr("\nUsage: imglife plan [OPTIONS]\n"));
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"--format: pdf is none of markdown, html, json", {"status", "--format", "pdf"}},
      {"--parallelism: many is no number from 1 to 256", {"plan", "--parallelism", "many"}},
      {"aply is no command of `imglife`; did you mean apply?", {"aply"}},
      {"updat is no command of `imglife eol`; did you mean update?", {"eol", "updat"}},
      {"`imglife plan` has no option --frobnicate", {"plan", "--frobnicate", "x"}},
      {"`imglife eol update` has no option --comit; did you mean --commit?",
       {"eol", "update", "--comit"}},
      {"`imglife plan` has no option --journal", {"plan", "--journal", "x"}},
      {"two.json is one argument too many", {"apply", "one.json", "two.json"}},
      {"--allow-deletes names r.io/a twice",
       {"plan", "--allow-deletes", "r.io/a=1", "--allow-deletes", "r.io/a=2"}},
  };
  for (const auto& [message, arguments] : cases) {
    EXPECT_THAT(Run(arguments).err, StartsWith("imglife: " + message + "\n"));
  }
  EXPECT_THAT(Run({"eol", "update", "--frobnicate"}).err,
              HasSubstr("\nUsage: imglife eol update [OPTIONS]\n"));
}

// Who writes `cleanup --check` expects that nothing is deleted.
TEST_F(CommandsTest, CheckAndVersionTakeNoCommand) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"--check takes no command: write `imglife cleanup`, or `imglife validate` for what --check "
       "does",
       {"--check", "cleanup"}},
      {"--check takes no command: write `imglife sync`, or ", {"sync", "--check"}},
      {"--check takes no command: write `imglife plan`, or ", {"plan", "--check"}},
      {"--check takes no command: write `imglife eol update`, or ", {"eol", "update", "--check"}},
      {"--version takes no command: write `imglife sync`, or `imglife version` for what --version "
       "does",
       {"--version", "sync"}},
      {"--check and --version exclude each other", {"--check", "--version"}}};
  NewRequests(private_);
  for (const auto& [message, arguments] : cases) {
    const ImglifeRun run = Run(arguments);
    EXPECT_THAT(run, ExitsWith(64)) << testing::PrintToString(arguments);
    EXPECT_THAT(run.out, IsEmpty()) << testing::PrintToString(arguments);
    EXPECT_THAT(run.err, StartsWith("imglife: " + message));
  }
  EXPECT_THAT(NewRequests(private_), IsEmpty());
}

TEST_F(CommandsTest, HelpForACommandThatIsNotThere) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"frob", "--help"}, {"eol", "frob", "--help"}}) {
    const ImglifeRun run = Run(arguments);
    EXPECT_THAT(run, ExitsWith(64)) << testing::PrintToString(arguments);
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_THAT(run.err, StartsWith("imglife: frob is no command of `imglife"));
  }
}

TEST_F(CommandsTest, WhatIsNotUnderstoodIsShownEscaped) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"fr\x1b[31mob"},
                                                    {"plan", "--fr\x1b[31mob"},
                                                    {"plan", "--log-level", "fr\x1b[31mob"}}) {
    const ImglifeRun run = Run(arguments);
    EXPECT_THAT(run, ExitsWith(64));
    EXPECT_THAT(run.err, AllOf(HasSubstr("fr\\x1b[31mob"), Not(HasSubstr("\x1b"))));
  }
}

TEST_F(CommandsTest, AWrongVariableIsNamed) {
  const auto run = [&](const std::vector<std::string>& arguments) {
    return RunImglife(directory_.path(), arguments, {{"IMGLIFE_PARALLELISM", "many"}});
  };
  EXPECT_THAT(run({"plan"}).err,
              StartsWith("imglife: IMGLIFE_PARALLELISM: many is no number from 1 to 256\n"));
  EXPECT_THAT(run({"plan", "--parallelism", "0"}).err,
              StartsWith("imglife: --parallelism: 0 is no number from 1 to 256\n"));
}

// Neither an option nor a field of imglife.yaml has them: whoever calls is wrong.
TEST_F(CommandsTest, AVariableThatNothingCanReadIsWrongUsage) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"IMGLIFE_NOW", "x", "IMGLIFE_NOW is x, not an RFC 3339 instant"},
      {"SOURCE_DATE_EPOCH", "y", "SOURCE_DATE_EPOCH is y, not a number of seconds"},
      {"IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO", "foo",
       "IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO is `foo`, not a base URL such as"},
      {"IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO", "ftp://u:s3cret@host",
       "IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO is what looks like a credential, not a base URL"},
      {"IMGLIFE_DOCKER_HUB_URL", "hub", "IMGLIFE_DOCKER_HUB_URL is `hub`, not a base URL such as"}};
  NewRequests(private_);
  for (const auto& [name, value, message] : cases) {
    std::map<std::string, std::string> environment = environment_;
    environment[name] = value;
    for (const char* command : {"plan", "validate"}) {
      const ImglifeRun run = RunImglife(directory_.path(), {command}, environment);
      EXPECT_THAT(run, ExitsWith(64)) << name;
      EXPECT_THAT(run.out, IsEmpty());
      EXPECT_THAT(run.err, StartsWith("error: " + message));
    }
  }
  EXPECT_THAT(NewRequests(private_), IsEmpty());
}

TEST_F(CommandsTest, AConfigurationThatIsNotThereIsAFindingToo) {
  const ImglifeRun run = Run({"validate", "--json", "--config", "nowhere.yaml"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.out, HasSubstr("there is no nowhere.yaml"));
  EXPECT_THAT(run.err, IsEmpty());
}

// `imglife apply "$PLAN"` with an unset PLAN must not make a plan of its own.
TEST_F(CommandsTest, AnEmptyValueIsNeverTakenForNone) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"FILE", {"apply", "", "--auto-approve"}},
      {"FILE", {"show", ""}},
      {"--config", {"plan", "--config", ""}},
      {"--config", {"--config", "", "validate"}},
      {"--config", {"plan", "--config="}},
      {"--out", {"plan", "--out", ""}},
      {"--out", {"plan", "--out=", "--json"}},
      {"--markdown", {"plan", "--markdown", ""}},
      {"--markdown", {"show", "plan.json", "--markdown", ""}},
      {"--gitlab-report", {"plan", "--gitlab-report", ""}},
      {"--only", {"apply", "--only", ""}},
      {"--exclude", {"apply", "--exclude", ""}},
      {"--journal", {"apply", "--journal", ""}},
      {"--journal", {"cleanup", "--journal", ""}},
      // Not `--journal plan.json`.
      {"--journal", {"apply", "--journal=", "plan.json"}},
      {"--rebuild", {"build", "--rebuild", ""}},
      {"--output-dir", {"build", "--output-dir", ""}},
      {"--data-file", {"eol", "update", "--data-file", ""}},
      {"--output", {"status", "--output", ""}},
  };
  NewRequests(private_);
  for (const auto& [name, arguments] : cases) {
    const ImglifeRun run = Run(arguments);
    EXPECT_THAT(run, ExitsWith(64)) << testing::PrintToString(arguments);
    EXPECT_THAT(run.out, IsEmpty()) << testing::PrintToString(arguments);
    EXPECT_THAT(run.err, StartsWith("imglife: " + name +
                                    ": the value is empty; is a shell variable unset?\n"))
        << testing::PrintToString(arguments);
  }
  EXPECT_THAT(NewRequests(private_), IsEmpty());
}

TEST_F(CommandsTest, CommonOptionsStandBeforeOrAfterTheCommand) {
  std::filesystem::rename(Path("imglife.yaml"), Path("mine.yaml"));
  const ImglifeRun before = Run({"--config", "mine.yaml", "plan"});
  EXPECT_THAT(before, ExitsWith(0));
  EXPECT_EQ(Run({"plan", "--config", "mine.yaml"}).out, before.out);
  environment_["IMGLIFE_CONFIG"] = "mine.yaml";
  EXPECT_EQ(Run({"plan"}).out, before.out);
}

TEST_F(CommandsTest, ColourOnlyWhereItIsWanted) {
  EXPECT_THAT(Run({"plan"}).out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(Run({"plan", "--color", "always"}).out, HasSubstr("\x1b[32m+"));
  environment_["CLICOLOR_FORCE"] = "1";
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("\x1b["));
  environment_["NO_COLOR"] = "1";
  EXPECT_THAT(Run({"plan"}).out, Not(HasSubstr("\x1b")));
}

TEST_F(CommandsTest, VersionAndHelp) {
  const ImglifeRun version = Run({"version"});
  EXPECT_THAT(version, ExitsWith(0));
  EXPECT_THAT(version.out, StartsWith("imglife 0."));
  const ImglifeRun help = Run({"plan", "--help"});
  EXPECT_THAT(help, ExitsWith(0));
  EXPECT_THAT(help.out, HasSubstr("--detailed-exitcode"));
  EXPECT_THAT(help.err, IsEmpty());
}

TEST_F(CommandsTest, StatusReportsWithoutAClock) {
  ASSERT_THAT(Run({"apply", "--auto-approve"}), ExitsWith(0));
  EXPECT_THAT(Run({"status", "--output", "STATUS.md"}), ExitsWith(0));
  const std::string first = ReadTestFile(Path("STATUS.md"));
  EXPECT_THAT(first, HasSubstr(bases() + ":3.21.3-core1.0.0"));
  environment_["IMGLIFE_NOW"] = "2026-08-20T09:30:00Z";
  environment_.erase("SOURCE_DATE_EPOCH");
  EXPECT_THAT(Run({"status", "--output", "STATUS.md"}), ExitsWith(0));
  EXPECT_EQ(ReadTestFile(Path("STATUS.md")), first);
  const ImglifeRun json = Run({"status", "--format", "json"});
  EXPECT_THAT(json, ExitsWith(0));
  EXPECT_TRUE(Json::accept(json.out)) << json.out;
}

TEST_F(CommandsTest, StatusWarnsWhereThereIsNoEolData) {
  EXPECT_THAT(Run({"status"}).err, Not(HasSubstr("eol-data.yaml"))) << "nothing has a lifecycle";
  std::string config = kConfig;
  config.insert(config.find("build:"), "      lifecycle: {product: alpine}\n");
  Configure(config);
  const ImglifeRun without = Run({"status"});
  EXPECT_THAT(without, ExitsWith(0));
  EXPECT_THAT(without.err, HasSubstr("warning: there is no eol-data.yaml, so the end of life of "
                                     "everything is unknown; `imglife eol update` writes it\n"));
  Write("eol-data.yaml", "");
  EXPECT_THAT(Run({"status"}).err, Not(HasSubstr("eol-data.yaml")));
}

}  // namespace
}  // namespace imglife
