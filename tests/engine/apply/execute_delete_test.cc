#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/apply/archive_note.h"
#include "engine/apply/executors.h"
#include "tests/engine/apply/memory_journal.h"
#include "tests/engine/apply/repositories.h"
#include "tests/engine/plan/plan_maker.h"
#include "tests/support/fake_registry.h"
#include "tests/support/image_maker.h"
#include "tests/support/odd_images.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FixedClock : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(1'780'000'000); }
  absl::Time PolicyNow() const override { return Now(); }
};

class ExecuteDeleteTest : public ::testing::Test {
 protected:
  ActionResult Delete(const std::string& tag, const Digest& planned) {
    const auto memo = MakeRegistryMemo(world_);
    RepositoryUses uses(*memo);
    return Delete(tag, planned, uses);
  }

  ActionResult Delete(const std::string& tag, const Digest& planned, RepositoryUses& uses) {
    const auto memo = MakeRegistryMemo(world_);
    World world;
    world.clock = &clock_;
    ExecutionContext context;
    context.registry = memo.get();
    context.world = &world;
    context.journal = &journal_;
    context.uses = &uses;
    context.dry_run = dry_run_;
    context.stop = &stop_;
    context.may_begin = [this](ActionKind) { return may_begin_; };
    context.config = &config_;
    Action action = MakeDelete("r.test/mirrors/alpine:" + tag);
    action.before = planned.str();
    action.removal = removal_;
    action.removal.archived = archived_;
    plan_.actions = others_;
    plan_.actions.push_back(action);
    const MinKeep min_keep(plan_, config_);
    context.min_keep = &min_keep;
    const PlannedRemovals removals(plan_);
    context.planned_removals = &removals;
    return ExecuteDelete(action, context);
  }

  FakeRegistry world_;
  FixedClock clock_;
  MemoryJournal journal_{world_};
  bool dry_run_ = false;
  Reference archived_;
  DeleteWork removal_{.way = DeleteWork::Way::kManifest};
  Config config_;
  Plan plan_;
  std::vector<Action> others_;  // of the plan
  std::atomic<bool> stop_{false};
  bool may_begin_ = true;
};

TEST_F(ExecuteDeleteTest, RemovesTheManifestThatNothingElseUses) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_FALSE(world_.HasManifest(kTarget, image.manifest.digest));
  EXPECT_EQ(journal_.done, 1);
}

TEST_F(ExecuteDeleteTest, RemovesOnlyTheTagOfASharedDigest) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, "stable", image);
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_EQ(world_.Tags(kTarget),
            (std::map<std::string, Digest>{{"stable", image.manifest.digest}}));
  EXPECT_EQ(world_.CountCalls("DeleteManifest"), 0u);
}

// People have seen that the image stays: what it was shared with may be there all the same.
TEST_F(ExecuteDeleteTest, OfATagThatGoesAloneTheImageStays) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  removal_.way = DeleteWork::Way::kUntag;
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_THAT(world_.Tags(kTarget), testing::IsEmpty());
  EXPECT_TRUE(world_.HasManifest(kTarget, image.manifest.digest));
}

// Which one that is depends on what else they wait for.
TEST_F(ExecuteDeleteTest, OfTagsThatAllGoTheLastOneTakesTheImage) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  Action other = MakeDelete("r.test/mirrors/alpine:2");
  other.before = image.manifest.digest.str();
  other.removal.way = DeleteWork::Way::kManifest;
  others_ = {other};
  removal_.way = DeleteWork::Way::kUntag;
  removal_.siblings = {"2"};
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_FALSE(world_.HasManifest(kTarget, image.manifest.digest));
}

// docker-registry 2.8 deletes all tags of a digest, also one that was moved there just before.
TEST_F(ExecuteDeleteTest, ATagThatWentWithItIsAFailure) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, "stable", MakeImage({.name = "b"}));
  world_.OnCall([&](const RegistryCall& call) {
    if (call.method == "DeleteManifest") world_.AddImage(kTarget, "stable", image);
  });
  const ActionResult result = Delete("1", image.manifest.digest);
  EXPECT_EQ(result.state, ResultState::kFailed);
  EXPECT_THAT(result.message, HasSubstr("r.test/mirrors/alpine:stable is gone after"));
}

