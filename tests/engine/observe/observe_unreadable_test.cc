// Not readable is never empty.
#include "gmock/gmock.h"

#include "tests/engine/observe/observe_fixture.h"
#include "tests/support/odd_images.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kRetention = "retention: {max_age_days: 1}\n";

class ObserveUnreadableTest : public ObserveTest {
 protected:
  ObserveUnreadableTest() {
    for (const char* tag : {"3.1", "3.2"}) {
      registry_.AddImage(kSource, tag, MakeImage({.name = tag}));
      registry_.AddImage(kMirror, tag, MakeImage({.name = tag}));
    }
  }

  Observation LookForCleanup() { return Look(SyncText({kEntry}) + kRetention, {Stage::kCleanup}); }
};

TEST_F(ObserveUnreadableTest, AMirrorsListKeepsWhyAndNothingIsAskedForItsSake) {
  registry_.Inject({.method = "ListTags",
                    .repository = "r.test/mirrors/alpine",
                    .status = absl::PermissionDeniedError("denied")});
  const Observation seen = Look(SyncText({kEntry + ", check_digest: true"}) + kRetention,
                                {Stage::kSync, Stage::kCleanup});
  const ObservedRepository* there = seen.observed.FindRepository(kMirror);
  ASSERT_NE(there, nullptr);
  EXPECT_EQ(there->status, absl::PermissionDeniedError("denied"));
  EXPECT_EQ(Asked().size(), 2u);
}

TEST_F(ObserveUnreadableTest, ASourcesListIsAnErrorOfWhatIsDesired) {
  registry_.Inject({.method = "ListTags", .repository = "docker.io/library/alpine"});
  const Observation seen = Look(SyncText({kEntry}), {Stage::kSync});
  EXPECT_THAT(seen.desired.errors, ElementsAre(HasSubstr("the registry doesn't answer")));
  EXPECT_THAT(seen.desired.incomplete, ElementsAre(kMirror));
  EXPECT_TRUE(seen.observed.FindRepository(kMirror)->status.ok());
}

TEST_F(ObserveUnreadableTest, ATagThatVanishesMeanwhileIsNotFound) {
  registry_.OnCall([this](const RegistryCall& call) {
    if (call.method == "GetManifest") registry_.RemoveTag(kMirror, "3.1");
  });
  const Observation seen = LookForCleanup();
  EXPECT_TRUE(seen.observed.FindRepository(kMirror)->Has("3.1"));
  EXPECT_TRUE(absl::IsNotFound(seen.observed.FindRepository(kMirror)->resolved.at("3.1").status()));
  EXPECT_EQ(seen.observed.FindImage(kMirror, "3.1"), nullptr);
  EXPECT_EQ(seen.observed.DigestOf(kMirror, "3.1"), Digest());
  EXPECT_NE(seen.observed.FindImage(kMirror, "3.2"), nullptr);
}

TEST_F(ObserveUnreadableTest, ATagThatCannotBeReadSaysWhy) {
  registry_.Inject({.method = "GetManifest", .argument = "3.1"});
  const Observation seen = LookForCleanup();
  EXPECT_TRUE(
      absl::IsUnavailable(seen.observed.FindRepository(kMirror)->resolved.at("3.1").status()));
  EXPECT_EQ(seen.observed.FindImage(kMirror, "3.1"), nullptr);
  EXPECT_NE(seen.observed.FindImage(kMirror, "3.2"), nullptr);
}

TEST_F(ObserveUnreadableTest, ASourceTagThatIsGoneIsNotFoundAtItsSource) {
  const Observation seen =
      Look(SyncText({"source: alpine, target: r.test/mirrors/alpine, tag: 9"}), {Stage::kSync});
  EXPECT_TRUE(absl::IsNotFound(seen.observed.repositories.at(kSource).resolved.at("9").status()));
}

TEST_F(ObserveUnreadableTest, APlaceholderCountsAsAbsentButHasADigest) {
  const TestImage placeholder = MakePlaceholderImage("3.1");
  registry_.AddImage(kMirror, "3.1", placeholder);
  const Observation seen = LookForCleanup();
  EXPECT_EQ(seen.observed.FindImage(kMirror, "3.1"), nullptr);
  EXPECT_EQ(seen.observed.DigestOf(kMirror, "3.1"), placeholder.manifest.digest);
  EXPECT_NE(seen.observed.FindImage(kMirror, "3.2"), nullptr);
}

