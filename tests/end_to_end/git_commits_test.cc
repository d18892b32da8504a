// What imglife commits and pushes, in real repositories with a bare remote.
#include <atomic>
#include <filesystem>
#include <string>

#include "absl/strings/escaping.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/golden.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr char kCommitted[] = R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag: "3.24.0"
      target: $PRIVATE/mirrors/alpine
      lifecycle: {product: alpine}
lifecycle:
  eol_data_file: data/eol.yaml
  git: {push: always}
status:
  output: STATUS.md
  git: {push: always}
)";

class GitCommitsTest : public RegistriesTest {
 protected:
  void SetUp() override {
    Push(upstream_, "library/alpine", "3.24.0");
    // HOME is the work tree here.
    environment_["IMGLIFE_CACHE_DIR"] = "";
    environment_["IMGLIFE_EOL_URL"] = eol_.url();
    Write("first/imglife.yaml", kCommitted);
    ASSERT_THAT(Script(R"(
git init -q --bare origin.git
git -C origin.git symbolic-ref HEAD refs/heads/main
git -C first init -q
git -C first add .
git -C first -c user.name=Team -c user.email=team@example.com commit -qm "The images that we keep"
git -C first push -q ../origin.git HEAD:refs/heads/main
git clone -q origin.git work
echo .imglife/ >>work/.git/info/exclude
git -C work config user.name Somebody
git -C work config user.email somebody@example.com
)"),
                ExitsWith(0));
  }

  ImglifeRun Script(const std::string& script) const {
    return RunScript(directory_.path(), script, environment_);
  }
  ImglifeRun Imglife(const std::vector<std::string>& arguments) const {
    return RunImglife(Path("work"), arguments, environment_);
  }

  std::string Git(const std::string& repository, const std::string& arguments) const {
    const ImglifeRun run = Script("git -C " + repository + " " + arguments);
    EXPECT_THAT(run, ExitsWith(0)) << arguments;
    return run.out;
  }
  std::string Subjects(const std::string& repository) const {
    return Git(repository, "log --format=%s main");
  }
  // All that a push that fails must leave alone.
  std::string Everything() const {
    return Git("work", "rev-parse HEAD") + Git("work", "status --porcelain --untracked-files=all") +
           Git("work", "diff HEAD") + Git("work", "ls-files --stage") +
           Git("work", "for-each-ref") + Git("origin.git", "for-each-ref");
  }

  void CommitUnpushed() const {
    Write("work/unpushed", "mine\n");
    Git("work", "add unpushed");
    Git("work", "commit -qm 'Not pushed'");
  }

  void Refuse() const {
    Write("origin.git/hooks/pre-receive", "#!/bin/sh\necho 'main is protected'\nexit 1\n");
    std::filesystem::permissions(Path("origin.git/hooks/pre-receive"),
                                 std::filesystem::perms::owner_all);
  }
  void Allow() const { std::filesystem::remove(Path("origin.git/hooks/pre-receive")); }

  std::string Read(const std::string& name) const {
    return ReadFile(Path(name)).value_or("not readable");
  }

  std::atomic<bool> no_cycles_ = false;
  HttpServer eol_{[this](const ServedRequest& request) {
    if (request.path != "/api/v1/products/alpine/") return ServedResponse{.status = 404};
    return ServedResponse{.headers = {{"Content-Type", "application/json"}},
                          .body = no_cycles_
                                      ? R"({"result": {"name": "alpine", "releases": []}})"
                                      : ReadTestFile(IMGLIFE_TESTDATA "/eol/v1/alpine-linux.json")};
  }};
};