TEST_F(ExecuteDeleteTest, LeavesTheChildOfAnIndexAlone) {
  IndexSpec spec;
  spec.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}};
  const TestImage index = MakeIndex(spec);
  const TestImage child = MakeImage(spec.images[0]);
  ASSERT_EQ(child.manifest.digest, index.children[0].digest);
  world_.AddImage(kTarget, "multi", index);
  world_.AddImage(kTarget, "amd64", child);
  EXPECT_EQ(Delete("amd64", child.manifest.digest).state, ResultState::kOk);
  EXPECT_TRUE(world_.HasManifest(kTarget, child.manifest.digest));
  EXPECT_EQ(world_.Tags(kTarget).count("amd64"), 0u);
}

TEST_F(ExecuteDeleteTest, ATagThatMovedIsNotTouched) {
  const TestImage planned = MakeImage({.name = "planned"});
  const TestImage now = MakeImage({.name = "now"});
  world_.AddImage(kTarget, "1", now);
  const ActionResult result = Delete("1", planned.manifest.digest);
  EXPECT_EQ(result.state, ResultState::kBlocked);
  EXPECT_THAT(result.message, HasSubstr("plan again"));
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, WhatIsGoneAlreadyIsSatisfied) {
  world_.AddRepository(kTarget);
  EXPECT_EQ(Delete("1", MakeImage({.name = "a"}).manifest.digest).state, ResultState::kSatisfied);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, WhatCannotBeReadIsNotDeleted) {
  for (const char* method : {"ListTags", "Resolve", "GetManifest"}) {
    const TestImage image = MakeImage({.name = "a"});
    world_.AddImage(kTarget, "1", image);
    world_.AddImage(kTarget, "2", MakeImage({.name = "b"}));
    world_.Inject({.method = method, .times = 100});
    EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kFailed) << method;
    EXPECT_THAT(world_.Writes(), IsEmpty()) << method;
  }
}

TEST_F(ExecuteDeleteTest, AnUnreadableNeighbourBlocksToo) {
  const TestImage image = MakeImage({.name = "a"});
  const TestImage neighbour = MakeImage({.name = "b"});
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, "2", neighbour);
  world_.Inject(
      {.method = "GetManifest", .argument = neighbour.manifest.digest.str(), .times = 100});
  world_.Inject({.method = "GetManifest", .argument = "2", .times = 100});
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kFailed);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, IsJournaledBeforeItHappens) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  Delete("1", image.manifest.digest);
  EXPECT_EQ(journal_.writes_before_intent, 0u);
  EXPECT_THAT(journal_.kept, ::testing::Contains(image.manifest.digest));
}

TEST_F(ExecuteDeleteTest, WithoutAJournalNothingHappens) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  journal_.intent_status = absl::UnavailableError("disk full");
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kFailed);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, ADryRunOnlyLooks) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  dry_run_ = true;
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, WhereNoTagCanBeRemovedASharedDigestStays) {
  world_.SetCapabilities({.deletes_manifests = true, .untag = UntagMethod::kNone});
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, "stable", image);
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kBlocked);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, ASiblingThatIsGoneAfterwardsIsAFailure) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, "stable", image);
  world_.OnCall([this](const RegistryCall& call) {
    if (call.method == "Untag") world_.RemoveTag(kTarget, "stable");
  });
  const ActionResult result = Delete("1", image.manifest.digest);
  EXPECT_EQ(result.state, ResultState::kFailed);
  EXPECT_THAT(result.message, HasSubstr("stable"));
}

// `image` with `subject` as its subject.
TestImage Referrer(const std::string& name, const TestImage& subject) {
  ImageSpec spec;
  spec.name = name;
  spec.subject.emplace();
  spec.subject->media_type = subject.manifest.media_type;
  spec.subject->digest = subject.manifest.digest;
  spec.subject->size = static_cast<std::int64_t>(subject.manifest.content.size());
  return MakeImage(spec);
}

TEST_F(ExecuteDeleteTest, WhatAKeptReferrersSubjectConsistsOfStays) {
  IndexSpec whole;
  whole.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}};
  const TestImage subject = MakeIndex(whole);
  IndexSpec part;
  part.images = {whole.images[0]};
  const TestImage other = MakeIndex(part);
  world_.AddImage(kTarget, "subject", subject);
  world_.AddImage(kTarget, "sbom", Referrer("sbom", subject));
  world_.RemoveTag(kTarget, "subject");
  world_.AddImage(kTarget, "old", other);
  EXPECT_EQ(Delete("old", other.manifest.digest).state, ResultState::kOk);
  EXPECT_FALSE(world_.HasManifest(kTarget, other.manifest.digest));
  EXPECT_TRUE(world_.HasManifest(kTarget, subject.children[0].digest));
}

