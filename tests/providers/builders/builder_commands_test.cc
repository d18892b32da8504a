// How the programs are called, with stand-ins for them.
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/builders/backends.h"
#include "providers/files.h"
#include "providers/system/system.h"
#include "tests/support/recording_program.h"

namespace imglife {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kAwkward[] = "a \"b\" $HOME ${x} `id` 'c', d=e\n\\ü";

class BuilderCommandsTest : public ::testing::Test {
 protected:
  BuilderCommandsTest() {
    request_.image = *ParseReference("registry.test:5000/bases/app:1.0");
    request_.dockerfile = "FROM registry.test:5000/base:1\n";
    request_.context = directory_->path();
    request_.platforms = {*Platform::Parse("linux/amd64")};
    environment_["HOME"] = directory_->path() + "/home";
    programs_.Answer("buildah", "localhost/imglife-build:linux-amd64", 0, Inspected("amd64"));
    programs_.Answer("buildah", "localhost/imglife-build:linux-arm64", 0, Inspected("arm64"));
    programs_.Answer("buildah", " images ", 0, "[]");
  }

  // As for a base and a target in image layouts.
  void UseLayouts() {
    request_.image = *ParseReference("ocidir://bases/app:1.0");
    request_.dockerfile = "FROM localhost/imglife-base\n";
    request_.layout_base =
        LayoutBase{.directory = directory_->path() + "/m",
                   .manifest = {.media_type = "application/vnd.oci.image.index.v1+json",
                                .digest = *Digest::Parse("sha256:" + std::string(64, 'a')),
                                .size = 512}};
    request_.result_layout = directory_->path() + "/result";
    request_.before_push = [] { return absl::AbortedError("nothing is pushed"); };
  }

  static std::string Inspected(const std::string& architecture) {
    return fmt::format("linux|{}||[sha256:0]", architecture);
  }
  // Both results and one image that is pulled for them.
  static constexpr char kStore[] = R"([
      {"id": "sha256:1", "names": ["localhost/imglife-build:linux-amd64"]},
      {"id": "sha256:2", "names": ["localhost/imglife-build:linux-arm64", "same:1"]},
      {"id": "sha256:3", "names": ["registry.test:5000/base:1"]}])";

  void AskForTwoPlatforms() { request_.platforms.push_back(*Platform::Parse("linux/arm64")); }

  RecordedCall OnlyCall() const {
    const std::vector<RecordedCall> calls = programs_.Calls();
    EXPECT_EQ(calls.size(), 1U);
    return calls.empty() ? RecordedCall{} : calls.front();
  }
  // The arguments, with the paths that differ from run to run replaced.
  std::vector<std::string> Arguments(RecordedCall call) const {
    for (std::string& argument : call.argv) {
      Replace(argument, BuildDirectoryOf(call), "BUILD");
      Replace(argument, directory_->path(), "CONTEXT");
    }
    return call.argv;
  }
  static void Replace(std::string& text, const std::string& what, const char* with) {
    const std::size_t at = what.empty() ? std::string::npos : text.find(what);
    if (at != std::string::npos) text.replace(at, what.size(), with);
  }
  // Where the Dockerfile's directory is.
  static std::string BuildDirectoryOf(const RecordedCall& call) {
    for (const auto& [path, content] : call.files) {
      const std::filesystem::path file = path;
      if (file.filename() == "Dockerfile") return file.parent_path().parent_path().string();
    }
    return "";
  }

  absl::StatusOr<TemporaryDirectory> directory_ = TemporaryDirectory::Create("imglife-context");
  RecordingPrograms programs_{{"docker", "buildctl", "buildah"}};
  std::unique_ptr<ProcessRunner> processes_ = MakeProcessRunner();
  Environment environment_;
  BuildRequest request_;
};