TEST_F(ObserveUnreadableTest, DatesOfTheListStayWithTheirTags) {
  const absl::Time pushed = absl::FromUnixSeconds(1'750'000'000);
  registry_.SetPushed(kMirror, "3.2", pushed);
  const ObservedRepository there = *LookForCleanup().observed.FindRepository(kMirror);
  EXPECT_EQ(there.resolved.at("3.2")->pushed, pushed);
  EXPECT_EQ(there.resolved.at("3.1")->pushed, std::nullopt);
}

// What tells of pushes may be behind: such a tag was pushed since.
TEST_F(ObserveUnreadableTest, APushBeforeTheImageWasMadeIsNotTheLastOne) {
  const ImageSpec spec{.name = "newer"};
  registry_.AddImage(kMirror, "3.2", MakeImage(spec));
  registry_.SetPushed(kMirror, "3.2", *spec.created - absl::Hours(1));
  const ObservedRepository there = *LookForCleanup().observed.FindRepository(kMirror);
  EXPECT_EQ(there.resolved.at("3.2")->pushed, spec.created);
}

TEST_F(ObserveUnreadableTest, APushOfAnotherDigestSaysNothing) {
  registry_.SetDescribed(kMirror, "3.2",
                         {absl::FromUnixSeconds(1'750'000'000), Digest::OfBytes("of before")});
  const ObservedRepository there = *LookForCleanup().observed.FindRepository(kMirror);
  EXPECT_EQ(there.resolved.at("3.2")->pushed, std::nullopt);
}

TEST_F(ObserveUnreadableTest, AProductThatCannotBeFetchedSaysWhyAndTheOthersAreThere) {
  eol_.products["alpine"] = {{.cycle = "3.1"}};
  const std::string debian = "source: debian, target: r.test/debian, tag: 13, ";
  const Observation seen = Look(SyncText({kEntry + ", lifecycle: {product: alpine}",
                                          debian + "lifecycle: {product: debain}"}),
                                {Stage::kEol});
  EXPECT_TRUE(seen.observed.eol.at("alpine").ok());
  EXPECT_TRUE(absl::IsNotFound(seen.observed.eol.at("debain").status()));
}

TEST_F(ObserveUnreadableTest, RecordsAreUnknownWhereTheyWouldProtect) {
  const std::string records = "registry: {provider: file}\n";
  const auto status = [&](const std::string& text, Stage stage) {
    return Look(SyncText({kEntry}) + text, {stage}).observed.records_status;
  };
  EXPECT_TRUE(absl::IsUnimplemented(status(records + kRetention, Stage::kCleanup)));
  EXPECT_TRUE(status(kRetention, Stage::kCleanup).ok());
  EXPECT_TRUE(status(records + kRetention, Stage::kSync).ok());
  EXPECT_TRUE(status(records, Stage::kCleanup).ok());
}

TEST_F(ObserveUnreadableTest, ABuilderThatCannotDoItSaysWhy) {
  builder_ = absl::UnimplementedError("buildah writes no SBOM");
  const std::string image =
      "folder: none, type: core, sbom: true, platforms: [linux/amd64, linux/arm64], "
      "mirror_image: r.test/mirrors/alpine";
  const Observation seen =
      Look(SyncText({kEntry}) + BuildText({"name: app, " + image}), {Stage::kBuild});
  EXPECT_EQ(seen.observed.builders.at(0), builder_.status());
  EXPECT_TRUE(builder_asked_.at(0).several_platforms);
  EXPECT_FALSE(builder_asked_.at(0).layouts);
  EXPECT_TRUE(absl::IsNotFound(seen.observed.contexts.at(0).status()));
  EXPECT_THAT(std::string(seen.observed.contexts.at(0).status().message()),
              HasSubstr("none/Dockerfile.tmpl"));
}

TEST_F(ObserveUnreadableTest, ABuilderIsLookedForWhereAnImageLayoutIsInvolved) {
  const auto asked = [&](const std::string& registry, const std::string& base) {
    builder_asked_.clear();
    Look("build: {core_version: 1.0.0, registry: '" + registry +
             "', images: [{name: app, folder: none, type: core, mirror_tag: '1', mirror_image: '" +
             base + "'}]}",
         {Stage::kBuild});
    return builder_asked_;
  };
  EXPECT_TRUE(asked("r.test/bases", "r.test/mirrors/alpine").empty());
  for (const auto& needs : {asked("ocidir://bases", "r.test/mirrors/alpine"),
                            asked("r.test/bases", "ocidir://m/alpine")}) {
    ASSERT_EQ(needs.size(), 1U);
    EXPECT_TRUE(needs[0].layouts);
    EXPECT_FALSE(needs[0].sbom);
  }
}

TEST_F(ObserveUnreadableTest, FilesOfTheConfigurationAreReadOrNamed) {
  const std::string text = SyncText({kEntry}) + "status: {output: report.md}\n";
  const Observed absent = Look(text, {Stage::kEol}).observed;
  EXPECT_EQ(absent.status_file_content, std::nullopt);
  EXPECT_EQ(absent.eol_file_content, std::nullopt);
  EXPECT_TRUE(absent.status_file_status.ok() && absent.eol_file_status.ok());

  WriteFile("report.md", "# Report");
  WriteFile("eol-data.yaml", "");
  const Observed present = Look(text, {Stage::kEol}).observed;
  EXPECT_EQ(present.status_file_content, "# Report");
  EXPECT_EQ(present.eol_file_content, "");
  EXPECT_TRUE(present.eol_file_status.ok()) << present.eol_file_status;

  WriteFile("eol-data.yaml", "[");
  const Observed broken = Look(text, {Stage::kEol}).observed;
  EXPECT_TRUE(absl::IsInvalidArgument(broken.eol_file_status)) << broken.eol_file_status;
  EXPECT_THAT(std::string(broken.eol_file_status.message()), HasSubstr("eol-data.yaml:1:"));
}

TEST_F(ObserveUnreadableTest, GitIsAskedOfFilesThatAreCommitted) {
  const std::string text = SyncText({kEntry}) + "status: {output: report.md}\n";
  const std::set<Stage> stages{Stage::kEol, Stage::kStatus};
  git_.differs = {{"eol-data.yaml", true}, {"report.md", absl::UnknownError("broken")}};
  const Observed asked = Look(text, stages).observed;
  EXPECT_EQ(asked.eol_file_uncommitted, absl::StatusOr<bool>(true));
  EXPECT_EQ(asked.status_file_uncommitted.status(), absl::UnknownError("broken"));
  EXPECT_TRUE(asked.eol_file_in_work_tree && asked.status_file_in_work_tree);

  Config uncommitted = ConfigOf(text);
  uncommitted.lifecycle.git.commit = false;
  uncommitted.status.git.commit = false;
  for (const Observed& not_asked :
       {Look(uncommitted, stages).observed, Look(text, {Stage::kSync}).observed}) {
    EXPECT_EQ(not_asked.eol_file_uncommitted, absl::StatusOr<bool>(false));
    EXPECT_EQ(not_asked.status_file_uncommitted, absl::StatusOr<bool>(false));
  }
}

TEST_F(ObserveUnreadableTest, WhatGitDoesNotKnowIsEmpty) {
  const Observed known = Look(SyncText({kEntry}), {Stage::kEol}).observed;
  EXPECT_TRUE(known.eol_file_in_work_tree);
  EXPECT_EQ(known.git_commit, "c0ffee");
  git_.commit = absl::NotFoundError("no commit yet");
  const Observed none = Look(SyncText({kEntry}), {Stage::kEol}).observed;
  EXPECT_THAT(none.git_commit, IsEmpty());
  EXPECT_TRUE(none.git_commit_status.ok());
}

TEST_F(ObserveUnreadableTest, ACommitThatGitDoesNotTellIsNotNone) {
  git_.commit = absl::FailedPreconditionError("git doesn't use this repository");
  EXPECT_EQ(Look(SyncText({kEntry}), {Stage::kEol}).observed.git_commit_status,
            git_.commit.status());
}

}  // namespace
}  // namespace imglife