TEST_F(ExecuteDeleteTest, TheSubjectOfASubjectStays) {
  const TestImage old = MakeImage({.name = "old"});
  const TestImage between = Referrer("between", old);
  world_.AddImage(kTarget, "old", old);
  world_.AddImage(kTarget, "between", between);
  world_.AddImage(kTarget, "sbom", Referrer("sbom", between));
  world_.RemoveTag(kTarget, "between");
  EXPECT_EQ(Delete("old", old.manifest.digest).state, ResultState::kOk);
  EXPECT_EQ(world_.Tags(kTarget).count("old"), 0u);
  EXPECT_TRUE(world_.HasManifest(kTarget, old.manifest.digest));
}

TEST_F(ExecuteDeleteTest, APlaceholderInItsPlaceIsRemoved) {
  const TestImage placeholder = MakePlaceholderImage("1");
  world_.AddImage(kTarget, "1", placeholder);
  EXPECT_EQ(Delete("1", MakeImage({.name = "a"}).manifest.digest).state, ResultState::kOk);
  EXPECT_THAT(world_.Tags(kTarget), IsEmpty());
  EXPECT_EQ(journal_.kept, std::vector<Digest>{placeholder.manifest.digest});
}

TEST_F(ExecuteDeleteTest, WhatOnlyLooksLikeAPlaceholderOfTheTagStays) {
  ImageSpec annotated;
  annotated.annotations = {{std::string(annotation::kPlaceholder), "1 x"}};
  for (const TestImage& other : {MakeImage(annotated), MakePlaceholderImage("2")}) {
    world_.AddImage(kTarget, "1", other);
    const ActionResult result = Delete("1", MakeImage({.name = "a"}).manifest.digest);
    EXPECT_EQ(result.state, ResultState::kBlocked);
    EXPECT_EQ(result.guard, "drift");
    EXPECT_THAT(world_.Writes(), IsEmpty());
  }
}

TEST_F(ExecuteDeleteTest, NoPlaceholderGoesOnceTheRunIsAskedToStop) {
  may_begin_ = false;
  world_.AddImage(kTarget, "1", MakePlaceholderImage("1"));
  EXPECT_EQ(Delete("1", MakeImage({.name = "a"}).manifest.digest).state, ResultState::kCancelled);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, NoPlaceholderGoesWhereTheRepositoryCannotBeRead) {
  world_.AddImage(kTarget, "1", MakePlaceholderImage("1"));
  world_.Inject({.method = "ListTags"});
  EXPECT_EQ(Delete("1", MakeImage({.name = "a"}).manifest.digest).state, ResultState::kFailed);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, APlaceholderWithAnotherNameKeepsThatName) {
  const TestImage placeholder = MakePlaceholderImage("1");
  world_.AddImage(kTarget, "1", placeholder);
  world_.AddImage(kTarget, "by-hand", placeholder);
  EXPECT_EQ(Delete("1", MakeImage({.name = "a"}).manifest.digest).state, ResultState::kOk);
  EXPECT_EQ(world_.Tags(kTarget),
            (std::map<std::string, Digest>{{"by-hand", placeholder.manifest.digest}}));
}

// The tag came back while the repository was read.
TEST_F(ExecuteDeleteTest, WhereAPlaceholderWasReplacedWhatIsThereIsJudged) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", MakePlaceholderImage("1"));
  world_.OnCall([&](const RegistryCall& call) {
    if (call.method == "ListTags") world_.AddImage(kTarget, "1", MakeImage({.name = "new"}));
  });
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kBlocked);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, ARegistryThatCantBeAskedIsAFailure) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  world_.Inject({.method = "Probe"});
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kFailed);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, WhatIsNoLongerInTheArchiveStays) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  archived_ = MakeReference("r.test/archive/alpine:1");
  archived_.digest = image.manifest.digest;
  const ActionResult result = Delete("1", image.manifest.digest);
  EXPECT_EQ(result.state, ResultState::kBlocked);
  EXPECT_THAT(result.message, HasSubstr("not in the archive any more"));
  EXPECT_THAT(world_.Writes(), IsEmpty());
  world_.AddImage(archived_.repository, archived_.tag, image);
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
}

