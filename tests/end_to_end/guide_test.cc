// The guide's pipeline, job by job, as GitLab runs it: a registry that asks for the CI job's
// credentials, a detached HEAD, and the scripts of .gitlab-ci.yml as they are written there.
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/golden.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class GuideTest : public RegistriesTest {
 protected:
  void SetUp() override {
    for (const char* tag : {"3.21.3", "3.22.5", "3.23.5", "3.24.0", "3.24", "latest"}) {
      Push(upstream_, "library/alpine", tag);
    }
    for (const char* tag : {"1.22.3-alpine3.21", "1.26.6-alpine3.24", "1.26.7-alpine3.24"}) {
      Push(upstream_, "library/golang", tag);
    }
    environment_["IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO"] = upstream_.url();
    environment_["IMGLIFE_EOL_URL"] = eol_.url();
    environment_["CI"] = "true";
    environment_["CI_DEFAULT_BRANCH"] = "main";
    environment_["CI_REGISTRY"] = registry_.host();
    environment_["CI_REGISTRY_USER"] = DockerRegistry::kUsername;
    environment_["CI_REGISTRY_PASSWORD"] = DockerRegistry::kPassword;
    environment_.erase("PRIVATE");
    CheckOut();
  }

  // What GitLab's runner makes of a repository.
  void CheckOut() {
    std::filesystem::copy(IMGLIFE_TESTDATA "/../docs/quickstart/repository", Path("first"),
                          std::filesystem::copy_options::recursive);
    Write("first/eol-data.yaml", "");
    Write(
        "first/README.md",
        "# Our images\n\n<!-- imglife:status:begin -->\n<!-- imglife:status:end -->\n\nAsk us.\n");
    const ImglifeRun made = RunScript(directory_.path(), R"(
git config --global init.defaultBranch main
git init -q --bare origin.git
git -C first init -q
git -C first add .
git -C first -c user.name=Team -c user.email=team@example.com commit -qm "The images that we keep"
git -C first push -q ../origin.git main
git clone -q origin.git work
cd work
git config user.name "CI Bot"
git config user.email ci-bot@example.com
git checkout -q --detach
)",
                                      environment_);
    ASSERT_THAT(made, ExitsWith(0));
  }

  // The `script` of a job.
  ImglifeRun Job(const std::string& name) {
    environment_["JOB"] = name;
    const ImglifeRun script =
        RunScript(Path("work"),
                  "/usr/bin/python3 -c \"import os, yaml; print('\\n'.join("
                  "yaml.safe_load(open('.gitlab-ci.yml'))[os.environ['JOB']]['script']))\"",
                  environment_);
    EXPECT_THAT(script, ExitsWith(0));
    return RunScript(Path("work"), script.out, environment_);
  }

  std::string InOrigin(const std::string& git_arguments) {
    return RunScript(directory_.path(), "git -C origin.git " + git_arguments, environment_).out;
  }

  HttpServer eol_{[](const ServedRequest& request) {
    const std::map<std::string, std::string> products = {
        {"/api/v1/products/alpine/", "alpine-linux"}, {"/api/v1/products/go/", "go"}};
    const auto product = products.find(request.path);
    if (product == products.end()) {
      return ServedResponse{.status = 404, .headers = {}, .body = ""};
    }
    return ServedResponse{
        .status = 200,
        .headers = {{"Content-Type", "application/json"}},
        .body = ReadTestFile(IMGLIFE_TESTDATA "/eol/v1/" + product->second + ".json")};
  }};
  DockerRegistry registry_{{.deletes = true, .password = true}};
};

TEST_F(GuideTest, ThePipelineRunsTwice) {
  const std::string password(DockerRegistry::kPassword);
  for (const char* job : {"sync", "build-dind", "eol-update", "status", "cleanup"}) {
    const ImglifeRun run = Job(job);
    EXPECT_THAT(run, ExitsWith(0)) << job;
    EXPECT_THAT(run.out + run.err, Not(HasSubstr(password))) << job;
  }
  EXPECT_EQ(InOrigin("log --format=%s main"),
            "chore(status): update image status report [skip ci]\n"
            "chore(lifecycle): update EOL data [skip ci]\n"
            "The images that we keep\n");
  EXPECT_EQ(InOrigin("show --format= --name-only main"), "README.md\n");
  EXPECT_THAT(
      InOrigin("show main:README.md"),
      AllOf(StartsWith("# Our images\n\n<!-- imglife:status:begin -->\n"),
            HasSubstr("3.21.3-core1.0.0"), EndsWith("<!-- imglife:status:end -->\n\nAsk us.\n")));
  EXPECT_THAT(InOrigin("show main:eol-data.yaml"), HasSubstr("cycle: \"3.24\""));

  const ImglifeRun plan = RunScript(Path("work"), "imglife plan --detailed-exitcode", environment_);
  EXPECT_THAT(plan, ExitsWith(0));
  EXPECT_THAT(plan.out, HasSubstr("No changes. Registries match the configuration.\n"));

  environment_["IMGLIFE_NOW"] = "2026-08-20T18:00:00Z";
  EXPECT_THAT(Job("sync").out, HasSubstr("├─ Copied       0\n"));
  EXPECT_THAT(Job("build-dind").out, HasSubstr("├─ Built        0\n"));
  EXPECT_THAT(Job("eol-update").out, HasSubstr("EOL data unchanged — nothing to commit.\n"));
  EXPECT_THAT(Job("status").out, HasSubstr("Status unchanged — nothing to commit.\n"));
  EXPECT_THAT(Job("cleanup"), ExitsWith(0));
}

}  // namespace
}  // namespace imglife
