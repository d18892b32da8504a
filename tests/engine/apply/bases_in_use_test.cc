// As a plan would keep them: by all that an image may say of its base.
#include "engine/apply/bases_in_use.h"

#include <atomic>
#include <chrono>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/plan/plan_maker.h"
#include "tests/support/fake_registry.h"
#include "tests/support/image_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kName = "org.opencontainers.image.base.name";
constexpr const char* kDigest = "org.opencontainers.image.base.digest";

TestImage Index(const std::string& name) {
  return MakeIndex(
      {.images = {{.name = name + " amd"}, {.name = name + " arm", .platform = "linux/arm64"}}});
}

// The plan deletes 127.0.0.1:5000/m:1, :2, :latest and an archived a.io/old/m:3; images are built
// to 127.0.0.1:5000/bases/app.
class BasesInUseTest : public ::testing::Test {
 protected:
  BasesInUseTest() {
    config_.sync = SyncSection{};
    config_.sync->entries.resize(1);
    config_.sync->entries[0].target = Repository{{}, "127.0.0.1:5000", "m"};
    config_.build = BuildSection{};
    config_.build->registry = Repository{{}, "127.0.0.1:5000", "bases"};
    config_.build->images.resize(1);
    config_.build->images[0].name = "app";
    config_.retention = Retention{};
    config_.retention->archive.enabled = true;
    config_.retention->archive.registry = Repository{{}, "a.io", "old"};
    world_.servers =
        RegistryServers({{EndpointVariable("cache.io"), ServerName("127.0.0.1", 5000, "")}}, {});
    for (const char* tag : {"1", "2", "latest"}) Delete("127.0.0.1:5000/m", tag);
    Delete("a.io/old/m", "3");
    registry_.AddRepository({{}, "127.0.0.1:5000", "bases/app"});
  }

  void Delete(const std::string& repository, const std::string& tag) {
    const TestImage image = Index(tag);
    registry_.AddImage(repository + ":" + tag, image);
    plan_.actions.push_back(MakeDelete(repository + ":" + tag));
    plan_.actions.back().before = image.manifest.digest.str();
  }

  void Push(const std::string& tag, const std::map<std::string, std::string>& labels) {
    registry_.AddImage("127.0.0.1:5000/bases/app:" + tag,
                       MakeImage({.name = tag, .labels = labels}));
  }

  // The targets of the deletions that must not run.
  std::vector<std::string> Kept() {
    const auto memo = MakeRegistryMemo(registry_);
    ExecutionContext context;
    context.config = &config_;
    context.registry = memo.get();
    context.world = &world_;
    const PlannedRemovals removals(plan_);
    context.planned_removals = &removals;
    BasesInUse in_use(plan_, context);
    std::vector<std::string> kept;
    for (const Action& deletion : plan_.actions) {
      const auto why = in_use.WhyKept(deletion);
      if (!why.ok()) return {std::string(why.status().message())};
      if (*why) kept.push_back(deletion.target);
    }
    return kept;
  }

  FakeRegistry registry_;
  Config config_;
  World world_;
  Plan plan_;
};