// The guide's `git diff --quiet` finds no change in it.
TEST_F(GitCommitsTest, AFileThatGitDoesNotKnowIsTold) {
  EXPECT_THAT(Imglife({"eol", "update", "--dry-run"}).err, Not(HasSubstr("is new")));
  const ImglifeRun first = Imglife({"eol", "update"});
  EXPECT_THAT(first, ExitsWith(0));
  EXPECT_THAT(first.err, HasSubstr("warning: data/eol.yaml is new, and `git diff` shows nothing of "
                                   "a file that was never committed: `git add data/eol.yaml` and "
                                   "commit it once, or use --commit\n"));
  EXPECT_THAT(Script("git -C work diff --quiet data/eol.yaml"), ExitsWith(0));
  std::filesystem::remove(Path("work/data/eol.yaml"));
  EXPECT_THAT(Imglife({"eol", "update", "--commit"}).err, Not(HasSubstr("is new")));
}

TEST_F(GitCommitsTest, UpdatePushesItsOneCommit) {
  CommitUnpushed();
  EXPECT_THAT(Imglife({"eol", "update", "--push"}), ExitsWith(0));
  EXPECT_EQ(Subjects("origin.git"),
            "chore(lifecycle): update EOL data [skip ci]\nThe images that we keep\n");
  EXPECT_EQ(Git("origin.git", "ls-tree -r --name-only main"), "data/eol.yaml\nimglife.yaml\n");
  EXPECT_EQ(Git("origin.git", "show main:data/eol.yaml"), Read("work/data/eol.yaml"));
  EXPECT_EQ(Subjects("work"),
            "chore(lifecycle): update EOL data [skip ci]\nNot pushed\nThe images that we keep\n");
  EXPECT_EQ(Git("work", "status --porcelain"), "");
}

// By another run since the plan was made.
TEST_F(GitCommitsTest, DryRunsSayWhatIsWrittenAndNotCommitted) {
  ASSERT_THAT(Imglife({"plan", "--only", "eol", "--out", "../plan.json"}), ExitsWith(0));
  ASSERT_THAT(Imglife({"eol", "update"}), ExitsWith(0));
  const ImglifeRun written = Imglife({"apply", "../plan.json", "--dry-run"});
  EXPECT_THAT(written, ExitsWith(0));
  EXPECT_THAT(written.err, HasSubstr(": would be committed\n"));
  EXPECT_THAT(written.out, HasSubstr("0 already so"));
  EXPECT_THAT(Imglife({"apply", "../plan.json"}), ExitsWith(0));
  const ImglifeRun committed = Imglife({"apply", "../plan.json", "--dry-run"});
  EXPECT_THAT(committed, ExitsWith(0));
  EXPECT_THAT(committed.out, HasSubstr("1 already so"));
}

