#include <map>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/builders/builders.h"

namespace imglife {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A machine on which only the given command lines succeed; programs without any aren't installed.
class Machine final : public ProcessRunner {
 public:
  void Succeeds(const std::string& line) { exit_codes_[line] = 0; }
  void Fails(const std::string& line, const std::string& said = "") {
    exit_codes_[line] = 1;
    said_[line] = said;
  }
  void Hangs(const std::string& line) { exit_codes_[line] = std::nullopt; }

  absl::StatusOr<ProcessResult> Run(const ProcessSpec& spec) override {
    std::string line;
    for (const std::string& argument : spec.argv) line += (line.empty() ? "" : " ") + argument;
    asked.push_back(line);
    EXPECT_TRUE(spec.timeout.has_value()) << line;
    if (stopped) return absl::CancelledError("stopped");
    const auto found = exit_codes_.find(line);
    if (found == exit_codes_.end()) {
      return absl::NotFoundError(spec.argv.front() + ": no such program");
    }
    if (!found->second.has_value()) return absl::DeadlineExceededError("no answer in 15 s");
    return ProcessResult{*found->second, "", said_[line]};
  }
  void StopAll() override {}
  void KillAll() override {}

  std::vector<std::string> asked;
  bool stopped = false;

 private:
  std::map<std::string, std::optional<int>> exit_codes_;
  std::map<std::string, std::string> said_;
};

class ChooseBuilderTest : public ::testing::Test {
 protected:
  std::string Chosen() {
    const auto builder = ChooseBuilder(choice_, environment_, machine_);
    EXPECT_TRUE(builder.ok()) << builder.status();
    return builder.ok() ? (*builder)->Name() : "";
  }
  std::string Refusal() {
    const auto builder = ChooseBuilder(choice_, environment_, machine_);
    EXPECT_TRUE(absl::IsFailedPrecondition(builder.status())) << builder.status();
    return std::string(builder.status().message());
  }
  void HasDocker() { machine_.Succeeds("docker version"); }
  void HasBuildxPlugin() { machine_.Succeeds("docker buildx version"); }
  void HasBuildctl() { machine_.Succeeds("buildctl --version"); }
  void HasBuildah() { machine_.Succeeds("buildah --version"); }
  void HasEverything() {
    HasDocker();
    HasBuildxPlugin();
    HasBuildctl();
    HasBuildah();
    environment_["BUILDKIT_HOST"] = "tcp://127.0.0.1:1234";
  }