TEST_F(BasesInUseTest, NothingIsKeptForWhatSaysNothing) {
  Push("9", {});
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_F(BasesInUseTest, EveryWayToNameABaseCounts) {
  for (const char* name : {"127.0.0.1:5000/m:1", "docker://localhost:5000/m:1", "cache.io/m:1"}) {
    Push("9", {{kName, name}});
    EXPECT_THAT(Kept(), ElementsAre("127.0.0.1:5000/m:1")) << name;
    Push("9", {{"BASE_IMAGE_REF", name}});
    EXPECT_THAT(Kept(), ElementsAre("127.0.0.1:5000/m:1")) << name;
  }
  Push("9", {{kName, "localhost:5000/m"}});
  EXPECT_THAT(Kept(), ElementsAre("127.0.0.1:5000/m:latest"));
  Push("9", {{kName, "localhost:5001/m:1"}});
  EXPECT_THAT(Kept(), IsEmpty());
}

// Nothing declares them, or something else fills them.
TEST_F(BasesInUseTest, NewcomersCountWhereverTheyAre) {
  const std::map<std::string, std::string> labels = {{kName, "localhost:5000/m:1"}};
  for (const char* path : {"bases/orphan", "m"}) {
    const Repository place{{}, "127.0.0.1:5000", path};
    registry_.AddImage(place, "fresh", MakeImage({.name = "new", .labels = labels}));
    EXPECT_THAT(Kept(), ElementsAre("127.0.0.1:5000/m:1")) << path;
    registry_.RemoveTag(place, "fresh");
    EXPECT_THAT(Kept(), IsEmpty()) << path;
  }
}

// Of a mirror too, by this run or by another one.
TEST_F(BasesInUseTest, AnOrphanThatThePlanKnewCountsThoughNoListHasItNow) {
  const Repository orphan{{}, "127.0.0.1:5000", "bases/orphan"};
  registry_.AddImage(orphan, "old", MakeImage({.name = "old"}));
  registry_.AddImage(orphan, "new",
                     MakeImage({.name = "new", .labels = {{kName, "localhost:5000/m:1"}}}));
  registry_.HideFromCatalog(orphan);
  EXPECT_THAT(Kept(), IsEmpty());
  plan_.observed[orphan.ToString()].tags["old"] = MakeImage({.name = "old"}).manifest.digest.str();
  EXPECT_THAT(Kept(), ElementsAre("127.0.0.1:5000/m:1"));
}

TEST_F(BasesInUseTest, TagsThatMovedCount) {
  const Repository mirror{{}, "127.0.0.1:5000", "m"};
  registry_.AddImage(mirror, "moving",
                     MakeImage({.name = "new", .labels = {{kName, "localhost:5000/m:1"}}}));
  std::map<std::string, std::string>& seen = plan_.observed[mirror.ToString()].tags;
  seen["moving"] = MakeImage({.name = "old"}).manifest.digest.str();
  EXPECT_THAT(Kept(), ElementsAre("127.0.0.1:5000/m:1"));
  seen["moving"] = "";
  EXPECT_THAT(Kept(), ElementsAre("127.0.0.1:5000/m:1")) << "nobody knows what it was";
}

TEST_F(BasesInUseTest, NothingIsDeletedWhereOrphansCannotBeListed) {
  registry_.Inject({.method = "ListRepositories"});
  EXPECT_THAT(Kept(), ElementsAre(HasSubstr("nothing is deleted, as it is not known")));
}

TEST_F(BasesInUseTest, ARegistryThatDoesNotTellItsRepositoriesHidesOrphansOnly) {
  registry_.Inject({.method = "ListRepositories", .status = absl::UnimplementedError("403")});
  EXPECT_THAT(Kept(), ElementsAre(HasSubstr("nothing is deleted, as it is not known")))
      << "it told the plan";
  plan_.catalog_told = false;
  registry_.Inject({.method = "ListRepositories", .status = absl::UnimplementedError("403")});
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_F(BasesInUseTest, AnEmptyListIsNoAnswerWhereThePlanSawTags) {
  plan_.observed["127.0.0.1:5000/bases/app"].tags["8"] = "";
  EXPECT_THAT(Kept(), ElementsAre(HasSubstr("it lists no tag any more")));
  plan_.actions.push_back(MakeDelete("127.0.0.1:5000/bases/app:8"));
  const std::string signature = "sha256-" + std::string(MakeDigest("8").hex()) + ".sig";
  plan_.observed["127.0.0.1:5000/bases/app"].tags[signature] = "";
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_F(BasesInUseTest, ALookHoldsForAWhile) {
  BasesInUse::Clock::time_point now;
  const auto memo = MakeRegistryMemo(registry_);
  ExecutionContext context;
  context.config = &config_;
  context.registry = memo.get();
  context.world = &world_;
  const PlannedRemovals removals(plan_);
  context.planned_removals = &removals;
  BasesInUse in_use(plan_, context, [&] { return now; });
  const Action& deletion = plan_.actions.front();
  EXPECT_FALSE(in_use.WhyKept(deletion).value().has_value());
  Push("9", {{kName, "localhost:5000/m:1"}});
  now += BasesInUse::kOldest;
  EXPECT_FALSE(in_use.WhyKept(deletion).value().has_value());
  now += std::chrono::seconds(1);
  EXPECT_TRUE(in_use.WhyKept(deletion).value().has_value());
}

// Each would be old before it ends, and every deletion would look again.
TEST_F(BasesInUseTest, ALongLookHoldsLonger) {
  std::atomic<int> minutes{0};
  const auto memo = MakeRegistryMemo(registry_);
  ExecutionContext context;
  context.config = &config_;
  context.registry = memo.get();
  context.world = &world_;
  const PlannedRemovals removals(plan_);
  context.planned_removals = &removals;
  registry_.OnCall([&](const RegistryCall& call) {
    if (call.method == "ListTags") minutes += 1;
  });
  BasesInUse in_use(plan_, context,
                    [&] { return BasesInUse::Clock::time_point(std::chrono::minutes(minutes)); });
  const Action& deletion = plan_.actions.front();
  EXPECT_TRUE(in_use.WhyKept(deletion).ok());
  const std::size_t asked = registry_.CountCalls("");
  EXPECT_TRUE(in_use.WhyKept(deletion).ok());
  EXPECT_EQ(registry_.CountCalls(""), asked);
  minutes += 5;
  EXPECT_TRUE(in_use.WhyKept(deletion).ok());
  EXPECT_GT(registry_.CountCalls(""), asked);
}

// As a proxy's before a registry that is away: a registry that has no such repository says so.
TEST_F(BasesInUseTest, AnUnstatedAbsenceIsNoEmptyRepository) {
  registry_.Inject({.method = "ListTags", .status = absl::NotFoundError("404")});
  EXPECT_THAT(Kept(), ElementsAre(HasSubstr("nothing is deleted, as it is not known")));
}

TEST_F(BasesInUseTest, TheDigestOfAPlatformCounts) {
  Push("9", {{kDigest, Index("2").children[1].digest.str()}});
  EXPECT_THAT(Kept(), ElementsAre("127.0.0.1:5000/m:2"));
}

TEST_F(BasesInUseTest, ArchivedBasesStayToo) {
  Push("9", {{kDigest, Index("3").manifest.digest.str()}});
  EXPECT_THAT(Kept(), ElementsAre("a.io/old/m:3"));
  Push("9", {{kName, "localhost:5000/m:3"}});
  EXPECT_THAT(Kept(), ElementsAre("a.io/old/m:3"));
}

TEST_F(BasesInUseTest, WhatStaysKeepsItsOwnBase) {
  const TestImage between =
      MakeImage({.name = "between", .labels = {{"BASE_IMAGE_REF", "docker://cache.io/m:1"}}});
  registry_.AddImage("127.0.0.1:5000/bases/app:1", between);
  plan_.observed["127.0.0.1:5000/bases/app"].tags["1"] = between.manifest.digest.str();
  plan_.actions.push_back(MakeDelete("127.0.0.1:5000/bases/app:1"));
  plan_.actions.back().before = between.manifest.digest.str();
  EXPECT_THAT(Kept(), IsEmpty());
  Push("9", {{kName, "localhost:5000/bases/app:1"}});
  EXPECT_THAT(Kept(), ElementsAre("127.0.0.1:5000/m:1", "127.0.0.1:5000/bases/app:1"));
}

TEST_F(BasesInUseTest, WhatIsGoneAlreadyStopsNothing) {
  plan_.actions[0].before = DigestText("ab");
  Push("9", {{kDigest, Index("2").children[1].digest.str()}});
  EXPECT_THAT(Kept(), ElementsAre("127.0.0.1:5000/m:2"));
}

TEST_F(BasesInUseTest, WhatCannotBeReadMayBeTheBase) {
  Push("9", {{kDigest, DigestText("ab")}});
  registry_.Inject({.method = "GetManifest", .argument = plan_.actions[1].before});
  EXPECT_THAT(Kept(), ElementsAre(HasSubstr("nothing is deleted, as it is not known")));
}

}  // namespace
}  // namespace imglife