TEST_F(ExecuteDeleteTest, WhatIsNotCompleteInTheArchiveStays) {
  const TestImage image =
      MakeIndex({.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}}});
  archived_ = MakeReference("r.test/archive/alpine:1");
  archived_.digest = image.manifest.digest;
  const Digest part = image.children[1].digest;
  const Digest layer = image.blobs.begin()->first;
  for (const Digest& gone : {part, layer}) {
    world_.AddImage(kTarget, "1", image);
    world_.AddImage(archived_.repository, archived_.tag, image);
    world_.RemoveContent(archived_.repository, gone);
    const ActionResult result = Delete("1", image.manifest.digest);
    EXPECT_EQ(result.state, ResultState::kBlocked);
    EXPECT_EQ(result.guard, "drift");
    EXPECT_THAT(result.message, HasSubstr("is not complete: " + gone.str() + " is missing"));
    EXPECT_THAT(world_.Writes(), IsEmpty());
  }
  world_.AddImage(archived_.repository, archived_.tag, image);
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
}

// As by a plan that is applied weeks after it was made.
TEST_F(ExecuteDeleteTest, WhatSoonExpiresInTheArchiveStays) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  archived_ = MakeReference("r.test/archive/alpine:1");
  archived_.digest = image.manifest.digest;
  world_.AddImage(archived_.repository, archived_.tag, image);
  config_.retention.emplace();
  config_.retention->archive.keep_days = 90;
  config_.retention->guard.min_keep = 0;
  const auto note = [&](absl::Duration ago) {
    ManifestCopies manifests;
    const absl::Status noted = NoteArchived(world_, manifests, archived_.repository,
                                            image.ToDescriptor(), clock_.PolicyNow() - ago);
    EXPECT_TRUE(noted.ok()) << noted;
    world_.ForgetCalls();
  };
  note(absl::Hours(49));
  const ActionResult result = Delete("1", image.manifest.digest);
  EXPECT_EQ(result.state, ResultState::kBlocked);
  EXPECT_THAT(result.message, HasSubstr("made 2 days ago, and expires 90 days after that"));
  EXPECT_THAT(world_.Writes(), IsEmpty());
  note(absl::Hours(48));
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
}

TEST_F(ExecuteDeleteTest, WhatWasAttachedAfterItWasArchivedKeepsIt) {
  const TestImage image = MakeImage({.name = "a"});
  archived_ = MakeReference("r.test/archive/alpine:1");
  archived_.digest = image.manifest.digest;
  world_.AddImage(archived_.repository, archived_.tag, image);
  const std::string signature = TagOf(image.manifest.digest, ".sig");
  const std::map<std::string, TestImage> attached = {
      {signature, MakeSignatures({"late"})}, {"sbom", MakeReferrer(image.ToDescriptor(), "late")}};
  for (const auto& [tag, referrer] : attached) {
    // The plan saw it, but not that it isn't archived.
    if (tag == signature) removal_.referrer_tags = {{tag, referrer.manifest.digest}};
    if (tag != signature) removal_.exclusive_referrers = {referrer.manifest.digest};
    world_.AddImage(kTarget, "1", image);
    world_.AddImage(kTarget, tag, referrer);
    if (tag != signature) world_.RemoveTag(kTarget, tag);
    const ActionResult result = Delete("1", image.manifest.digest);
    EXPECT_EQ(result.state, ResultState::kBlocked) << tag;
    EXPECT_EQ(result.guard, "drift");
    EXPECT_THAT(result.message, HasSubstr("not in the archive r.test/archive/alpine; plan again"));
    EXPECT_THAT(world_.Writes(), IsEmpty());
    world_.AddImage(archived_.repository, tag, referrer);
  }
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
}

TEST_F(ExecuteDeleteTest, NothingGoesOnceNoDeletionMayBegin) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  // While the deletion still reads.
  world_.OnCall(
      [&](const RegistryCall& call) { may_begin_ = may_begin_ && call.method != "Probe"; });
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kCancelled);
  EXPECT_THAT(world_.Writes(), IsEmpty());
  EXPECT_EQ(journal_.intents, 0);
}

