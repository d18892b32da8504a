// Real buildah, real registry.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "nlohmann/json.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/builders/backends.h"
#include "providers/files.h"
#include "providers/registry/ocidir/ocidir_registry.h"
#include "providers/system/system.h"
#include "tests/support/byte_readers.h"
#include "tests/support/docker_registry.h"
#include "tests/support/image_maker.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class BuildahTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(directory_.ok()) << directory_.status();
    std::filesystem::create_directories(Path("context"));
    std::filesystem::create_directories(Path("tmp"));
    std::ofstream(Path("context/file")) << "content\n";
    const char* tmp = std::getenv("TMPDIR");
    old_tmp_ = tmp == nullptr ? "" : tmp;
    ::setenv("TMPDIR", Path("tmp").c_str(), 1);
  }
  void TearDown() override {
    EXPECT_TRUE(std::filesystem::is_empty(Path("tmp"))) << "a build left something behind";
    old_tmp_.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", old_tmp_.c_str(), 1);
  }

  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }

  BuildRequest Request(const std::string& path, const std::string& dockerfile) const {
    BuildRequest request;
    request.image.repository = registry_.At(path);
    request.image.tag = "1.0";
    request.dockerfile = dockerfile;
    request.context = Path("context");
    request.platforms = {*Platform::Parse("linux/amd64")};
    request.insecure_hosts = {request.image.repository.host};
    request.source_date_epoch = "1700000000";
    return request;
  }
  BuildRequest TwoPlatforms(BuildRequest request) const {
    request.platforms = {*Platform::Parse("linux/arm64"), *Platform::Parse("linux/amd64")};
    return request;
  }
  absl::Status Build(const BuildRequest& request) {
    return MakeBuildahBuilder(ReadEnvironment(), *processes_)->BuildAndPush(request);
  }

  std::string Skopeo(std::vector<std::string> arguments, const Reference& image) {
    ProcessSpec spec;
    spec.argv = {"skopeo"};
    spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
    spec.argv.insert(spec.argv.end(), {"--tls-verify=false", "docker://" + image.ToString()});
    const absl::StatusOr<ProcessResult> result = processes_->Run(spec);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() && result->exit_code == 0 ? result->out : "";
  }
  std::string DigestOf(const Reference& image) {
    return Skopeo({"inspect", "--format", "{{.Digest}}"}, image).substr(0, 71);
  }
  Json ManifestOf(const Reference& image) {
    return Json::parse(Skopeo({"inspect", "--raw"}, image), nullptr, false);
  }
  Json ConfigOf(const Reference& image, const std::string& architecture) {
    return Json::parse(
        Skopeo({"--override-arch", architecture, "inspect", "--config", "--raw"}, image), nullptr,
        false);
  }

  absl::StatusOr<TemporaryDirectory> directory_ = TemporaryDirectory::Create("imglife-buildah");
  std::string old_tmp_;
  DockerRegistry registry_;
  std::unique_ptr<ProcessRunner> processes_ = MakeProcessRunner();
};

constexpr char kPlainDockerfile[] = "FROM scratch\nCOPY file /file\n";

TEST_F(BuildahTest, PushesOnePlatformAsAnImageManifest) {
  BuildRequest request = Request("bases/one", kPlainDockerfile);
  request.labels = {{"org.opencontainers.image.title", "a \"b\" $HOME ${x}\n\\c, d=e"}};
  request.annotations = {{"org.opencontainers.image.version", "1.0"}};
  ASSERT_TRUE(Build(request).ok());

  const Json manifest = ManifestOf(request.image);
  EXPECT_EQ(manifest.value("mediaType", ""), "application/vnd.oci.image.manifest.v1+json");
  EXPECT_EQ(manifest["annotations"]["org.opencontainers.image.version"], "1.0");
  const Json config = ConfigOf(request.image, "amd64");
  EXPECT_EQ(config["architecture"], "amd64");
  EXPECT_EQ(config["config"]["Labels"]["org.opencontainers.image.title"],
            "a \"b\" $HOME ${x}\n\\c, d=e");
  EXPECT_THAT(config["created"].get<std::string>(), HasSubstr("2023-11-14T22:13:20"));
}

