// What is asked, and what isn't.
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "gmock/gmock.h"

#include "tests/engine/observe/observe_fixture.h"

namespace imglife {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::set<Stage> kAllStages = {Stage::kSync, Stage::kBuild, Stage::kEol, Stage::kStatus,
                                    Stage::kCleanup};

TestImage LabelledImage(const std::string& name) {
  return MakeImage({.name = name, .labels = {{"name", name}}});
}

// One tag mirrored, one image built, a retention, a product, and an output.
class ObserveStagesTest : public ObserveTest {
 protected:
  ObserveStagesTest() {
    registry_.AddImage(kSource, "3.1", LabelledImage("alpine"));
    registry_.AddImage(kMirror, "3.1", LabelledImage("alpine"));
    registry_.AddImage(kApp, "3.1-core1", LabelledImage("app"));
    WriteFile("f/Dockerfile.tmpl", "FROM {{.BaseImage}}");
    eol_.products["alpine-linux"] = {{.cycle = "3.1"}};
  }

  static std::string Text() {
    return SyncText({kEntry + ", lifecycle: {product: alpine-linux}"}) +
           BuildText({"name: app, folder: f, type: core, sbom: true, "
                      "mirror_image: r.test/mirrors/alpine"}) +
           "retention: {max_age_days: 1}\nstatus: {output: report.md}\n";
  }