TEST_F(ExecuteDeleteTest, PartsThatThePlanDoesNotListStay) {
  IndexSpec spec;
  spec.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}};
  const TestImage image = MakeIndex(spec);
  for (const bool listed : {false, true}) {
    world_.AddImage(kTarget, "1", image);
    removal_ = {.way = DeleteWork::Way::kManifest};
    if (listed) removal_.exclusive_children = {image.children[0].digest, image.children[1].digest};
    EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
    EXPECT_EQ(world_.HasManifest(kTarget, image.children[0].digest), !listed);
    EXPECT_FALSE(world_.HasManifest(kTarget, image.manifest.digest));
  }
}

TEST_F(ExecuteDeleteTest, ASignatureGoesIfItIsTheOneOfThePlan) {
  const TestImage image = MakeImage({.name = "a"});
  const TestImage planned = MakeSignatures({"alice"});
  const TestImage replaced = MakeSignatures({"alice", "bob"});
  const std::string tag = TagOf(image.manifest.digest, ".sig");
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, tag, replaced);
  for (const std::vector<TaggedReferrer>& listed :
       {std::vector<TaggedReferrer>{}, {{tag, planned.manifest.digest}}, {{tag, Digest()}}}) {
    removal_.referrer_tags = listed;
    const ActionResult result = Delete("1", image.manifest.digest);
    EXPECT_EQ(result.state, ResultState::kBlocked);
    EXPECT_EQ(result.guard, "drift");
    EXPECT_THAT(result.message, AllOf(HasSubstr(tag), HasSubstr("plan again")));
    EXPECT_THAT(world_.Writes(), IsEmpty());
    EXPECT_EQ(journal_.intents, 0);
  }
  removal_.referrer_tags = {{tag, replaced.manifest.digest}};
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_THAT(world_.Tags(kTarget), IsEmpty());
  EXPECT_FALSE(world_.HasManifest(kTarget, replaced.manifest.digest));
  EXPECT_THAT(journal_.kept, ::testing::Contains(replaced.manifest.digest));
}

// What the tags of a repository name is asked every few seconds only.
TEST_F(ExecuteDeleteTest, ASignatureThatIsReplacedWhileTheRepositoryIsReadKeepsTheImage) {
  const TestImage image = MakeImage({.name = "a"});
  const TestImage planned = MakeSignatures({"alice"});
  const TestImage replaced = MakeSignatures({"alice", "bob"});
  const std::string tag = TagOf(image.manifest.digest, ".sig");
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, tag, planned);
  removal_.referrer_tags = {{tag, planned.manifest.digest}};
  world_.OnCall([&](const RegistryCall& call) {
    if (call.method == "GetManifest") world_.AddImage(kTarget, tag, replaced);
  });
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kBlocked);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, WhatRefersToItSinceThePlanKeepsIt) {
  const TestImage image = MakeImage({.name = "a"});
  const TestImage sbom = MakeReferrer(image.ToDescriptor(), "since");
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, "sbom", sbom);
  world_.RemoveTag(kTarget, "sbom");
  const ActionResult result = Delete("1", image.manifest.digest);
  EXPECT_EQ(result.guard, "drift");
  EXPECT_THAT(result.message, HasSubstr(sbom.manifest.digest.Short()));
  EXPECT_THAT(world_.Writes(), IsEmpty());
  removal_.exclusive_referrers = {sbom.manifest.digest};
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_FALSE(world_.HasManifest(kTarget, sbom.manifest.digest));
}

// Where only the name goes nothing of it does, whatever came since.
TEST_F(ExecuteDeleteTest, ANewSignatureOfASharedDigestKeepsNoName) {
  const TestImage image = MakeImage({.name = "a"});
  const std::string tag = TagOf(image.manifest.digest, ".sig");
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, "stable", image);
  world_.AddImage(kTarget, tag, MakeSignatures({"since"}));
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_EQ(world_.Tags(kTarget).count(tag), 1u);
  EXPECT_EQ(world_.Tags(kTarget).count("stable"), 1u);
}

