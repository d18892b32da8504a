// Each command's output, files and exit code.
#include <filesystem>
#include <string>

#include "nlohmann/json.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/system/system.h"
#include "tests/end_to_end/registries_fixture.h"
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

constexpr char kConfig[] = R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^3\.\d+\.\d+$'
      keep_last: 1
      target: $PRIVATE/mirrors/alpine
build:
  core_version: "1.0.0"
  registry: $PRIVATE/bases
  backend: buildah
  platforms: [linux/amd64]
  images:
    - name: alpine
      folder: images/alpine
      type: core
      mirror_image: $PRIVATE/mirrors/alpine
      mirror_tag: "3.21.3"
      args: {MIRROR: eu-1}
retention: {keep_last: 0}
)";

// To do: two copies, a build on one of them, a deletion.
class CommandsTest : public RegistriesTest {
 protected:
  void SetUp() override {
    Push(upstream_, "library/alpine", "3.21.3");
    Push(upstream_, "library/alpine", "3.24.0");
    const TestImage wanted = Push(upstream_, "library/alpine", "3.24.1");
    Push(private_, "mirrors/alpine", "3.24.1", wanted);
    Push(private_, "mirrors/alpine", "3.1.0", Image("old", "2024-01-01"));
    Configure(kConfig);
    Write("images/alpine/Dockerfile.tmpl", "FROM {{ .BaseImage }}\nCOPY etc /etc\n");
    Write("images/alpine/etc/motd", "hello\n");
    Write("images/alpine/.dockerignore", "secret\n");
    Write("images/alpine/secret", "not in the image\n");
  }

  std::string mirror() const { return private_.host() + "/mirrors/alpine"; }
  std::string bases() const { return private_.host() + "/bases/alpine"; }
};

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

TEST_F(CommandsTest, StagesListAndRehearse) {
  const ImglifeRun sync = Run({"sync", "--list"});
  EXPECT_THAT(sync, ExitsWith(0));
  EXPECT_THAT(sync.out, EndsWith("Plan: 1 to add, 0 to change, 0 to destroy.\n"));
  const ImglifeRun cleanup = Run({"cleanup", "--list"});
  EXPECT_THAT(cleanup, ExitsWith(0));
  // The deletion waits for the copy that is pending in its repository.
  EXPECT_THAT(cleanup.out, AllOf(HasSubstr("+ copy    " + mirror() + ":3.21.3"),
                                 EndsWith("Plan: 1 to add, 0 to change, 1 to destroy.\n")));
  const ImglifeRun json = Run({"cleanup", "--list", "--json"});
  EXPECT_THAT(json, ExitsWith(0));
  EXPECT_EQ(Json::parse(json.out)["summary"]["destroy"], 1);
  const ImglifeRun build = Run({"build", "--list"});
  EXPECT_THAT(build, ExitsWith(0));
  EXPECT_THAT(build.out, AllOf(HasSubstr("+ copy    " + mirror() + ":3.21.3"),
                               HasSubstr("+ build   " + bases() + ":3.21.3-core1.0.0")));
  for (const char* stage : {"sync", "build", "cleanup"}) {
    EXPECT_THAT(Run({stage, "--dry-run"}), ExitsWith(0)) << stage;
  }
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1.0", "3.24.1"));
  EXPECT_THAT(Tags(private_, "bases/alpine"), IsEmpty());
}

TEST_F(CommandsTest, DryRunsNeverLookAsIfDone) {
  struct Case {
    std::vector<std::string> command;
    std::string title;
    std::string row;
    std::string step;
  };
  const std::vector<Case> cases = {
      {{"sync"}, "Sync Summary", "├─ Would copy          1\n", "3.21.3  "},
      {{"build"}, "Build Summary", "├─ Would build  1\n", ": would be built\n"},
      {{"cleanup"}, "Cleanup Summary", "├─ Would delete  1\n", ": would be deleted\n"},
      {{"eol", "update"}, "EOL Summary", "├─ Would update   0\n", ""}};
  for (const auto& [command, title, row, step] : cases) {
    std::vector<std::string> arguments = command;
    arguments.emplace_back("--dry-run");
    const ImglifeRun run = Run(arguments);
    EXPECT_THAT(run, ExitsWith(0));
    EXPECT_THAT(run.out, StartsWith(title + " (dry run) · "));
    EXPECT_THAT(run.out, HasSubstr(row));
    EXPECT_THAT(run.out, EndsWith("\nDry run: nothing was changed.\n"));
    EXPECT_THAT(run.err, HasSubstr(step));
    for (const char* done : {"Copied", "Built", "Deleted", "Archived", "Kept", "Updated"}) {
      EXPECT_THAT(run.out, Not(HasSubstr(done)));
    }
  }
  const ImglifeRun apply = Run({"apply", "--dry-run", "--auto-approve"});
  EXPECT_THAT(apply, ExitsWith(0));
  EXPECT_THAT(apply.out, HasSubstr("\nDry run, nothing was changed: 2 would be added, 0 changed, 1 "
                                   "destroyed; 0 already so, 0 failed, "));
  EXPECT_THAT(apply.out, Not(HasSubstr("Apply ")));
  const ImglifeRun contexts = Run({"build", "--output-dir", "contexts", "--dry-run"});
  EXPECT_THAT(contexts.out, HasSubstr("Dry run, nothing was changed: 1 build context would be "
                                      "written to contexts, 0 failed.\n"));
  EXPECT_FALSE(std::filesystem::exists(Path("contexts")));
  EXPECT_FALSE(std::filesystem::exists(Path(".imglife")));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1.0", "3.24.1"));
}