  const std::string alpine_ = LabelledImage("alpine").manifest.digest.str();
  const std::vector<std::string> lists_ = {"ListTags docker.io/library/alpine",
                                           "ListTags r.test/bases/app",
                                           "ListTags r.test/mirrors/alpine"};
};

TEST_F(ObserveStagesTest, EolAsksNoRegistry) {
  const Observation seen = Look(Text(), {Stage::kEol});
  EXPECT_THAT(Asked(), IsEmpty());
  EXPECT_THAT(eol_.asked, ElementsAre("alpine-linux"));
  EXPECT_EQ(seen.observed.eol.at("alpine-linux")->front().cycle, "3.1");
  EXPECT_THAT(builder_asked_, IsEmpty());
  EXPECT_THAT(seen.observed.contexts, IsEmpty());
}

TEST_F(ObserveStagesTest, SyncAsksForListsAndNothingElse) {
  const Observation seen = Look(Text(), {Stage::kSync});
  EXPECT_EQ(Asked(), lists_);
  EXPECT_THAT(eol_.asked, IsEmpty());
  EXPECT_THAT(builder_asked_, IsEmpty());
  EXPECT_THAT(seen.observed.contexts, IsEmpty());
  EXPECT_THAT(seen.observed.eol, IsEmpty());
}

TEST_F(ObserveStagesTest, BuildAsksForItsImagesTheirBasesTheirFilesAndTheBuilder) {
  const Observation seen = Look(Text(), {Stage::kBuild});
  EXPECT_THAT(Asked(), Contains("GetManifest r.test/bases/app 3.1-core1"));
  EXPECT_THAT(Asked(), Contains("Resolve r.test/mirrors/alpine 3.1"));
  EXPECT_EQ(registry_.CountCalls("GetBlob", "r.test/bases/app"), 1u);
  EXPECT_EQ(Asked().size(), lists_.size() + 3);
  EXPECT_EQ(seen.observed.FindImage(kApp, "3.1-core1")->Label("name"), "app");
  EXPECT_EQ(seen.observed.DigestOf(kMirror, "3.1").str(), alpine_);
  EXPECT_EQ(seen.observed.contexts.at(0)->dockerfile_template, "FROM {{.BaseImage}}");
  EXPECT_EQ(seen.observed.contexts.at(0)->files.size(), 1u);
  ASSERT_EQ(builder_asked_.size(), 1u);
  EXPECT_TRUE(builder_asked_[0].sbom);
  EXPECT_FALSE(builder_asked_[0].several_platforms);
  EXPECT_THAT(eol_.asked, IsEmpty());
}

TEST_F(ObserveStagesTest, CleanupReadsEveryTagThatItMayDelete) {
  registry_.AddImage(kApp, "old", LabelledImage("old"));
  registry_.AddImage(kSource, "3.2", LabelledImage("not mirrored yet"));
  const Observation seen = Look(Text(), {Stage::kCleanup});
  EXPECT_EQ(registry_.CountCalls("ListTags"), 3u);
  EXPECT_EQ(registry_.CountCalls("GetManifest", "r.test/bases/app"), 2u);
  EXPECT_EQ(registry_.CountCalls("GetManifest", "r.test/mirrors/alpine"), 1u);
  EXPECT_EQ(registry_.CountCalls("GetBlob"), 3u);
  EXPECT_EQ(registry_.CountCalls("ListRepositories", "r.test/bases"), 1u);
  EXPECT_EQ(registry_.CountCalls("DescribeTags"), 2u) << "when their tags were pushed";
  EXPECT_EQ(Asked().size(), 12u);
  EXPECT_EQ(seen.observed.FindImage(kApp, "old")->Label("name"), "old");
  EXPECT_THAT(eol_.asked, IsEmpty());
  EXPECT_THAT(builder_asked_, IsEmpty());
}

TEST_F(ObserveStagesTest, ARegistryThatDoesNotTellItsRepositoriesIsReadable) {
  registry_.Inject({.method = "ListRepositories", .status = absl::UnimplementedError("403")});
  const Observation seen = Look(Text(), {Stage::kCleanup});
  EXPECT_TRUE(seen.observed.orphans_status.ok());
  EXPECT_EQ(seen.observed.orphans_untold.message(), "403");
}

TEST_F(ObserveStagesTest, ACatalogThatLacksWhatIsThereDoesNotTell) {
  registry_.AddImage(kApp, "1", LabelledImage("there"));
  registry_.HideFromCatalog(kApp);
  const Observation seen = Look(Text(), {Stage::kCleanup});
  EXPECT_TRUE(seen.observed.orphans_status.ok());
  EXPECT_EQ(seen.observed.orphans_untold.message(),
            "its catalog lacks r.test/bases/app, which has tags");
}

TEST_F(ObserveStagesTest, AllTogetherAskEachQuestionOnce) {
  Look(Text(), kAllStages);
  const std::vector<std::string> asked = Asked();
  EXPECT_EQ(std::set<std::string>(asked.begin(), asked.end()).size(), asked.size());
  EXPECT_EQ(asked.size(), lists_.size() + 7);
  EXPECT_THAT(eol_.asked, ElementsAre("alpine-linux"));
}

TEST_F(ObserveStagesTest, ATagWhoseImageIsReadIsNotAskedForItsDigestToo) {
  registry_.Inject({.method = "GetManifest", .repository = kMirror.ToString(), .argument = "3.1"});
  const Observation seen = Look(Text(), {Stage::kBuild, Stage::kCleanup});
  EXPECT_EQ(registry_.CountCalls("Resolve"), 0u);
  EXPECT_FALSE(seen.observed.repositories.at(kMirror).resolved.at("3.1").ok());
}

TEST_F(ObserveTest, AMirrorThatIsUpToDateCostsOneListOnEachSide) {
  for (int i = 1; i <= 30; ++i) {
    const std::string tag = "3." + std::to_string(i);
    registry_.AddImage(kSource, tag, LabelledImage(tag));
    registry_.AddImage(kMirror, tag, LabelledImage(tag));
  }
  Look(SyncText({kEntry + ", keep_last: 20", kEntry, kEntry + ", exclude: ['9']"}), kAllStages);
  EXPECT_THAT(Asked(),
              ElementsAre("ListTags docker.io/library/alpine", "ListTags r.test/mirrors/alpine"));
}

// Where all who are expected must be at once.
class Meeting {
 public:
  explicit Meeting(int expected) : missing_(expected) {}