TEST_F(ExecuteDeleteTest, WhatRefersToAPartGoesIfThePlanListsIt) {
  const TestImage image =
      MakeIndex({.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}}});
  const TestImage sbom = Referrer("sbom", MakeImage({.name = "amd"}));
  const TestImage seal = Referrer("seal", sbom);
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, "", sbom);
  world_.AddImage(kTarget, "", seal);
  removal_.exclusive_children = {image.children[0].digest, image.children[1].digest};
  const ActionResult blocked = Delete("1", image.manifest.digest);
  EXPECT_EQ(blocked.guard, "drift");
  EXPECT_THAT(blocked.message, AllOf(HasSubstr("refers to it"), HasSubstr("plan again")));
  EXPECT_THAT(world_.Writes(), IsEmpty());
  removal_.exclusive_referrers = {sbom.manifest.digest, seal.manifest.digest};
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  for (const Digest& digest :
       {image.manifest.digest, image.children[0].digest, image.children[1].digest,
        sbom.manifest.digest, seal.manifest.digest}) {
    EXPECT_FALSE(world_.HasManifest(kTarget, digest));
    EXPECT_THAT(journal_.kept, ::testing::Contains(digest));
  }
}

TEST_F(ExecuteDeleteTest, APartToWhichSomethingRefersThatCannotBeReadStays) {
  const TestImage image = MakeNest(1);
  const TestImage part = MakeImage({.name = "innermost"});
  ASSERT_EQ(part.manifest.digest, image.children[0].digest);
  const TestImage list =
      MakeIndex({.images = {{.name = "signature", .subject = part.ToDescriptor()}}});
  const TestImage artifact = MakeOldArtifact("scan");
  const std::string tag = TagOf(part.manifest.digest);
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, tag, list);
  world_.AddImage(kTarget, "", artifact);
  world_.ListAlso(part.manifest.digest, {artifact.ToDescriptor()});
  removal_.exclusive_children = {part.manifest.digest};
  removal_.exclusive_referrers = {list.children[0].digest};
  removal_.referrer_tags = {{tag, list.manifest.digest}};
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_FALSE(world_.HasManifest(kTarget, image.manifest.digest));
  EXPECT_TRUE(world_.HasManifest(kTarget, part.manifest.digest));
  EXPECT_TRUE(world_.HasManifest(kTarget, list.children[0].digest));
  EXPECT_EQ(world_.Tags(kTarget).count(tag), 1u);
}

// An index within the index, which wasn't there when the plan was made.
TEST_F(ExecuteDeleteTest, APartThatStaysKeepsItsOwnParts) {
  const TestImage outer = MakeNest(2);
  const TestImage inner = MakeNest(1);
  const Digest image = inner.children[0].digest;
  world_.AddImage(kTarget, "1", outer);
  removal_.exclusive_children = {image};
  EXPECT_EQ(Delete("1", outer.manifest.digest).state, ResultState::kOk);
  EXPECT_FALSE(world_.HasManifest(kTarget, outer.manifest.digest));
  EXPECT_TRUE(world_.HasManifest(kTarget, inner.manifest.digest));
  EXPECT_TRUE(world_.HasManifest(kTarget, image));
}

TEST_F(ExecuteDeleteTest, MinKeepIsJudgedByTheTagsThatThereAreNow) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  config_.retention.emplace();
  config_.retention->guard.min_keep = 1;
  // When the plan was made there was another one.
  plan_.observed["r.test/mirrors/alpine"].tags = {{"1", ""}, {"2", ""}};
  const ActionResult result = Delete("1", image.manifest.digest);
  EXPECT_EQ(result.state, ResultState::kBlocked);
  EXPECT_EQ(result.guard, "min_keep");
  EXPECT_THAT(world_.Writes(), IsEmpty());
  // A plan that saw that it would leave none was let do so.
  plan_.observed["r.test/mirrors/alpine"].tags = {{"1", ""}};
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
}

TEST_F(ExecuteDeleteTest, ATagThatIsListedWithoutAManifestIsUnreadable) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, "ahead", MakeImage({.name = "b"}));
  world_.Inject({.method = "Resolve",
                 .argument = "ahead",
                 .times = 100,
                 .status = absl::NotFoundError("not on this replica")});
  const ActionResult result = Delete("1", image.manifest.digest);
  EXPECT_EQ(result.state, ResultState::kFailed);
  EXPECT_THAT(result.message, HasSubstr("ahead is listed"));
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, ATagThatWentBetweenListAndLookIsGone) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, "2", MakeImage({.name = "b"}));
  world_.OnCall([this](const RegistryCall& call) {
    if (call.method == "Resolve" && call.argument == "2") world_.RemoveTag(kTarget, "2");
  });
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
}

