// No output replaces what a run reads, nor another output.
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/golden.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using Arguments = std::vector<std::string>;

constexpr char kProtected[] = R"(sync:
  entries: [{source: $UPSTREAM/library/alpine, tag: '3.1', target: $PRIVATE/mirrors/alpine}]
build:
  core_version: "1.0.0"
  registry: $PRIVATE/bases
  images:
    - name: alpine
      folder: images/alpine
      type: core
      mirror_image: $PRIVATE/mirrors/alpine
      mirror_tag: "3.1"
status: {output: STATUS.md}
)";

class OverwritingTest : public RegistriesTest {
 protected:
  void SetUp() override {
    Push(upstream_, "library/alpine", "3.1");
    Configure(kProtected);
    Write("images/alpine/Dockerfile.tmpl", "FROM {{ .BaseImage }}\n");
    Write("eol-data.yaml", "");
    ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
    template_ = ReadTestFile(Path("images/alpine/Dockerfile.tmpl"));
    plan_ = ReadTestFile(Path("plan.json"));
  }

  // Both are named, nothing is asked, and everything is as it was.
  void ExpectRefused(const Arguments& arguments, const std::string& one, const std::string& other) {
    NewRequests(private_);
    NewRequests(upstream_);
    const ImglifeRun run = Run(arguments);
    const std::string said = testing::PrintToString(arguments);
    EXPECT_THAT(run, ExitsWith(64)) << said;
    EXPECT_THAT(run.out, IsEmpty()) << said;
    EXPECT_EQ(run.err, "error: " + one + " and " + other +
                           " are one file, which would be overwritten; name another\n")
        << said;
    EXPECT_THAT(NewRequests(private_), IsEmpty()) << said;
    EXPECT_THAT(NewRequests(upstream_), IsEmpty()) << said;
    EXPECT_EQ(ReadTestFile(Path("imglife.yaml")), kProtected) << said;
    EXPECT_EQ(ReadTestFile(Path("images/alpine/Dockerfile.tmpl")), template_) << said;
    EXPECT_EQ(ReadTestFile(Path("eol-data.yaml")), "") << said;
    EXPECT_EQ(ReadTestFile(Path("plan.json")), plan_) << said;
  }

  std::string template_;
  std::string plan_;
  const std::string configuration_ = "the configuration imglife.yaml";
  const std::string eol_ = "the EOL data file eol-data.yaml";
};

TEST_F(OverwritingTest, TheConfiguration) {
  ExpectRefused({"plan", "--out", "imglife.yaml"}, "--out imglife.yaml", configuration_);
  ExpectRefused({"plan", "--markdown", "images/../imglife.yaml"},
                "--markdown images/../imglife.yaml", configuration_);
  ExpectRefused({"plan", "--gitlab-report", Path("imglife.yaml")},
                "--gitlab-report " + Path("imglife.yaml"), configuration_);
  ExpectRefused({"show", "plan.json", "--markdown", "imglife.yaml"}, "--markdown imglife.yaml",
                configuration_);
  ExpectRefused({"status", "--output", "imglife.yaml"}, "--output imglife.yaml", configuration_);
  ExpectRefused({"eol", "update", "--data-file", "imglife.yaml"}, "--data-file imglife.yaml",
                configuration_);
  ExpectRefused({"apply", "--journal", "imglife.yaml"}, "--journal imglife.yaml", configuration_);
  ExpectRefused({"cleanup", "--journal", "imglife.yaml"}, "--journal imglife.yaml", configuration_);
}

// It would change what the image is made from, and so with each run the image.
TEST_F(OverwritingTest, NothingGoesIntoTheFolderOfAnImage) {
  const auto expect = [&](const Arguments& arguments, const char* name, int exit_code) {
    const ImglifeRun run = Run(arguments);
    EXPECT_THAT(run, ExitsWith(exit_code));
    EXPECT_THAT(run.err, HasSubstr("build.images[0]")) << run.err;
    EXPECT_THAT(run.err,
                HasSubstr(fmt::format(
                    "lies in the folder that the image is built from (images/alpine), so "
                    "each run would change the image; add {} to images/alpine/.dockerignore",
                    name)));
  };
  for (const char* option : {"--out", "--markdown", "--gitlab-report"}) {
    expect({"plan", option, "images/alpine/new"}, "new", 64);
  }
  expect({"apply", "--journal", "images/alpine/journal"}, "journal", 64);
  expect({"eol", "update", "--data-file", "images/alpine/eol.yaml"}, "eol.yaml", 64);
  Write("images/alpine/.dockerignore", "new\n");
  EXPECT_THAT(Run({"plan", "--out", "images/alpine/new"}), ExitsWith(0));
  Write("images/alpine/.git/HEAD", "ref: refs/heads/main\n");
  expect({"plan", "--out", "images/alpine/new"}, ".git", 1);
  const ImglifeRun json = Run({"validate", "--json"});
  EXPECT_THAT(json, ExitsWith(1));
  EXPECT_THAT(json.out, AllOf(HasSubstr("\"code\": \"output-in-context\""),
                              HasSubstr("\"path\": \"build.images[0]\"")));
}