TEST_F(BuildahTest, BuildsSeveralPlatformsOnAPinnedBase) {
  const BuildRequest base = TwoPlatforms(Request("mirrors/base", kPlainDockerfile));
  ASSERT_TRUE(Build(base).ok());
  Reference pinned = base.image;
  pinned.digest = *Digest::Parse(DigestOf(base.image));

  BuildRequest request = TwoPlatforms(Request(
      "bases/two", "FROM " + pinned.ToString() +
                       "\nARG NAME\nARG TARGETARCH\nLABEL from.arg=\"$NAME\" arch=$TARGETARCH\n"));
  request.args = {{"NAME", "a b, c=d"}};
  ASSERT_TRUE(Build(request).ok());

  const Json index = ManifestOf(request.image);
  EXPECT_EQ(index.value("mediaType", ""), "application/vnd.oci.image.index.v1+json");
  ASSERT_EQ(index["manifests"].size(), 2U);
  EXPECT_EQ(index["manifests"][0]["platform"]["architecture"], "arm64");
  EXPECT_EQ(index["manifests"][1]["platform"]["architecture"], "amd64");
  for (const char* architecture : {"arm64", "amd64"}) {
    const Json config = ConfigOf(request.image, architecture);
    EXPECT_EQ(config["architecture"], architecture);
    EXPECT_EQ(config["config"]["Labels"]["from.arg"], "a b, c=d");
    EXPECT_EQ(config["config"]["Labels"]["arch"], architecture);
    EXPECT_EQ(config["rootfs"]["diff_ids"][0],
              ConfigOf(base.image, architecture)["rootfs"]["diff_ids"][0]);
  }
}

// Bases of which images for other platforms must not be made.
class OtherPlatformsTest : public BuildahTest {
 protected:
  static constexpr char kIndexOfOne[] = "mirrors/index";
  static constexpr char kPlain[] = "mirrors/plain";

  void SetUp() override {
    BuildahTest::SetUp();
    // An index that has amd64 only, and an image for amd64 without an index.
    const BuildRequest plain = Request(kPlain, kPlainDockerfile);
    ASSERT_TRUE(Build(plain).ok());
    const auto index = registry_.At(kIndexOfOne);
    Run({"buildah", "--storage-driver", "vfs", "--root", Path("store"), "--runroot", Path("run"),
         "manifest", "create", "localhost/one"});
    Run({"buildah", "--storage-driver", "vfs", "--root", Path("store"), "--runroot", Path("run"),
         "manifest", "add", "--tls-verify=false", "localhost/one",
         "docker://" + plain.image.ToString()});
    Run({"buildah", "--storage-driver", "vfs", "--root", Path("store"), "--runroot", Path("run"),
         "manifest", "push", "--all", "--tls-verify=false", "localhost/one",
         "docker://" + index.ToString() + ":1.0"});
  }

  std::string Named(const std::string& path) const {
    return registry_.At(path).ToString() + ":1.0";
  }

  // Of both platforms, that with what the base lacks last.
  BuildRequest ForBoth(const std::string& dockerfile) const {
    BuildRequest request = Request("bases/app", dockerfile);
    request.platforms.push_back(*Platform::Parse("linux/arm64"));
    return request;
  }

  void ExpectNotPushed(const std::string& dockerfile, const std::string& why) {
    const BuildRequest request = ForBoth(dockerfile);
    const absl::Status status = Build(request);
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(std::string(status.message()), HasSubstr(" for linux/arm64"));
    EXPECT_THAT(std::string(status.message()), HasSubstr(why));
    EXPECT_TRUE(ManifestOf(request.image).is_discarded()) << "it was pushed";
  }

