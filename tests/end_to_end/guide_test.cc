// The guide's repository as GitLab runs it, with a registry that asks for the CI job's credentials
// and a detached HEAD: the pipeline, job by job, with the scripts of .gitlab-ci.yml as they are
// written there, and a plan that is saved, reported and applied.
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/registry.h"
#include "schema/image/manifest.h"
#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/golden.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::UnorderedElementsAre;

// More than any config or layer here has.
constexpr std::size_t kMostBlobBytes = std::size_t{1} << 20;

class GuideTest : public RegistriesTest {
 protected:
  void SetUp() override {
    for (const char* tag : {"3.20.6", "3.21.3", "3.22.5", "3.23.5", "3.24.0", "3.24", "latest"}) {
      Push(upstream_, "library/alpine", tag);
    }
    for (const char* tag : {"1.21.0-alpine3.18", "1.22.3-alpine3.21", "1.26.6-alpine3.24",
                            "1.26.7-alpine3.24", "1.26.7-bookworm"}) {
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
    return InWork(script.out);
  }

  ImglifeRun InWork(const std::string& script) const {
    return RunScript(Path("work"), script, environment_);
  }

  std::string InOrigin(const std::string& git_arguments) {
    return RunScript(directory_.path(), "git -C origin.git " + git_arguments, environment_).out;
  }

  // The newest tags as imglife.yaml counts them, those that the builds stand on, and the builds.
  void ExpectImages() {
    ExpectMirror("mirrors/alpine", "library/alpine", {"3.21.3", "3.22.5", "3.23.5", "3.24.0"});
    ExpectMirror("mirrors/golang", "library/golang",
                 {"1.22.3-alpine3.21", "1.26.6-alpine3.24", "1.26.7-alpine3.24"});
    ExpectBase("bases/alpine", "3.21.3-core1.0.0");
    ExpectBase("bases/golang", "1.22.3-alpine3.21-core1.0.0");
  }

  // `tags` and no others, sorted.
  void ExpectMirror(const std::string& mirror, const std::string& source,
                    const std::vector<std::string>& tags) {
    EXPECT_EQ(Tags(registry_, mirror), tags);
    for (const std::string& tag : tags) {
      const TestImage image = Image(source + ":" + tag);
      EXPECT_EQ(DigestOf(registry_, mirror, tag), image.manifest.digest.str())
          << mirror << ":" << tag;
      EXPECT_TRUE(HasAll(registry_, mirror, image)) << mirror << ":" << tag;
    }
  }

  // That tag and no other, an index of which everything can be read.
  void ExpectBase(const std::string& base, const std::string& tag) {
    EXPECT_THAT(Tags(registry_, base), ElementsAre(tag));
    const auto bytes = registry().GetManifest(registry_.At(base), tag);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    const auto index = ParseManifest(bytes->media_type, bytes->content);
    ASSERT_TRUE(index.ok()) << index.status();
    std::vector<std::string> platforms;
    for (const Descriptor& child : index->children) {
      platforms.push_back(PlatformOf(registry_.At(base), child));
    }
    EXPECT_THAT(platforms, UnorderedElementsAre("linux/amd64", "linux/arm64")) << base;
  }

  // Reads the whole image. Its config and the index have to agree.
  std::string PlatformOf(const Repository& repository, const Descriptor& child) {
    const auto bytes = registry().GetManifest(repository, child.digest.str());
    if (!bytes.ok()) return bytes.status().ToString();
    const auto manifest = ParseManifest(bytes->media_type, bytes->content);
    if (!manifest.ok()) return manifest.status().ToString();
    EXPECT_FALSE(manifest->layers.empty());
    for (const Descriptor& layer : manifest->layers) {
      const auto read = ReadSmallBlob(registry(), repository, layer, kMostBlobBytes);
      EXPECT_TRUE(read.ok()) << read.status();
    }
    const auto read = ReadSmallBlob(registry(), repository, manifest->config, kMostBlobBytes);
    if (!read.ok()) return read.status().ToString();
    const auto config = ParseImageConfig(*read);
    if (!config.ok()) return config.status().ToString();
    EXPECT_EQ(config->platform.ToString(), child.platform.value_or(Platform()).ToString());
    return config->platform.ToString();
  }

  void ExpectNoChanges() {
    const ImglifeRun plan = InWork("imglife plan --detailed-exitcode");
    EXPECT_THAT(plan, ExitsWith(0));
    EXPECT_THAT(plan.out, EndsWith(kNoChanges));
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

  ExpectImages();
  ExpectNoChanges();

  environment_["IMGLIFE_NOW"] = "2026-08-20T18:00:00Z";
  EXPECT_THAT(Job("sync").out, HasSubstr("├─ Copied       0\n"));
  EXPECT_THAT(Job("build-dind").out, HasSubstr("├─ Built        0\n"));
  EXPECT_THAT(Job("eol-update").out, HasSubstr("EOL data unchanged — nothing to commit.\n"));
  EXPECT_THAT(Job("status").out, HasSubstr("Status unchanged — nothing to commit.\n"));
  EXPECT_THAT(Job("cleanup"), ExitsWith(0));
  ExpectImages();
}

TEST_F(GuideTest, APlanIsReportedAndApplied) {
  const ImglifeRun plan = InWork("imglife plan --out plan.json --gitlab-report tf.json");
  EXPECT_THAT(plan, ExitsWith(0));
  EXPECT_THAT(plan.out, EndsWith("\nPlan: 9 to add, 1 to change, 0 to destroy.\n"));
  EXPECT_EQ(ReadTestFile(Path("work/tf.json")),
            "{\"create\":9,\"update\":1,\"delete\":0,\"blocked\":0}\n");

  const ImglifeRun apply = InWork("imglife apply plan.json");
  EXPECT_THAT(apply, ExitsWith(0));
  EXPECT_THAT(apply.out, StartsWith("Apply complete: 9 added, 1 changed, 0 destroyed; "
                                    "0 already so, 0 failed, 0 skipped, 0 blocked, 0 withheld, "));
  ExpectImages();
  EXPECT_EQ(InWork("git log --format=%s --name-only origin/main..HEAD").out,
            "chore(lifecycle): update EOL data [skip ci]\n\neol-data.yaml\n");
  EXPECT_THAT(InWork("git diff --exit-code HEAD -- eol-data.yaml"), ExitsWith(0));
  EXPECT_THAT(InWork("cat eol-data.yaml").out,
              AllOf(HasSubstr("alpine:\n  - cycle: \"3.24\"\n"), HasSubstr("\ngo:\n")));

  ExpectNoChanges();
}

}  // namespace
}  // namespace imglife