  // Waits for all, though not for ever.
  void Join() {
    std::unique_lock lock(mutex_);
    --missing_;
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(20), [this] { return missing_ <= 0; });
    if (missing_ > 0) ++left_alone_;
  }

  int left_alone() {
    const std::lock_guard lock(mutex_);
    return left_alone_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int missing_;
  int left_alone_ = 0;
};

TEST_F(ObserveTest, QuestionsThatDependOnNothingAreInFlightTogether) {
  constexpr int kTags = 4;
  for (int i = 1; i <= kTags; ++i) {
    const std::string tag = "3." + std::to_string(i);
    registry_.AddImage(kSource, tag, LabelledImage("new " + tag));
    registry_.AddImage(kMirror, tag, LabelledImage(tag));
  }
  Meeting lists(2);
  Meeting digests(2 * kTags);
  registry_.OnCall([&](const RegistryCall& call) {
    if (call.method == "ListTags") lists.Join();
    if (call.method == "Resolve") digests.Join();
  });
  Look(SyncText({kEntry + ", check_digest: true"}), {Stage::kSync});
  EXPECT_EQ(registry_.CountCalls("Resolve"), std::size_t{2 * kTags});
  EXPECT_EQ(lists.left_alone(), 0);
  EXPECT_EQ(digests.left_alone(), 0);
}

TEST_F(ObserveTest, AMissingTagIsReadAtItsSourceWithoutConfigs) {
  registry_.AddImage(kSource, "3.1", LabelledImage("old"));
  registry_.AddImage(kSource, "3.2", LabelledImage("new"));
  registry_.AddImage(kMirror, "3.1", LabelledImage("old"));
  const Observation seen = Look(SyncText({kEntry}), {Stage::kSync});
  EXPECT_THAT(Asked(),
              ElementsAre("GetManifest docker.io/library/alpine 3.2",
                          "ListTags docker.io/library/alpine", "ListTags r.test/mirrors/alpine"));
  const ObservedImage* image = seen.observed.FindImage(kSource, "3.2");
  ASSERT_NE(image, nullptr);
  EXPECT_EQ(image->digest, LabelledImage("new").manifest.digest);
  EXPECT_THAT(seen.observed.FindRepository(kMirror)->tags, ElementsAre("3.1"));
  EXPECT_EQ(seen.observed.FindRepository(kSource), nullptr);
}

TEST_F(ObserveTest, AMirrorThatDoesNotExistIsAskedForNothing) {
  registry_.AddImage(kSource, "3.1", LabelledImage("a"));
  const Observation seen = Look(SyncText({kEntry}), {Stage::kSync});
  EXPECT_FALSE(seen.observed.FindRepository(kMirror)->exists);
  EXPECT_NE(seen.observed.FindImage(kSource, "3.1"), nullptr);
}

TEST_F(ObserveTest, ABaseThatIsNotManagedIsAskedForOneTag) {
  WriteFile("f/Dockerfile.tmpl", "FROM {{.BaseImage}}");
  const Repository base = MakeRepository("ghcr.io/o/base");
  registry_.AddImage(base, "7", LabelledImage("base"));
  const Observation seen =
      Look(BuildText({"name: app, folder: f, type: core, mirror_image: ghcr.io/o/base, "
                      "mirror_tag: 7"}),
           {Stage::kBuild});
  EXPECT_THAT(Asked(), ElementsAre("ListTags r.test/bases/app", "Resolve ghcr.io/o/base 7"));
  EXPECT_EQ(seen.observed.DigestOf(base, "7"), LabelledImage("base").manifest.digest);
  EXPECT_EQ(seen.observed.FindRepository(base), nullptr);
  EXPECT_THAT(builder_asked_, IsEmpty()) << "no image asks for an SBOM";
}

}  // namespace
}  // namespace imglife