 private:
  void Run(std::vector<std::string> argv) {
    ProcessSpec spec;
    spec.argv = std::move(argv);
    const absl::StatusOr<ProcessResult> result = processes_->Run(spec);
    ASSERT_TRUE(result.ok()) << result.status();
    ASSERT_EQ(result->exit_code, 0) << result->err;
  }
};

TEST_F(OtherPlatformsTest, AnIndexThatLacksOne) {
  ExpectNotPushed("FROM " + Named(kIndexOfOne) + "\nCOPY file /again\n",
                  "no image found in image index for architecture arm64");
}

TEST_F(OtherPlatformsTest, AnImageWithoutAnIndex) {
  ExpectNotPushed("FROM " + Named(kPlain) + "\nCOPY file /again\n",
                  "/mirrors/plain:1.0 is for linux/amd64; name an image that has this platform");
}

TEST_F(OtherPlatformsTest, WhatIsCopiedFrom) {
  ExpectNotPushed("FROM scratch\nCOPY --from=" + Named(kIndexOfOne) + " /file /file\n",
                  "no stage or image found with that name");
  ExpectNotPushed("FROM scratch\nCOPY --from=" + Named(kPlain) + " /file /file\n",
                  "/mirrors/plain:1.0 is for linux/amd64");
}

TEST_F(OtherPlatformsTest, AStageForAnotherPlatformDecidesForNoOther) {
  ExpectNotPushed("FROM --platform=linux/amd64 " + Named(kIndexOfOne) + " AS tools\nFROM " +
                      Named(kIndexOfOne) + "\nCOPY --from=tools /file /again\n",
                  "no image found in image index for architecture arm64");
}

TEST_F(OtherPlatformsTest, AResultThatStandsOnAnother) {
  ExpectNotPushed("FROM --platform=linux/amd64 " + Named(kPlain) + "\nCOPY file /again\n",
                  "it stands on " + Named(kPlain) + ", which is for linux/amd64");
}

TEST_F(OtherPlatformsTest, AStageForAnotherPlatformIsNoReasonNotToBuild) {
  const BuildRequest request = ForBoth("FROM --platform=linux/amd64 " + Named(kPlain) +
                                       " AS tools\nFROM scratch\nCOPY --from=tools /file /again\n");
  const absl::Status status = Build(request);
  EXPECT_TRUE(status.ok()) << status;
}

// Images that differ from platform to platform have other names in the store for each of them.
TEST_F(OtherPlatformsTest, NamesThatTheDockerfileMakesOfThePlatform) {
  BuildRequest arm = Request("mirrors/plain-arm64", kPlainDockerfile);
  arm.platforms = {*Platform::Parse("linux/arm64")};
  ASSERT_TRUE(Build(arm).ok());
  BuildRequest amd = Request("mirrors/plain-amd64", kPlainDockerfile);
  ASSERT_TRUE(Build(amd).ok());
  const BuildRequest request = ForBoth("ARG TARGETARCH\nFROM " + registry_.host() +
                                       "/mirrors/plain-$TARGETARCH:1.0\nCOPY file /again\n");
  const absl::Status status = Build(request);
  EXPECT_TRUE(status.ok()) << status;
}

// A layout with two platforms of the same base, as Docker's or OCI's types, and something else.
Descriptor MakeLayout(const std::string& directory, bool docker) {
  const auto registry = MakeOciDirRegistry(directory);
  const Repository layout = *ParseRepository("ocidir://m");
  IndexSpec index;
  index.docker = docker;
  for (const char* platform : {"linux/amd64", "linux/arm64"}) {
    ImageSpec image;
    image.platform = platform;
    image.docker = docker;
    index.images.push_back(image);
  }
  const TestImage base = MakeIndex(index);
  EXPECT_TRUE(PushImage(*registry, layout, "3", base).ok());
  ImageSpec other;
  other.name = "other";
  EXPECT_TRUE(PushImage(*registry, layout, "latest", MakeImage(other)).ok());
  return base.ToDescriptor();
}