// By another run of the same plan.
TEST_F(ExecuteDeleteTest, WhatGoesMeanwhileIsSatisfied) {
  const TestImage image = MakeImage({.name = "a"});
  // While the repository is read, while the registry is asked what it can, and while it deletes.
  for (const char* method : {"ListTags", "ListReferrers", "Probe", "DeleteManifest"}) {
    world_.AddImage(kTarget, "1", image);
    world_.Inject({.method = method, .status = absl::UnavailableError("in between")});
    world_.OnCall([&](const RegistryCall& call) {
      if (call.method == method) world_.RemoveTag(kTarget, "1");
    });
    EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kSatisfied) << method;
    world_.OnCall(nullptr);
  }
  EXPECT_EQ(journal_.failed, 0);
}

TEST_F(ExecuteDeleteTest, APartThatStaysIsAFailureThoughTheTagIsGone) {
  const TestImage index = MakeIndex({.images = {{.name = "a"}, {.name = "b"}}});
  world_.AddImage(kTarget, "1", index);
  removal_.exclusive_children = {index.children[0].digest, index.children[1].digest};
  world_.Inject({.method = "DeleteManifest",
                 .argument = index.children[1].digest.str(),
                 .times = 100,
                 .status = absl::PermissionDeniedError("locked")});
  EXPECT_EQ(Delete("1", index.manifest.digest).state, ResultState::kFailed);
  EXPECT_THAT(world_.Tags(kTarget), IsEmpty());
}

// Whoever accepts a deletion and carries it out later, or never.
TEST_F(ExecuteDeleteTest, WhileTheImageIsThereItsPartsStay) {
  const TestImage index = MakeIndex({.images = {{.name = "a"}, {.name = "b"}}});
  world_.AddImage(kTarget, "1", index);
  removal_.exclusive_children = {index.children[0].digest, index.children[1].digest};
  bool accepted = false;
  world_.OnCall([&](const RegistryCall& call) {
    if (call.method == "Resolve" && accepted) world_.AddImage(kTarget, "1", index);
    accepted = accepted || call.method == "DeleteManifest";
  });
  const ActionResult result = Delete("1", index.manifest.digest);
  EXPECT_EQ(result.state, ResultState::kFailed);
  EXPECT_THAT(result.message, HasSubstr("is still there, though the registry accepted"));
  EXPECT_EQ(world_.CountCalls("DeleteManifest"), 1u);
}

// What the first one still needs isn't the second one's alone.
TEST_F(ExecuteDeleteTest, AnImageThatStaysInSpiteOfItsDeletionKeepsItsPartsFromOthersToo) {
  const ImageSpec shared = {.name = "shared"};
  const TestImage first = MakeIndex({.images = {shared, {.name = "a"}}});
  const TestImage second = MakeIndex({.images = {shared, {.name = "b"}}});
  world_.AddImage(kTarget, "1", first);
  world_.AddImage(kTarget, "2", second);
  Action other = MakeDelete("r.test/mirrors/alpine:2");
  other.before = second.manifest.digest.str();
  other.removal = {.way = DeleteWork::Way::kManifest,
                   .exclusive_children = {second.children[0].digest, second.children[1].digest}};
  others_ = {other};
  removal_.exclusive_children = {first.children[0].digest, first.children[1].digest};
  bool accepted = false;
  world_.OnCall([&](const RegistryCall& call) {
    if (call.method == "Resolve" && accepted) world_.AddImage(kTarget, "1", first);
    accepted = accepted ||
               (call.method == "DeleteManifest" && call.argument == first.manifest.digest.str());
  });
  const auto memo = MakeRegistryMemo(world_);
  RepositoryUses uses(*memo);
  EXPECT_EQ(Delete("1", first.manifest.digest, uses).state, ResultState::kFailed);
  removal_ = other.removal;
  EXPECT_EQ(Delete("2", second.manifest.digest, uses).state, ResultState::kOk);
  EXPECT_TRUE(world_.HasManifest(kTarget, first.children[0].digest));
  EXPECT_FALSE(world_.HasManifest(kTarget, second.children[1].digest));
}