TEST_F(BuilderCommandsTest, DockerBuildsPushesAndForgets) {
  request_.source_date_epoch = "1700000000";
  request_.args = {{"B", "2"}, {"A", kAwkward}};
  request_.labels = {{"org.x", kAwkward}};
  const auto builder = MakeDockerBuilder(environment_, *processes_);
  ASSERT_TRUE(builder->BuildAndPush(request_).ok());
  const std::vector<RecordedCall> calls = programs_.Calls();
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_THAT(
      Arguments(calls[0]),
      ElementsAre("docker", "build", "--platform", "linux/amd64", "--build-arg",
                  std::string("A=") + kAwkward, "--build-arg", "B=2", "--build-arg",
                  "SOURCE_DATE_EPOCH=1700000000", "--label", std::string("org.x=") + kAwkward,
                  "--tag", "registry.test:5000/bases/app:1.0", "--file",
                  "BUILD/dockerfile/Dockerfile", "CONTEXT"));
  EXPECT_EQ(calls[0].files.at(calls[0].After("--file")), request_.dockerfile);
  EXPECT_EQ(calls[0].environment.at("BUILDX_NO_DEFAULT_ATTESTATIONS"), "1");
  EXPECT_EQ(calls[1].Line(), "push registry.test:5000/bases/app:1.0");
  EXPECT_EQ(calls[2].Line(), "image rm --no-prune registry.test:5000/bases/app:1.0");
  EXPECT_FALSE(std::filesystem::exists(calls[0].After("--file")));
}

TEST_F(BuilderCommandsTest, DockerDoesNotPushWhatItCouldNotBuild) {
  programs_.Answer("docker", "build", 1, "", "COPY failed: no such file\n");
  const absl::Status status = MakeDockerBuilder(environment_, *processes_)->BuildAndPush(request_);
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_EQ(std::string(status.message()),
            "docker build of registry.test:5000/bases/app:1.0 failed (exit code 1):\n"
            "COPY failed: no such file");
  EXPECT_EQ(programs_.Calls().size(), 1U);
}

TEST_F(BuilderCommandsTest, DockerSaysThatAPushFailedAndForgetsTheImageAllTheSame) {
  programs_.Answer("docker", "push", 1, "", "denied: requested access is denied\n");
  const absl::Status status = MakeDockerBuilder(environment_, *processes_)->BuildAndPush(request_);
  EXPECT_THAT(std::string(status.message()), StartsWith("docker push of registry.test"));
  EXPECT_THAT(std::string(status.message()), EndsWith("access is denied"));
  EXPECT_THAT(programs_.Lines().back(), StartsWith("docker image rm"));
}

// The look at the tag that is about to be overwritten.
TEST_F(BuilderCommandsTest, NothingIsPushedThatMayNotBe) {
  request_.before_push = [this] {
    return absl::AbortedError(fmt::format("after {} commands", programs_.Calls().size()));
  };
  const absl::Status docker = MakeDockerBuilder(environment_, *processes_)->BuildAndPush(request_);
  EXPECT_EQ(docker, absl::AbortedError("after 1 commands"));
  EXPECT_THAT(programs_.Lines(), Not(Contains(HasSubstr("push"))));
  for (const auto& builder : {MakeBuildxBuilder("", environment_, *processes_),
                              MakeBuildctlBuilder("", environment_, *processes_)}) {
    const std::size_t before = programs_.Calls().size();
    EXPECT_TRUE(absl::IsAborted(builder->BuildAndPush(request_))) << builder->Name();
    EXPECT_EQ(programs_.Calls().size(), before) << builder->Name();
  }
  EXPECT_TRUE(
      absl::IsAborted(MakeBuildahBuilder(environment_, *processes_)->BuildAndPush(request_)));
  EXPECT_THAT(programs_.Lines(), Contains(HasSubstr(" build ")));
  EXPECT_THAT(programs_.Lines(), Not(Contains(HasSubstr(" push "))));
}

TEST_F(BuilderCommandsTest, DockerRefusesWhatItCanNotBuild) {
  const auto builder = MakeDockerBuilder(environment_, *processes_);
  AskForTwoPlatforms();
  EXPECT_TRUE(absl::IsUnimplemented(builder->BuildAndPush(request_)));
  request_.platforms.pop_back();
  request_.sbom = true;
  EXPECT_TRUE(absl::IsUnimplemented(builder->BuildAndPush(request_)));
  EXPECT_THAT(programs_.Calls(), IsEmpty());
}