TEST_F(BuildahTest, AStageForAnotherPlatformLeavesTheOthersTheirs) {
  const BuildRequest base =
      TwoPlatforms(Request("mirrors/base",
                           "FROM scratch\nARG TARGETARCH\nLABEL is=$TARGETARCH\n"
                           "COPY file /file\n"));
  ASSERT_TRUE(Build(base).ok());
  const std::string name = base.image.ToString();
  const BuildRequest request = TwoPlatforms(
      Request("bases/cross", "FROM --platform=linux/amd64 " + name + " AS tools\nFROM " + name +
                                 "\nCOPY --from=tools /file /again\n"));
  const absl::Status status = Build(request);
  ASSERT_TRUE(status.ok()) << status;
  for (const char* architecture : {"arm64", "amd64"}) {
    EXPECT_EQ(ConfigOf(request.image, architecture)["config"]["Labels"]["is"], architecture);
  }
}

TEST_F(BuildahTest, BuildsSeveralPlatformsOnALayoutIntoALayout) {
  for (const bool docker : {false, true}) {
    const std::string name = docker ? "docker types" : "oci types";
    const Descriptor base = MakeLayout(Path(name), docker);
    BuildRequest request = TwoPlatforms(Request(
        "unused", "FROM --platform=linux/amd64 " + std::string(kLayoutBaseName) +
                      " AS tools\nFROM " + std::string(kLayoutBaseName) + "\nCOPY file /file\n"));
    request.insecure_hosts.clear();
    request.layout_base = LayoutBase{.directory = Path(name) + "/m", .manifest = base};
    request.result_layout = Path(name) + "/result";
    const absl::Status status = Build(request);
    ASSERT_TRUE(status.ok()) << status;

    const auto layouts = MakeOciDirRegistry(Path(name));
    const Repository result = *ParseRepository("ocidir://result");
    const auto index = layouts->GetManifest(result, std::string(kResultTag));
    ASSERT_TRUE(index.ok()) << index.status();
    const Json platforms = Json::parse(index->content)["manifests"];
    ASSERT_EQ(platforms.size(), 2U);
    for (const Json& platform : platforms) {
      const auto manifest = layouts->GetManifest(result, platform["digest"]);
      ASSERT_TRUE(manifest.ok()) << manifest.status();
      const Json image = Json::parse(manifest->content);
      ASSERT_EQ(image["layers"].size(), 3U) << "the base's two and one";
      const auto config = layouts->GetBlob(
          result, {.digest = *Digest::Parse(image["config"]["digest"].get<std::string>()),
                   .size = image["config"]["size"].get<std::int64_t>()});
      ASSERT_TRUE(config.ok()) << config.status();
      const std::string text = *ReadAll(**config);
      EXPECT_EQ(Json::parse(text)["architecture"], platform["platform"]["architecture"]);
      EXPECT_THAT(text, Not(HasSubstr(directory_->path()))) << "it says where it was built";
      EXPECT_THAT(text, Not(HasSubstr("imglife-buildah")));
    }
    EXPECT_FALSE(std::filesystem::exists(Path(name) + "/m/ingest"));
  }
}

TEST_F(BuildahTest, OnLayoutsTheSameInputsGiveTheSameDigest) {
  const Descriptor base = MakeLayout(Path("layout"), false);
  std::vector<std::string> digests;
  for (const char* result : {"one", "two"}) {
    BuildRequest request = TwoPlatforms(
        Request("unused", "FROM " + std::string(kLayoutBaseName) + "\nCOPY file /file\n"));
    request.layout_base = LayoutBase{.directory = Path("layout/m"), .manifest = base};
    request.result_layout = Path(std::string("layout/") + result);
    const absl::Status status = Build(request);
    ASSERT_TRUE(status.ok()) << status;
    const auto made = MakeOciDirRegistry(Path("layout"))
                          ->Resolve(*ParseRepository(std::string("ocidir://") + result), "latest");
    ASSERT_TRUE(made.ok()) << made.status();
    digests.push_back(made->digest.str());
  }
  EXPECT_EQ(digests[0], digests[1]);
}