// Quay collects what only a deleted index had by itself.
TEST_F(ExecuteDeleteTest, APartThatIsGoneAlreadyIsGone) {
  const TestImage index = MakeIndex({.images = {{.name = "a"}, {.name = "b"}}});
  world_.AddImage(kTarget, "1", index);
  removal_.exclusive_children = {index.children[0].digest, index.children[1].digest};
  world_.Inject({.method = "DeleteManifest",
                 .argument = index.children[0].digest.str(),
                 .times = 1,
                 .status = absl::NotFoundError("collected")});
  EXPECT_EQ(Delete("1", index.manifest.digest).state, ResultState::kOk);
  EXPECT_FALSE(world_.HasManifest(kTarget, index.children[1].digest));
}

// Each run puts one in the place of the tag, and may find the other's after it has deleted its own.
TEST_F(ExecuteDeleteTest, APlaceholderOfAnotherRunGoesToo) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, "stable", image);
  bool is_removed = false;
  world_.OnCall([&](const RegistryCall& call) {
    if (is_removed && call.method == "Resolve") {
      world_.AddImage(kTarget, "1", MakePlaceholderImage("1"));
      is_removed = false;
    }
    is_removed = is_removed || call.method == "Untag";
  });
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kSatisfied);
  EXPECT_EQ(world_.Tags(kTarget),
            (std::map<std::string, Digest>{{"stable", image.manifest.digest}}));
}

TEST_F(ExecuteDeleteTest, WhereATaggedDigestIsRefusedTheTagGoesFirst) {
  world_.SetCapabilities({.deletes_manifests = true, .untag = UntagMethod::kTag});
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  world_.Inject(
      {.method = "DeleteManifest", .status = absl::FailedPreconditionError("DANGLING_TAG")});
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_THAT(world_.Tags(kTarget), IsEmpty());
  EXPECT_FALSE(world_.HasManifest(kTarget, image.manifest.digest));
}

TEST_F(ExecuteDeleteTest, ANameThatComesBackAfterItsPlaceholderIsNoSuccess) {
  const TestImage placeholder = MakePlaceholderImage("1");
  world_.AddImage(kTarget, "1", placeholder);
  bool is_deleted = false;
  world_.OnCall([&](const RegistryCall& call) {
    if (is_deleted && call.method == "Resolve")
      world_.AddImage(kTarget, "1", MakeImage({.name = "other"}));
    is_deleted = is_deleted || call.method == "DeleteManifest";
  });
  EXPECT_EQ(Delete("1", MakeImage({.name = "a"}).manifest.digest).state, ResultState::kFailed);
}

TEST_F(ExecuteDeleteTest, AnArchiveThatIsTheRepositoryItselfKeepsTheTag) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  archived_ = MakeReference("other-name.test/mirrors/alpine:1");
  archived_.digest = image.manifest.digest;
  world_.AddImage(archived_.repository, "1", image);
  Descriptor subject;
  subject.media_type = image.manifest.media_type;
  subject.digest = image.manifest.digest;
  subject.size = static_cast<std::int64_t>(image.manifest.content.size());
  ManifestCopies manifests;
  ASSERT_TRUE(NoteArchived(world_, manifests, kTarget, subject, absl::UnixEpoch()).ok());
  world_.ForgetCalls();
  const ActionResult result = Delete("1", image.manifest.digest);
  EXPECT_EQ(result.state, ResultState::kBlocked);
  EXPECT_THAT(result.message, HasSubstr("under another name"));
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, AnArchiveCopyThatGoesTooIsSaidLoudly) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  archived_ = MakeReference("r.test/archive/alpine:1");
  archived_.digest = image.manifest.digest;
  world_.AddImage(archived_.repository, "1", image);
  world_.OnCall([this](const RegistryCall& call) {
    if (call.method == "DeleteManifest") world_.RemoveTag(archived_.repository, "1");
  });
  const ActionResult result = Delete("1", image.manifest.digest);
  EXPECT_EQ(result.state, ResultState::kFailed);
  EXPECT_THAT(result.message, HasSubstr("the archive copy"));
}

TEST_F(ExecuteDeleteTest, ASiblingOfThePlanThatIsOneAgainKeepsTheManifest) {
  const TestImage image = MakeImage({.name = "a"});
  world_.AddImage(kTarget, "1", image);
  world_.AddImage(kTarget, "2", MakeImage({.name = "b"}));
  removal_.siblings = {"2"};
  // After the repository was read.
  world_.OnCall([&](const RegistryCall& call) {
    if (call.method == "GetManifest") world_.AddImage(kTarget, "2", image);
  });
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_TRUE(world_.HasManifest(kTarget, image.manifest.digest));
}

}  // namespace
}  // namespace imglife