TEST_F(GitCommitsTest, ApplyPushesItsOwnCommitsAlone) {
  CommitUnpushed();
  ASSERT_THAT(Imglife({"plan", "--out", "../plan.json"}), ExitsWith(0));
  EXPECT_THAT(Imglife({"apply", "../plan.json"}), ExitsWith(0));
  EXPECT_EQ(Subjects("origin.git"),
            "chore(status): update image status report [skip ci]\n"
            "chore(lifecycle): update EOL data [skip ci]\nThe images that we keep\n");
  EXPECT_EQ(Git("origin.git", "ls-tree -r --name-only main"),
            "STATUS.md\ndata/eol.yaml\nimglife.yaml\n");
  EXPECT_THAT(Imglife({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

TEST_F(GitCommitsTest, APushThatFailsIsTriedAgain) {
  Refuse();
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"eol", "update", "--push"}, {"apply", "--auto-approve"}}) {
    const std::string before = Everything();
    const ImglifeRun refused = Imglife(command);
    EXPECT_THAT(refused, ExitsWith(1));
    EXPECT_THAT(refused.out + refused.err,
                AllOf(HasSubstr("main is protected"),
                      HasSubstr("data/eol.yaml is as it was, and the next run tries again")));
    EXPECT_EQ(Everything(), before) << command.front();
    EXPECT_FALSE(std::filesystem::exists(Path("work/data/eol.yaml")));
  }

  Allow();
  EXPECT_THAT(Imglife({"eol", "update", "--push"}), ExitsWith(0));
  EXPECT_EQ(Subjects("origin.git"),
            "chore(lifecycle): update EOL data [skip ci]\nThe images that we keep\n");
}

TEST_F(GitCommitsTest, APushThatFailsPutsTheOldFileBack) {
  Write("work/data/eol.yaml", "# ours\n{}\n");
  Git("work", "add data");
  Git("work", "commit -qm 'Begin'");
  Git("work", "push -q");
  Write("work/data/eol.yaml", "# ours, and staged\n{}\n");
  Git("work", "add data");
  Write("work/data/eol.yaml", "# ours, and dirty\n{}\n");
  const std::string before = Everything();
  Refuse();
  EXPECT_THAT(Imglife({"eol", "update", "--push"}), ExitsWith(1));
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(Read("work/data/eol.yaml"), "# ours, and dirty\n{}\n");
}

TEST_F(GitCommitsTest, WhatIsWrittenAlreadyIsCommitted) {
  ASSERT_THAT(Imglife({"eol", "update"}), ExitsWith(0));
  EXPECT_EQ(Subjects("work"), "The images that we keep\n");
  EXPECT_THAT(Imglife({"eol", "update"}), ExitsWith(0));
  EXPECT_EQ(Subjects("work"), "The images that we keep\n");
  EXPECT_THAT(Imglife({"eol", "update", "--commit", "--dry-run"}).out,
              MatchesRegex("(.|\n)*Would commit +1\n(.|\n)*"));
  const ImglifeRun committed = Imglife({"eol", "update", "--commit"});
  EXPECT_THAT(committed, ExitsWith(0));
  EXPECT_THAT(committed.out, MatchesRegex("(.|\n)*Updated +0\n.* Unchanged +0\n.* Committed +1\n"
                                          "(.|\n)*"));
  EXPECT_EQ(Git("work", "log -1 --format=%s --name-only"),
            "chore(lifecycle): update EOL data [skip ci]\n\ndata/eol.yaml\n");
  EXPECT_EQ(Git("work", "status --porcelain"), "");
  const std::string head = Git("work", "rev-parse HEAD");
  EXPECT_THAT(Imglife({"eol", "update", "--commit"}), ExitsWith(0));
  EXPECT_EQ(Git("work", "rev-parse HEAD"), head);
}

TEST_F(GitCommitsTest, PlanAndApplyCommitWhatIsWrittenAlready) {
  ASSERT_THAT(Imglife({"apply", "--auto-approve", "--only", "copy"}), ExitsWith(0));
  ASSERT_THAT(Imglife({"eol", "update"}), ExitsWith(0));
  ASSERT_THAT(Imglife({"status", "--output", "STATUS.md"}), ExitsWith(0));
  const ImglifeRun plan = Imglife({"plan", "--detailed-exitcode", "--out", "../plan.json"});
  EXPECT_THAT(plan, ExitsWith(2));
  EXPECT_THAT(plan.out, HasSubstr("not committed yet"));
  EXPECT_THAT(Imglife({"apply", "../plan.json"}), ExitsWith(0));
  EXPECT_EQ(Subjects("origin.git"),
            "chore(status): update image status report [skip ci]\n"
            "chore(lifecycle): update EOL data [skip ci]\nThe images that we keep\n");
  EXPECT_EQ(Git("work", "status --porcelain"), "");
  EXPECT_THAT(Imglife({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

// The remote is a server that refuses everybody and notes who came.
TEST_F(GitCommitsTest, TheTokenOfGitlabGoesToGitlabOnly) {
  const HttpServer remote([](const ServedRequest&) {
    return ServedResponse{.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=\"git\""}}};
  });
  Git("work", "remote set-url origin " + remote.url() + "/team/images.git");
  environment_["GITLAB_TOKEN"] = "gitlab-s3cret";
  environment_["CI_JOB_TOKEN"] = "job-s3cret";
  environment_["CI_SERVER_HOST"] = "gitlab.example.com";
  const ImglifeRun elsewhere = Imglife({"eol", "update", "--push"});
  EXPECT_THAT(elsewhere, ExitsWith(1));
  EXPECT_THAT(elsewhere.out + elsewhere.err,
              HasSubstr("; GITLAB_TOKEN was not offered there: it is for gitlab.example.com, not "
                        "for 127.0.0.1"));
  ASSERT_FALSE(remote.Requests().empty());
  for (const ServedRequest& request : remote.Requests()) {
    EXPECT_EQ(request.Header("authorization"), "");
  }

  environment_["CI_SERVER_HOST"] = "127.0.0.1";
  const ImglifeRun refused = Imglife({"eol", "update", "--push"});
  EXPECT_THAT(refused, ExitsWith(1));
  EXPECT_EQ(remote.Requests().back().Header("authorization"),
            "Basic " + absl::Base64Escape("oauth2:gitlab-s3cret"));
  EXPECT_THAT(elsewhere.out + elsewhere.err + refused.out + refused.err, Not(HasSubstr("s3cret")));
}

TEST_F(GitCommitsTest, ACommitThatIsAskedForOutsideAWorkTreeIsAnErrorBeforeAnythingIsWritten) {
  std::filesystem::rename(Path("work/.git"), Path("elsewhere.git"));
  for (const std::string option : {"--commit", "--push"}) {
    const ImglifeRun run = Imglife({"eol", "update", option});
    EXPECT_THAT(run, ExitsWith(1));
    EXPECT_THAT(run.err, HasSubstr(option + ": can't commit data/eol.yaml: it isn't in a git work "
                                            "tree"));
    EXPECT_FALSE(std::filesystem::exists(Path("work/data/eol.yaml")));
  }
  EXPECT_THAT(Imglife({"eol", "update"}), ExitsWith(0));
}

// It is the option that decides there, whatever the configuration says.
TEST_F(GitCommitsTest, EolUpdateSaysWhyItCommitsNothing) {
  EXPECT_THAT(Imglife({"eol", "update", "--list"}).out,
              HasSubstr("written, not committed (--commit is not given)"));
  EXPECT_THAT(Imglife({"eol", "update", "--list", "--commit"}).out,
              Not(HasSubstr("not committed")));
}

TEST_F(GitCommitsTest, ADetachedHeadIsToldWhichKeyNamesTheBranch) {
  Git("work", "checkout -q --detach");
  const ImglifeRun run = Imglife({"eol", "update", "--push"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err, HasSubstr("HEAD is detached; set lifecycle.git.branch or "
                                 "CI_DEFAULT_BRANCH"));
  ASSERT_THAT(Imglife({"eol", "update", "--commit"}), ExitsWith(0));
  EXPECT_THAT(Imglife({"apply", "--only", "status"}).err,
              HasSubstr("HEAD is detached; set status.git.branch or CI_DEFAULT_BRANCH"));
}

TEST_F(GitCommitsTest, AnEmptyAnswerLeavesTheDataAlone) {
  ASSERT_THAT(Imglife({"eol", "update", "--commit"}), ExitsWith(0));
  const std::string data = Read("work/data/eol.yaml");
  ASSERT_THAT(data, HasSubstr("cycle: \"3.24\""));
  no_cycles_ = true;
  const ImglifeRun run = Imglife({"eol", "update", "--commit"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err, AllOf(HasSubstr("EOL dates of alpine could not be fetched, those of the "
                                       "file stay"),
                             HasSubstr("lists no cycles for alpine")));
  EXPECT_EQ(Read("work/data/eol.yaml"), data);
  EXPECT_EQ(Git("work", "status --porcelain"), "");
}

}  // namespace
}  // namespace imglife
