#include "engine/apply/build_preparation.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "providers/files.h"
#include "tests/engine/apply/stopped_clock.h"
#include "tests/engine/observe/observe_fixture.h"
#include "tests/engine/plan/plan_maker.h"
#include "tests/support/fake_registry.h"
#include "tests/support/image_maker.h"

namespace imglife {
namespace {

constexpr char kSourceLabel[] = "org.opencontainers.image.source";

class PrepareBuildTest : public ::testing::Test {
 protected:
  PrepareBuildTest() {
    config_ =
        MakeConfig(BuildText({"name: app, folder: app, type: core, mirror_image: r.test/m, "
                              "mirror_tag: '3.1'"}));
    config_.build->images[0].folder = directory_->path();
    world_.git = &git_;
    world_.clock = &clock_;
    world_.insecure = [](const std::string&) { return false; };
    world_.logins = [](const std::vector<std::string>&) { return std::vector<RegistryLogin>(); };
  }

  absl::Status Check(const TestImage& base, const std::vector<std::string>& platforms) {
    registry_.AddImage("r.test/m:3.1", base);
    PreparedBuild build;
    build.base = MakeReference("r.test/m:3.1");
    build.base_digest = base.manifest.digest;
    build.inputs.dockerfile = "FROM r.test/m:3.1@" + base.manifest.digest.str() + "\n";
    for (const std::string& platform : platforms) {
      build.request.platforms.push_back(*Platform::Parse(platform));
    }
    const auto memo = MakeRegistryMemo(registry_);
    return CheckBase(build, *memo);
  }

  absl::StatusOr<PreparedBuild> Prepare() {
    const absl::Status written =
        WriteFileAtomically(directory_->path() + "/Dockerfile.tmpl", "FROM {{.BaseImage}}\n");
    if (!written.ok()) return written;
    const auto memo = MakeRegistryMemo(registry_);
    Action action = MakeBuild("r.test/bases/app:3.1-core1", "r.test/m:3.1");
    action.build.base.digest = MakeDigest("a1");
    return PrepareBuild(action, config_, plan_, *memo, world_);
  }

  const absl::StatusOr<TemporaryDirectory> directory_ = TemporaryDirectory::Create("images");
  FakeRegistry registry_;
  FakeGit git_;
  StoppedClock clock_;
  World world_;
  Config config_;
  Plan plan_;
};

TEST_F(PrepareBuildTest, NamesWhereTheConfigurationComesFrom) {
  const auto build = Prepare();
  ASSERT_TRUE(build.ok()) << build.status();
  EXPECT_EQ(build->request.labels.at(kSourceLabel), "https://git.test/o/images");
}

TEST_F(PrepareBuildTest, WithoutAnOriginNothingIsNamed) {
  git_.origin = absl::NotFoundError("git has no remote origin");
  const auto build = Prepare();
  ASSERT_TRUE(build.ok()) << build.status();
  EXPECT_EQ(build->request.labels.count(kSourceLabel), 0u);
}

TEST_F(PrepareBuildTest, ABaseMayBeThereForMore) {
  IndexSpec index{.images = {{.platform = "linux/amd64"}, {.platform = "linux/arm64"}}};
  index.attestations = true;
  EXPECT_TRUE(Check(MakeIndex(index), {"linux/amd64", "linux/arm64/v8"}).ok());
  EXPECT_TRUE(Check(MakeImage({.platform = "linux/arm64"}), {"linux/arm64"}).ok());
}

TEST_F(PrepareBuildTest, ABaseMustBeThereForAll) {
  const TestImage index = MakeIndex({.images = {{.platform = "linux/amd64"}}});
  for (const TestImage& base : {index, MakeImage({.platform = "linux/amd64"})}) {
    const absl::Status status = Check(base, {"linux/amd64", "linux/arm64"});
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(
        std::string(status.message()),
        ::testing::StartsWith("its base r.test/m:3.1 has no linux/arm64 (it has linux/amd64); "));
  }
}

TEST_F(PrepareBuildTest, ABaseThatIsGoneIsAnError) {
  PreparedBuild build;
  build.base = MakeReference("r.test/m:3.1");
  build.base_digest = MakeDigest("a1");
  const auto memo = MakeRegistryMemo(registry_);
  EXPECT_TRUE(absl::IsNotFound(CheckBase(build, *memo)));
}

}  // namespace
}  // namespace imglife