  Machine machine_;
  BuilderChoice choice_;
  Environment environment_;
};

TEST_F(ChooseBuilderTest, AutoTakesDockerForOnePlatform) {
  HasEverything();
  EXPECT_EQ(Chosen(), "docker");
}

TEST_F(ChooseBuilderTest, AutoTakesBuildxForSeveralPlatforms) {
  HasEverything();
  choice_.several_platforms = true;
  EXPECT_EQ(Chosen(), "buildx");
}

TEST_F(ChooseBuilderTest, AutoTakesBuildxForAnSbom) {
  HasEverything();
  choice_.sbom = true;
  EXPECT_EQ(Chosen(), "buildx");
}

TEST_F(ChooseBuilderTest, AutoTakesBuildxForImageLayouts) {
  HasEverything();
  choice_.layouts = true;
  EXPECT_EQ(Chosen(), "buildx");
}

TEST_F(ChooseBuilderTest, DockerHasNoImageLayouts) {
  HasEverything();
  choice_.layouts = true;
  choice_.backend = BuildBackend::kDocker;
  const auto builder = ChooseBuilder(choice_, environment_, machine_);
  EXPECT_TRUE(absl::IsFailedPrecondition(builder.status())) << builder.status();
  EXPECT_EQ(std::string(builder.status().message()),
            "docker can't build on image layouts (ocidir://) or write them: use buildx, buildctl "
            "or buildah");
}

TEST_F(ChooseBuilderTest, AutoTakesBuildxForABuilderThatIsThere) {
  HasEverything();
  choice_.builder = "ci";
  machine_.Succeeds("docker buildx inspect ci");
  EXPECT_EQ(Chosen(), "buildx");
}

TEST_F(ChooseBuilderTest, AutoTakesBuildctlWithoutDocker) {
  HasBuildctl();
  HasBuildah();
  environment_["BUILDKIT_HOST"] = "tcp://127.0.0.1:1234";
  EXPECT_EQ(Chosen(), "buildctl");
}

TEST_F(ChooseBuilderTest, AutoTakesBuildctlWhereBuildxIsMissing) {
  HasDocker();
  HasBuildctl();
  choice_.several_platforms = true;
  environment_["BUILDKITD_ADDR"] = "tcp://127.0.0.1:1234";
  EXPECT_EQ(Chosen(), "buildctl");
}

TEST_F(ChooseBuilderTest, AutoTakesABuildKitSocketInDockerHost) {
  machine_.Fails("docker version");
  HasBuildctl();
  HasBuildah();
  environment_["DOCKER_HOST"] = "unix:///run/buildkit/buildkitd.sock";
  EXPECT_EQ(Chosen(), "buildctl");
  environment_["DOCKER_HOST"] = "unix:///var/run/docker.sock";
  EXPECT_EQ(Chosen(), "buildah");
}

// The guide's rootless BuildKit, with IMGLIFE_BUILDER set to nothing.
TEST_F(ChooseBuilderTest, DockerOnABuildKitSocketIsBuildctl) {
  HasDocker();
  HasBuildctl();
  choice_.backend = BuildBackend::kDocker;
  choice_.several_platforms = true;
  environment_["DOCKER_HOST"] = "unix:///run/buildkit/buildkitd.sock";
  EXPECT_EQ(Chosen(), "buildctl");
  EXPECT_THAT(machine_.asked, Not(Contains("docker version")));
}

TEST_F(ChooseBuilderTest, AutoAsksNoBuildctlWithoutAddress) {
  HasBuildctl();
  HasBuildah();
  environment_["BUILDKIT_HOST"] = "";
  EXPECT_EQ(Chosen(), "buildah");
  EXPECT_THAT(machine_.asked, Not(Contains("buildctl --version")));
}

TEST_F(ChooseBuilderTest, ADockerWithoutDaemonIsNotThere) {
  machine_.Fails("docker version");
  HasBuildah();
  EXPECT_EQ(Chosen(), "buildah");
}

TEST_F(ChooseBuilderTest, ADaemonThatDoesNotAnswerIsNotThere) {
  machine_.Hangs("docker version");
  HasBuildah();
  EXPECT_EQ(Chosen(), "buildah");
}

TEST_F(ChooseBuilderTest, AutoSaysEverythingThatIsMissing) {
  const std::string refusal = Refusal();
  EXPECT_THAT(refusal, HasSubstr("docker isn't in PATH: install"));
  EXPECT_THAT(refusal, HasSubstr("BUILDKIT_HOST"));
  EXPECT_THAT(refusal, HasSubstr("install buildah"));
}

// Whoever has docker isn't told to install it, but what docker itself says.
TEST_F(ChooseBuilderTest, SaysWhatDockerSays) {
  machine_.Fails("docker version", "Client: 24\nCannot connect\x1b to the Docker daemon.\n\n");
  choice_.backend = BuildBackend::kDocker;
  EXPECT_EQ(Refusal(),
            "`docker version` failed (exit code 1) and says \"Cannot connect\\x1b to the Docker "
            "daemon.\": start its daemon, or set DOCKER_HOST");
  machine_.Fails("docker version");
  EXPECT_EQ(Refusal(),
            "`docker version` failed (exit code 1): start its daemon, or set DOCKER_HOST");
}

// A plan would show line breaks as bytes.
TEST_F(ChooseBuilderTest, AutoSaysWhatIsMissingInOneLine) {
  choice_.sbom = true;
  EXPECT_EQ(Refusal(),
            "no program on this machine can build these images: docker isn't in PATH: install "
            "docker with its buildx plugin and start its daemon, or set DOCKER_HOST; buildctl "
            "needs the address of a BuildKit daemon: set BUILDKIT_HOST; buildah can't attach an "
            "SBOM: use buildx or buildctl");
}

TEST_F(ChooseBuilderTest, AutoHasNoBuildahForAnSbom) {
  HasBuildah();
  choice_.sbom = true;
  EXPECT_THAT(Refusal(), HasSubstr("buildah can't attach an SBOM"));
}

TEST_F(ChooseBuilderTest, ABackendThatIsAskedForIsNotReplaced) {
  HasEverything();
  choice_.backend = BuildBackend::kBuildah;
  EXPECT_EQ(Chosen(), "buildah");
  EXPECT_THAT(machine_.asked, Not(Contains("docker version")));
  choice_.backend = BuildBackend::kBuildctl;
  EXPECT_EQ(Chosen(), "buildctl");
  choice_.backend = BuildBackend::kBuildx;
  EXPECT_EQ(Chosen(), "buildx");
  choice_.backend = BuildBackend::kDocker;
  EXPECT_EQ(Chosen(), "docker");
}

TEST_F(ChooseBuilderTest, SaysWhatABackendNeeds) {
  HasBuildah();
  choice_.backend = BuildBackend::kDocker;
  EXPECT_THAT(Refusal(), HasSubstr("docker isn't in PATH"));
  choice_.backend = BuildBackend::kBuildctl;
  EXPECT_THAT(Refusal(), HasSubstr("BUILDKIT_HOST"));
  choice_.backend = BuildBackend::kBuildx;
  choice_.builder = "ci";
  machine_.Fails("docker buildx inspect ci");
  EXPECT_THAT(Refusal(), HasSubstr("docker buildx create --name ci"));
}

TEST_F(ChooseBuilderTest, RefusesWhatABackendCanNotBuild) {
  HasEverything();
  choice_.backend = BuildBackend::kDocker;
  choice_.several_platforms = true;
  EXPECT_THAT(Refusal(), HasSubstr("one platform"));
  choice_.sbom = true;
  EXPECT_THAT(Refusal(), HasSubstr("SBOM"));
  choice_.backend = BuildBackend::kBuildah;
  EXPECT_THAT(Refusal(), HasSubstr("SBOM"));
  EXPECT_THAT(machine_.asked, IsEmpty());
}

TEST_F(ChooseBuilderTest, StopsWhenItIsStopped) {
  HasEverything();
  machine_.stopped = true;
  EXPECT_TRUE(absl::IsCancelled(ChooseBuilder(choice_, environment_, machine_).status()));
}

}  // namespace
}  // namespace imglife