TEST_F(BuilderCommandsTest, BuildxBuildsAndPushesAtOnce) {
  AskForTwoPlatforms();
  request_.sbom = true;
  request_.args = {{"A", "1"}};
  request_.labels = {{"l", "v"}};
  request_.annotations = {{"org.x", kAwkward}};
  request_.source_date_epoch = "5";
  ASSERT_TRUE(MakeBuildxBuilder("ci", environment_, *processes_)->BuildAndPush(request_).ok());
  EXPECT_THAT(Arguments(OnlyCall()),
              ElementsAre("docker", "buildx", "build", "--builder", "ci", "--push", "--platform",
                          "linux/amd64,linux/arm64", "--provenance=false", "--sbom=true",
                          "--build-arg", "A=1", "--build-arg", "SOURCE_DATE_EPOCH=5", "--label",
                          "l=v", "--annotation", std::string("index,manifest:org.x=") + kAwkward,
                          "--tag", "registry.test:5000/bases/app:1.0", "--file",
                          "BUILD/dockerfile/Dockerfile", "CONTEXT"));
  EXPECT_EQ(OnlyCall().files.at(OnlyCall().After("--file")), request_.dockerfile);
}

TEST_F(BuilderCommandsTest, BuildxAnnotatesTheManifestOfOnePlatform) {
  request_.annotations = {{"org.x", "y"}};
  ASSERT_TRUE(MakeBuildxBuilder("", environment_, *processes_)->BuildAndPush(request_).ok());
  EXPECT_EQ(OnlyCall().After("--annotation"), "manifest:org.x=y");
  EXPECT_FALSE(OnlyCall().Has("--builder"));
}

TEST_F(BuilderCommandsTest, BuildxPushesOverPlainHttpWhereItIsAskedTo) {
  request_.insecure_hosts = {request_.image.repository.host};
  ASSERT_TRUE(MakeBuildxBuilder("", environment_, *processes_)->BuildAndPush(request_).ok());
  EXPECT_EQ(OnlyCall().After("--output"), "type=registry,registry.insecure=true");
  EXPECT_FALSE(OnlyCall().Has("--push"));
}

TEST_F(BuilderCommandsTest, BuildctlHasEverythingInOptions) {
  AskForTwoPlatforms();
  request_.sbom = true;
  request_.insecure_hosts = {request_.image.repository.host};
  request_.args = {{"A", kAwkward}};
  request_.labels = {{"l", "v"}};
  request_.annotations = {{"a", "plain"}, {"b", "with \"quotes\", commas"}};
  request_.source_date_epoch = "5";
  ASSERT_TRUE(MakeBuildctlBuilder("tcp://buildkit:1234", environment_, *processes_)
                  ->BuildAndPush(request_)
                  .ok());
  EXPECT_THAT(
      Arguments(OnlyCall()),
      ElementsAre("buildctl", "--addr", "tcp://buildkit:1234", "build", "--frontend",
                  "dockerfile.v0", "--progress", "plain", "--local", "context=CONTEXT", "--local",
                  "dockerfile=BUILD/dockerfile", "--opt", "platform=linux/amd64,linux/arm64",
                  "--opt", std::string("build-arg:A=") + kAwkward, "--opt",
                  "build-arg:SOURCE_DATE_EPOCH=5", "--opt", "label:l=v", "--opt",
                  "attest:sbom=", "--output",
                  "type=image,name=registry.test:5000/bases/app:1.0,push=true,"
                  "registry.insecure=true,annotation.a=plain,annotation-index.a=plain,"
                  "\"annotation.b=with \"\"quotes\"\", commas\","
                  "\"annotation-index.b=with \"\"quotes\"\", commas\""));
  EXPECT_EQ(OnlyCall().files.at(BuildDirectoryOf(OnlyCall()) + "/dockerfile/Dockerfile"),
            request_.dockerfile);
}

TEST_F(BuilderCommandsTest, BuildctlPushesOnePlatformPlainly) {
  request_.annotations = {{"a", "b"}};
  ASSERT_TRUE(
      MakeBuildctlBuilder("tcp://b:1", environment_, *processes_)->BuildAndPush(request_).ok());
  EXPECT_EQ(OnlyCall().After("--output"),
            "type=image,name=registry.test:5000/bases/app:1.0,push=true,annotation.a=b");
  EXPECT_FALSE(OnlyCall().Has("attest:sbom="));
}