// What the run itself would fail for.
TEST_F(CommandsTest, DryRunsLookAtTheJournal) {
  Write(".imglife", "a file, where the journal's directory would be");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"sync"}, {"cleanup"}, {"apply", "--auto-approve"}}) {
    std::vector<std::string> rehearsal = command;
    rehearsal.emplace_back("--dry-run");
    const ImglifeRun rehearsed = Run(rehearsal);
    EXPECT_THAT(rehearsed, ExitsWith(1)) << command.front();
    EXPECT_THAT(rehearsed.err, HasSubstr("nothing would be changed, as the journal can't be "
                                         "written: can't write "));
    const ImglifeRun run = Run(command);
    EXPECT_THAT(run, ExitsWith(1)) << command.front();
    EXPECT_THAT(run.err, HasSubstr("nothing was changed, as the journal can't be written: "));
  }
  EXPECT_THAT(Run({"sync", "--dry-run", "--journal", "new/place/journal"}), ExitsWith(0));
  EXPECT_FALSE(std::filesystem::exists(Path("new")));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1.0", "3.24.1"));
}

TEST_F(CommandsTest, StagesCarryOutTheirOwn) {
  const ImglifeRun sync = Run({"sync"});
  EXPECT_THAT(sync, ExitsWith(0));
  EXPECT_THAT(sync.out,
              AllOf(StartsWith("Sync Summary · "), HasSubstr("\nTags examined "),
                    HasSubstr("├─ Copied "), HasSubstr("├─ Up to date "), HasSubstr("└─ Errors ")));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1.0", "3.21.3", "3.24.1"));
  const ImglifeRun cleanup = Run({"cleanup"});
  EXPECT_THAT(cleanup, ExitsWith(0));
  EXPECT_THAT(cleanup.out, StartsWith("Cleanup Summary · "));
  EXPECT_THAT(cleanup.out, HasSubstr("───────────────────────────────────\n"
                                     "Tags examined 3\n"
                                     "├─ Deleted    1\n"
                                     "├─ Archived   0\n"
                                     "├─ Kept       2\n"
                                     "└─ Errors     0\n"));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.21.3", "3.24.1"));
  EXPECT_THAT(Tags(private_, "bases/alpine"), IsEmpty());
  const ImglifeRun build = Run({"build"});
  EXPECT_THAT(build, ExitsWith(0));
  EXPECT_THAT(build.out, StartsWith("Build Summary · "));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

// What can't be planned is neither built nor up to date.
TEST_F(CommandsTest, BuildSummariesAddUp) {
  Configure(std::string(kConfig).insert(
      std::string(kConfig).find("retention:"),
      "    - {name: broken, folder: images/broken, type: core, mirror_image: " + mirror() +
          ", mirror_tag: '3.21.3'}\n    - {name: lost, folder: images/alpine, type: core, "
          "mirror_image: " +
          mirror() + ", mirror_tag: '9.9'}\n"));
  Write("images/broken/Dockerfile.tmpl", "FROM {{ .Bass }}\n");
  const ImglifeRun first = Run({"build"});
  EXPECT_THAT(first, ExitsWith(1));
  EXPECT_THAT(first.out, HasSubstr("Images examined 3\n"
                                   "├─ Built        1\n"
                                   "├─ Up to date   0\n"
                                   "└─ Errors       2\n"));
  const ImglifeRun again = Run({"build"});
  EXPECT_THAT(again, ExitsWith(1));
  EXPECT_THAT(again.out, HasSubstr("Images examined 3\n"
                                   "├─ Built        0\n"
                                   "├─ Up to date   1\n"
                                   "└─ Errors       2\n"));
  const ImglifeRun left = Run({"build", "--rebuild", "alpine", "--exclude", "build *"});
  EXPECT_THAT(left.out, HasSubstr("Images examined 3\n"
                                  "├─ Built        0\n"
                                  "├─ Up to date   0\n"
                                  "├─ Left out     1\n"
                                  "└─ Errors       2\n"));
  const ImglifeRun plan = Run({"plan", "--json"});
  EXPECT_THAT(plan, ExitsWith(1));
  const Json not_planned = Json::parse(plan.out)["not_planned"];
  ASSERT_EQ(not_planned.size(), 2U);
  EXPECT_EQ(not_planned[0]["what"], private_.host() + "/bases/broken:3.21.3-core1.0.0");
  EXPECT_EQ(not_planned[1]["what"], private_.host() + "/bases/lost:9.9-core1.0.0");
  EXPECT_EQ(not_planned[1]["kind"], "build");
}

TEST_F(CommandsTest, SyncSummariesAddUp) {
  const ImglifeRun left = Run({"sync", "--exclude", "copy *:3.21.3"});
  EXPECT_THAT(left, ExitsWith(0));
  EXPECT_THAT(left.out, HasSubstr("Tags examined   2\n"
                                  "├─ Copied       0\n"
                                  "├─ Up to date   1\n"
                                  "├─ Bytes      0 B\n"
                                  "├─ Left out     1\n"
                                  "└─ Errors       0\n"));
  Configure("sync:\n  entries:\n    - {source: $UPSTREAM/library/alpine, tag: '7.7', target: " +
            mirror() +
            "}\n    - {source: $UPSTREAM/library/alpine, tag: '3.24.1', target: " + mirror() +
            "}\n    - {source: $UPSTREAM/nowhere, tag_regex: '^3', target: " + mirror() + "}\n");
  const ImglifeRun run = Run({"sync"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.out, EndsWith("Tags examined     2\n"
                                "├─ Copied         0\n"
                                "├─ Up to date     1\n"
                                "├─ Bytes        0 B\n"
                                "├─ Errors         1\n"
                                "└─ Other errors   1\n"));
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

TEST_F(CommandsTest, BuildContextsAreWritten) {
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  const ImglifeRun run = Run({"build", "--output-dir", "contexts"});
  EXPECT_THAT(run, ExitsWith(0));
  const std::string base = DigestOf(private_, "mirrors/alpine", "3.21.3");
  EXPECT_THAT(ReadTestFile(Path("contexts/alpine/Dockerfile")),
              StartsWith("FROM " + mirror() + ":3.21.3@" + base + "\n"));
  EXPECT_EQ(ReadTestFile(Path("contexts/alpine/etc/motd")), "hello\n");
  EXPECT_FALSE(std::filesystem::exists(Path("contexts/alpine/secret"))) << ".dockerignore";
  const Json build = Json::parse(ReadTestFile(Path("contexts/alpine/build.json")));
  EXPECT_EQ(build["tag"], bases() + ":3.21.3-core1.0.0");
  EXPECT_EQ(build["platforms"], (Json{"linux/amd64"}));
  EXPECT_EQ(build["args"], (Json{{"MIRROR", "eu-1"}}));
  EXPECT_EQ(build["base"], (Json{{"name", mirror() + ":3.21.3"}, {"digest", base}}));
  EXPECT_EQ(build["labels"]["io.imglife.inputs"], build["inputs"]);
  EXPECT_EQ(build["labels"]["org.opencontainers.image.base.digest"], base);
  EXPECT_THAT(Tags(private_, "bases/alpine"), IsEmpty()) << "it was built";
}

// What imglife didn't write isn't its to replace: in "images" the image's own folder has that name.
TEST_F(CommandsTest, BuildContextsReplaceOnlyBuildContexts) {
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  Write("out/alpine/notes.txt", "mine");
  const ImglifeRun foreign = Run({"build", "--output-dir", "out"});
  EXPECT_THAT(foreign, ExitsWith(1));
  EXPECT_THAT(foreign.err, HasSubstr("out/alpine is there already"));
  EXPECT_EQ(ReadTestFile(Path("out/alpine/notes.txt")), "mine");
  const std::string tmpl = ReadTestFile(Path("images/alpine/Dockerfile.tmpl"));
  const ImglifeRun own = Run({"build", "--output-dir", "images"});
  EXPECT_THAT(own, ExitsWith(64));
  EXPECT_THAT(own.err, StartsWith("error: --output-dir images would replace images/alpine, which "
                                  "holds the template of imglife.yaml:13:7: build.images[0]"));
  EXPECT_EQ(ReadTestFile(Path("images/alpine/Dockerfile.tmpl")), tmpl);
  EXPECT_THAT(Run({"build", "--output-dir", "contexts"}), ExitsWith(0));
  EXPECT_THAT(Run({"build", "--output-dir", "contexts"}), ExitsWith(0)) << "again";
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
  EXPECT_THAT(Run({"eol", "update", "--frobnicate"}).err,
              HasSubstr("\nUsage: imglife eol update [OPTIONS]\n"));
}

// `imglife apply "$PLAN"` with an unset PLAN must not make a plan of its own.
TEST_F(CommandsTest, AnEmptyValueIsNeverTakenForNone) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"PLAN", {"apply", "", "--auto-approve"}},
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

}  // namespace
}  // namespace imglife
