// The stages as commands of their own: what they list, rehearse, carry out and sum up.
#include <filesystem>
#include <string>

#include "nlohmann/json.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/commands_fixture.h"

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

class StagesTest : public CommandsTest {};

TEST_F(StagesTest, ListAndRehearse) {
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

TEST_F(StagesTest, DryRunsNeverLookAsIfDone) {
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
                                      "written to contexts, 0 up to date, 0 failed.\n"));
  EXPECT_FALSE(std::filesystem::exists(Path("contexts")));
  EXPECT_FALSE(std::filesystem::exists(Path(".imglife")));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1.0", "3.24.1"));
}

// What the run itself would fail for.
TEST_F(StagesTest, DryRunsLookAtTheJournal) {
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
  std::filesystem::remove(Path(".imglife"));
  EXPECT_THAT(Run({"sync", "--dry-run"}), ExitsWith(0));
  EXPECT_FALSE(std::filesystem::exists(Path(".imglife")));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1.0", "3.24.1"));
}

TEST_F(StagesTest, CarryOutTheirOwn) {
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
TEST_F(StagesTest, BuildSummariesAddUp) {
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

TEST_F(StagesTest, SyncSummariesAddUp) {
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

}  // namespace
}  // namespace imglife