TEST_F(BuilderCommandsTest, LoginsReachDockerThroughAPrivateFileOnly) {
  request_.logins = {{"registry.test:5000", "ci", Secret("open-sesame")}};
  ASSERT_TRUE(MakeDockerBuilder(environment_, *processes_)->BuildAndPush(request_).ok());
  ASSERT_TRUE(MakeBuildxBuilder("", environment_, *processes_)->BuildAndPush(request_).ok());
  ASSERT_TRUE(
      MakeBuildctlBuilder("tcp://b:1", environment_, *processes_)->BuildAndPush(request_).ok());
  int with_login = 0;
  for (const RecordedCall& call : programs_.Calls()) {
    EXPECT_THAT(call.Line(), Not(HasSubstr("open-sesame")));
    if (call.argv[1] == "image") continue;
    ++with_login;
    const std::string file = call.environment.at("DOCKER_CONFIG") + "/config.json";
    EXPECT_THAT(call.files.at(file), HasSubstr("Y2k6b3Blbi1zZXNhbWU="));  // ci:open-sesame
    EXPECT_EQ(call.modes.at(file), 0600);
    EXPECT_FALSE(std::filesystem::exists(file));
  }
  EXPECT_EQ(with_login, 4);
}

TEST_F(BuilderCommandsTest, BuildahBuildsInAStoreOfItsOwnThatKeepsNoSourceForTheNextPlatform) {
  AskForTwoPlatforms();
  programs_.Answer("buildah", " images ", 0, kStore);
  programs_.Answer("buildah", " sha256:2", 0, Inspected(""));
  programs_.Answer("buildah", " sha256:3", 0, Inspected(""));
  request_.insecure_hosts = {request_.image.repository.host};
  request_.args = {{"A", kAwkward}};
  request_.labels = {{"l", kAwkward}};
  request_.annotations = {{"n", "v"}};
  request_.source_date_epoch = "5";
  environment_["BUILDAH_ISOLATION"] = "rootless";
  ASSERT_TRUE(MakeBuildahBuilder(environment_, *processes_)->BuildAndPush(request_).ok());
  const std::vector<RecordedCall> calls = programs_.Calls();
  const std::string build = BuildDirectoryOf(calls.at(1));
  const std::string store = "--root " + build + "/storage --runroot " + build + "/run ";
  std::vector<std::string> commands;
  for (const RecordedCall& call : calls) {
    ASSERT_THAT(call.Line(), StartsWith(store));
    commands.push_back(call.Line().substr(store.size()));
  }
  const auto build_of = [](const std::string& platform, const std::string& tag) {
    return ElementsAre("buildah", "--root", "BUILD/storage", "--runroot", "BUILD/run", "build",
                       "--tls-verify=false", "--pull-always", "--platform", platform, "--tag",
                       "localhost/imglife-build:" + tag, "--build-arg",
                       std::string("A=") + kAwkward, "--label", std::string("l=") + kAwkward,
                       "--annotation", "n=v", "--timestamp", "5", "--file",
                       "BUILD/dockerfile/Dockerfile", "CONTEXT");
  };
  EXPECT_THAT(
      commands,
      ElementsAre("info", StartsWith("build "), "images --all --json --no-trunc",
                  EndsWith(" localhost/imglife-build:linux-amd64"), EndsWith(" sha256:2"),
                  EndsWith(" sha256:3"), "rm --all", "rmi --force same:1 sha256:3",
                  StartsWith("build "), "images --all --json --no-trunc",
                  EndsWith(" localhost/imglife-build:linux-arm64"), EndsWith(" sha256:3"),
                  "rm --all", "rmi --force same:1 sha256:3",
                  "manifest create localhost/imglife-build",
                  "manifest add localhost/imglife-build "
                  "containers-storage:localhost/imglife-build:linux-amd64",
                  "manifest add localhost/imglife-build "
                  "containers-storage:localhost/imglife-build:linux-arm64",
                  "manifest push --all --tls-verify=false --format oci localhost/imglife-build "
                  "docker://registry.test:5000/bases/app:1.0",
                  "rm --all", "rmi --all --force"));
  EXPECT_THAT(Arguments(calls[1]), build_of("linux/amd64", "linux-amd64"));
  EXPECT_THAT(Arguments(calls[8]), build_of("linux/arm64", "linux-arm64"));
  EXPECT_EQ(calls[1].files.at(calls[1].After("--file")),
            "FROM --platform=linux/amd64 registry.test:5000/base:1\n");
  EXPECT_EQ(calls[8].files.at(calls[8].After("--file")),
            "FROM --platform=linux/arm64 registry.test:5000/base:1\n");
  EXPECT_FALSE(std::filesystem::exists(build));
}