TEST_F(BuildahTest, GivesTheSameDigestForTheSameInputs) {
  const BuildRequest request = TwoPlatforms(Request("bases/same", kPlainDockerfile));
  ASSERT_TRUE(Build(request).ok());
  const std::string first = DigestOf(request.image);
  ASSERT_TRUE(Build(request).ok());
  EXPECT_EQ(DigestOf(request.image), first);
  EXPECT_TRUE(Digest::Parse(first).ok()) << first;
}

TEST_F(BuildahTest, RunsPrograms) {
  std::filesystem::copy_file(PROGRAM_IN_IMAGE, Path("context/program"));
  BuildRequest request = Request(
      "bases/run",
      "FROM scratch\nCOPY program /program\nRUN [\"/program\", \"/made\", \"in the image\"]\n");
  const absl::Status status = Build(request);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_TRUE(std::filesystem::remove(Path("context/program")));

  // The file is there for a build on top, which would fail without it.
  request.dockerfile =
      "FROM " + request.image.ToString() + " AS made\nFROM scratch\nCOPY --from=made /made /made\n";
  request.image.repository = registry_.At("bases/on-it");
  const absl::Status on_it = Build(request);
  EXPECT_TRUE(on_it.ok()) << on_it;
}

TEST_F(BuildahTest, ShowsTheLastLinesOfAFailure) {
  const absl::Status status =
      Build(Request("bases/bad", "FROM scratch\nCOPY nothing-of-that-name /\n"));
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("buildah build of " + registry_.host() +
                                 "/bases/bad:1.0 for "
                                 "linux/amd64 failed (exit code 125):\n"));
  EXPECT_THAT(message, HasSubstr("STEP 2/2: COPY nothing-of-that-name /"));
  EXPECT_THAT(message, HasSubstr("no such file or directory"));
  EXPECT_TRUE(ManifestOf(Request("bases/bad", "").image).is_discarded()) << "it was pushed";
}

TEST_F(BuildahTest, HonoursDockerignore) {
  std::ofstream(Path("context/.dockerignore")) << "file\n";
  const absl::Status status = Build(Request("bases/ignored", kPlainDockerfile));
  EXPECT_TRUE(absl::IsInternal(status)) << status;
}

TEST_F(BuildahTest, BuildsSideBySide) {
  const BuildRequest base = TwoPlatforms(Request("mirrors/base", kPlainDockerfile));
  ASSERT_TRUE(Build(base).ok());
  const std::string dockerfile = "FROM " + base.image.ToString() + "\nCOPY file /again\n";
  std::vector<absl::Status> results(3);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&, i] {
      results[i] = Build(TwoPlatforms(Request("bases/p" + std::to_string(i), dockerfile)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_TRUE(results[i].ok()) << results[i];
    const Json index = ManifestOf(Request("bases/p" + std::to_string(i), "").image);
    EXPECT_EQ(index["manifests"].size(), 2U);
  }
}

TEST_F(BuildahTest, UsesTheLoginsThatItIsGiven) {
  DockerRegistryOptions options;
  options.password = true;
  const DockerRegistry guarded(options);
  BuildRequest request = Request("bases/guarded", kPlainDockerfile);
  request.image.repository = guarded.At("bases/guarded");
  request.insecure_hosts = {guarded.host()};
  EXPECT_TRUE(absl::IsInternal(Build(request)));

  request.logins = {{guarded.host(), std::string(DockerRegistry::kUsername),
                     Secret(std::string(DockerRegistry::kPassword))}};
  const absl::Status status = Build(request);
  EXPECT_TRUE(status.ok()) << status;

  request.dockerfile = "FROM " + request.image.ToString() + "\n";
  request.image.tag = "1.1";
  const absl::Status on_it = Build(request);
  EXPECT_TRUE(on_it.ok()) << on_it;
}

}  // namespace
}  // namespace imglife