TEST_F(OverwritingTest, LinksAreFollowed) {
  fs::create_symlink("imglife.yaml", Path("soft.yaml"));
  fs::create_hard_link(Path("imglife.yaml"), Path("hard.yaml"));
  fs::create_directory_symlink("images", Path("pictures"));
  for (const std::string& name : Arguments{"soft.yaml", "hard.yaml"}) {
    ExpectRefused({"plan", "--out", name}, "--out " + name, configuration_);
  }
  ExpectRefused({"status", "--output", "pictures/alpine/Dockerfile.tmpl"},
                "--output pictures/alpine/Dockerfile.tmpl",
                "the template of imglife.yaml:7:7: build.images[0]");
}

TEST_F(OverwritingTest, WhatTheConfigurationNames) {
  ExpectRefused({"plan", "--out", "eol-data.yaml"}, "--out eol-data.yaml", eol_);
  ExpectRefused({"status", "--output", "eol-data.yaml"}, "--output eol-data.yaml", eol_);
  ExpectRefused({"plan", "--markdown", "STATUS.md"}, "--markdown STATUS.md",
                "the status file STATUS.md");
  ExpectRefused({"apply", "plan.json", "--journal", "./plan.json"}, "the plan plan.json",
                "--journal ./plan.json");
  ExpectRefused({"apply", "plan.json", "--journal", "imglife.yaml"}, "--journal imglife.yaml",
                configuration_);
  ExpectRefused({"apply", "plan.json", "--journal", "eol-data.yaml"}, "--journal eol-data.yaml",
                eol_);
  ExpectRefused({"show", "plan.json", "--markdown", "plan.json"}, "the plan plan.json",
                "--markdown plan.json");
}

// Also by runs that don't write it, and where there is none yet.
TEST_F(OverwritingTest, TheJournal) {
  const std::string journal = ".imglife/journal.ndjson";
  const std::string named = "the journal ./.imglife/journal.ndjson";
  for (const bool there : {false, true}) {
    if (there) Write(journal, "{}\n");
    for (const char* option : {"--out", "--markdown", "--gitlab-report"}) {
      ExpectRefused({"plan", option, journal}, fmt::format("{} {}", option, journal), named);
    }
    ExpectRefused({"show", "plan.json", "--markdown", journal}, "--markdown " + journal, named);
    ExpectRefused({"status", "--output", journal}, "--output " + journal, named);
    ExpectRefused({"eol", "update", "--data-file", journal}, "--data-file " + journal, named);
    EXPECT_EQ(fs::exists(Path(journal)), there);
  }
  EXPECT_EQ(ReadTestFile(Path(journal)), "{}\n");
}

// Also where neither is there yet.
TEST_F(OverwritingTest, OneAnother) {
  ExpectRefused({"plan", "--out", "new/p", "--markdown", "new/../new/p"}, "--out new/p",
                "--markdown new/../new/p");
  fs::create_symlink("p", Path("dangling"));
  ExpectRefused({"plan", "--gitlab-report", "dangling", "--markdown", "p"}, "--markdown p",
                "--gitlab-report dangling");
  EXPECT_FALSE(fs::exists(Path("new")));
  EXPECT_FALSE(fs::exists(Path("p")));
}

TEST_F(OverwritingTest, WhatIsPrinted) {
  const ImglifeRun run =
      RunScript(directory_.path(), "imglife plan --json --out p.json > p.json", environment_);
  EXPECT_THAT(run, ExitsWith(64));
  EXPECT_THAT(run.err, HasSubstr("standard output and --out p.json are one file"));
  EXPECT_THAT(Run({"plan", "--markdown", "/dev/null", "--gitlab-report", "/dev/null"}),
              ExitsWith(0));
}

TEST_F(OverwritingTest, FilesThatTheConfigurationMakesOne) {
  Configure(std::string(kProtected) + "lifecycle: {eol_data_file: ./STATUS.md}\n");
  NewRequests(private_);
  const ImglifeRun run = Run({"plan"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err, HasSubstr("the EOL data file ./STATUS.md and the status file STATUS.md are "
                                 "one file, which would be overwritten"));
  const ImglifeRun checked = Run({"validate"});
  EXPECT_THAT(checked, ExitsWith(1));
  EXPECT_THAT(checked.err,
              HasSubstr(": error: status: the EOL data file ./STATUS.md and the status "
                        "file STATUS.md are one file"));
  const ImglifeRun json = Run({"validate", "--json"});
  EXPECT_THAT(json, ExitsWith(1));
  EXPECT_THAT(json.out, HasSubstr("\"code\": \"one-file\""));
  EXPECT_THAT(NewRequests(private_), IsEmpty());
}

// They are what these options are for.
TEST_F(OverwritingTest, TheStatusFileAndTheEolDataMayBeNamed) {
  EXPECT_THAT(Run({"status", "--output", "STATUS.md"}), ExitsWith(0));
  EXPECT_THAT(Run({"eol", "update", "--data-file", "eol-data.yaml"}), ExitsWith(0));
  EXPECT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
}

}  // namespace
}  // namespace imglife