TEST_F(BuilderCommandsTest, BuildahPushesOnePlatformAsAPlainImage) {
  ASSERT_TRUE(MakeBuildahBuilder(environment_, *processes_)->BuildAndPush(request_).ok());
  EXPECT_THAT(programs_.Lines(),
              Contains(EndsWith(" push --format oci localhost/imglife-build:linux-amd64 "
                                "docker://registry.test:5000/bases/app:1.0")));
  EXPECT_EQ(programs_.Calls()[1].After("--tag"), "localhost/imglife-build:linux-amd64");
}

TEST_F(BuilderCommandsTest, BuildahPushesNothingThatWasMadeOfAnotherPlatform) {
  programs_.Answer("buildah", " images ", 0, kStore);
  programs_.Answer("buildah", " sha256:2", 0, Inspected("amd64"));
  programs_.Answer("buildah", " sha256:3", 0, Inspected("arm64"));
  const absl::Status status = MakeBuildahBuilder(environment_, *processes_)->BuildAndPush(request_);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              StartsWith("buildah build of registry.test:5000/bases/app:1.0 for linux/amd64: "
                         "registry.test:5000/base:1 is for linux/arm64; "));
  EXPECT_THAT(programs_.Lines(), Not(Contains(HasSubstr(" push "))));
}

TEST_F(BuilderCommandsTest, BuildahPushesNothingThatItCannotLookAt) {
  for (const std::string step : {" inspect ", " images "}) {
    programs_.Answer("buildah", step, 125, "", "it broke\n");
    const absl::Status status =
        MakeBuildahBuilder(environment_, *processes_)->BuildAndPush(request_);
    EXPECT_THAT(std::string(status.message()), HasSubstr("it broke"));
    EXPECT_THAT(programs_.Lines(), Not(Contains(HasSubstr(" push "))));
    programs_.Answer("buildah", step, 0, Inspected("amd64"));
  }
}

TEST_F(BuilderCommandsTest, BuildahTakesVfsWhereItsOwnChoiceDoesNotWork) {
  programs_.Answer("buildah", " info", 125, "", "overlay is not supported over overlayfs\n");
  ASSERT_TRUE(MakeBuildahBuilder(environment_, *processes_)->BuildAndPush(request_).ok());
  const std::vector<RecordedCall> calls = programs_.Calls();
  ASSERT_EQ(calls.size(), 7U);
  EXPECT_FALSE(calls[0].Has("--storage-driver"));
  for (std::size_t i = 1; i < calls.size(); ++i) {
    EXPECT_EQ(calls[i].After("--storage-driver"), "vfs") << calls[i].Line();
  }
}

TEST_F(BuilderCommandsTest, BuildahLeavesAChosenStorageDriverAlone) {
  environment_["STORAGE_DRIVER"] = "overlay";
  ASSERT_TRUE(MakeBuildahBuilder(environment_, *processes_)->BuildAndPush(request_).ok());
  EXPECT_THAT(programs_.Lines(), Not(Contains(EndsWith(" info"))));
  EXPECT_THAT(programs_.Lines(), Not(Contains(HasSubstr("--storage-driver"))));
}

TEST_F(BuilderCommandsTest, BuildahIsolatesByChrootInsideAContainer) {
  environment_["container"] = "podman";
  ASSERT_TRUE(MakeBuildahBuilder(environment_, *processes_)->BuildAndPush(request_).ok());
  EXPECT_EQ(programs_.Calls()[1].After("--isolation"), "chroot");
}

TEST_F(BuilderCommandsTest, BuildahGetsLoginsThroughAPrivateFileOnly) {
  request_.logins = {{"registry.test:5000", "ci", Secret("open-sesame")}};
  ASSERT_TRUE(MakeBuildahBuilder(environment_, *processes_)->BuildAndPush(request_).ok());
  int with_login = 0;
  for (const RecordedCall& call : programs_.Calls()) {
    EXPECT_THAT(call.Line(), Not(HasSubstr("open-sesame")));
    const std::string file = call.After("--authfile");
    if (file.empty()) continue;
    ++with_login;
    EXPECT_THAT(call.files.at(file), HasSubstr("Y2k6b3Blbi1zZXNhbWU="));  // ci:open-sesame
    EXPECT_EQ(call.modes.at(file), 0600);
  }
  EXPECT_EQ(with_login, 2);
}

TEST_F(BuilderCommandsTest, BuildxReadsAndWritesLayouts) {
  UseLayouts();
  ASSERT_TRUE(MakeBuildxBuilder("ci", environment_, *processes_)->BuildAndPush(request_).ok());
  EXPECT_THAT(Arguments(OnlyCall()),
              ElementsAre("docker", "buildx", "build", "--builder", "ci", "--output",
                          "type=oci,tar=false,dest=CONTEXT/result", "--platform", "linux/amd64",
                          "--provenance=false", "--build-context",
                          "localhost/imglife-base=oci-layout://BUILD/imglife-base:latest@sha256:" +
                              std::string(64, 'a'),
                          "--file", "BUILD/dockerfile/Dockerfile", "CONTEXT"));
}

TEST_F(BuilderCommandsTest, BuildctlReadsAndWritesLayouts) {
  UseLayouts();
  request_.annotations = {{"a", "b"}};
  ASSERT_TRUE(
      MakeBuildctlBuilder("tcp://b:1", environment_, *processes_)->BuildAndPush(request_).ok());
  const RecordedCall call = OnlyCall();
  EXPECT_THAT(
      Arguments(call),
      ElementsAre("buildctl", "--addr", "tcp://b:1", "build", "--frontend", "dockerfile.v0",
                  "--progress", "plain", "--local", "context=CONTEXT", "--local",
                  "dockerfile=BUILD/dockerfile", "--opt", "platform=linux/amd64", "--oci-layout",
                  "imglife-base=BUILD/imglife-base", "--opt",
                  "context:localhost/imglife-base=oci-layout://imglife-base:latest@sha256:" +
                      std::string(64, 'a'),
                  "--output", "type=oci,tar=false,dest=CONTEXT/result,annotation.a=b"));
  const std::string view = BuildDirectoryOf(call) + "/imglife-base";
  EXPECT_EQ(call.files.at(view + "/oci-layout"), R"({"imageLayoutVersion":"1.0.0"})");
  EXPECT_THAT(
      call.files.at(view + "/index.json"),
      HasSubstr(R"("mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:)" +
                std::string(64, 'a') + R"(","size":512,)"));
}

TEST_F(BuilderCommandsTest, BuildahReadsAndWritesLayouts) {
  UseLayouts();
  ASSERT_TRUE(MakeBuildahBuilder(environment_, *processes_)->BuildAndPush(request_).ok());
  EXPECT_EQ(programs_.Calls()[1].After("--build-context"),
            "localhost/imglife-base=container-image://oci:imglife-base");
  EXPECT_THAT(programs_.Lines(),
              Contains(EndsWith(" --format oci localhost/imglife-build:linux-amd64 oci:" +
                                request_.result_layout + ":latest")));
}

TEST_F(BuilderCommandsTest, DockerRefusesLayouts) {
  UseLayouts();
  request_.result_layout.clear();
  EXPECT_TRUE(
      absl::IsUnimplemented(MakeDockerBuilder(environment_, *processes_)->BuildAndPush(request_)));
  request_.layout_base.reset();
  request_.result_layout = "/result";
  EXPECT_TRUE(
      absl::IsUnimplemented(MakeDockerBuilder(environment_, *processes_)->BuildAndPush(request_)));
  EXPECT_THAT(programs_.Calls(), IsEmpty());
}

TEST_F(BuilderCommandsTest, BuildahRefusesAnSbom) {
  request_.sbom = true;
  EXPECT_TRUE(
      absl::IsUnimplemented(MakeBuildahBuilder(environment_, *processes_)->BuildAndPush(request_)));
}

}  // namespace
}  // namespace imglife
