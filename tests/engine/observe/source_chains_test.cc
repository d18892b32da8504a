#include "engine/observe/source_chains.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/observe/config_maker.h"
#include "tests/engine/observe/desired_entries.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kStage = "source: alpine, target: r.test/stage, ";
const std::string kProd = "source: r.test/stage, target: r.test/prod, ";

SourceChains ChainsOf(const Config& config, const RegistryServers& servers = {}) {
  return {config, servers};
}

Listings Seen() {
  return MakeListings({{"alpine", {"3.24.0", "3.24.1"}},
                       {"r.test/stage", {"3.20.0", "3.21.0"}},
                       {"r.test/prod", {}}});
}

TEST(SourceChains, AreOneRoundWhereNothingIsChained) {
  const Config config = MakeConfig(
      SyncText({kStage + "tag_regex: '3'", "source: debian, target: r.test/d, tag: 12"}));
  const SourceChains chains = ChainsOf(config);
  EXPECT_THAT(chains.rounds(), ElementsAre(ElementsAre(0U, 1U)));
  EXPECT_FALSE(chains.ManagedSource(0));
}

TEST(SourceChains, AnEntryComesAfterThoseThatFillItsSource) {
  const Config config = MakeConfig(SyncText({kProd + "tag_regex: '3'", kStage + "tag_regex: '3'"}));
  const SourceChains chains = ChainsOf(config);
  EXPECT_THAT(chains.rounds(), ElementsAre(ElementsAre(1U), ElementsAre(0U)));
  EXPECT_EQ(chains.MirrorBehind(0), config.sync->entries[1].target);
  EXPECT_FALSE(chains.MirrorBehind(1));
}

TEST(SourceChains, KnowARegistryByEachOfItsNames) {
  const Config config =
      MakeConfig(SyncText({"source: 127.0.0.1:5000/stage, target: localhost:5000/prod, tag: '3'",
                           "source: alpine, target: localhost:5000/stage, tag: '3'"}));
  const SourceChains chains = ChainsOf(config);
  EXPECT_EQ(chains.MirrorBehind(0), config.sync->entries[1].target);
  EXPECT_THAT(chains.rounds(), ElementsAre(ElementsAre(1U), ElementsAre(0U)));
}

TEST(SourceChains, TagsThatPassEachOtherAreNoCycle) {
  const Config config = MakeConfig(SyncText({"source: r.test/a, target: r.test/b, tag: '1'",
                                             "source: r.test/b, target: r.test/a, tag: '2'"}));
  EXPECT_THAT(ChainsOf(config).cyclic(), IsEmpty());
}

TEST(SourceChains, ACycleIsAnErrorWithItsPathAndDeletesNothing) {
  const Desired desired =
      Want(SyncText({"source: r.test/a, target: r.test/b, tag_regex: '1'",
                     "source: r.test/b, target: r.test/a, tag_regex: '1'", kStage + "tag: 3.24.0"}),
           MakeListings({{"r.test/a", {"1"}}, {"r.test/b", {"1"}}, {"r.test/stage", {}}}));
  ASSERT_THAT(desired.errors, testing::SizeIs(2));
  EXPECT_EQ(desired.errors[0].cause,
            "entries copy what each other copies: sync.entries[0] -> sync.entries[1] -> "
            "sync.entries[0]");
  EXPECT_THAT(desired.incomplete, testing::IsSupersetOf({ParseRepository("r.test/a").value(),
                                                         ParseRepository("r.test/b").value()}));
  EXPECT_THAT(DescribeMirror(desired, "r.test/b"), IsEmpty());
  EXPECT_THAT(DescribeMirror(desired, "r.test/stage"), testing::SizeIs(1));
}

TEST(DesiredOfChains, SelectsFromWhatIsThereAndWhatIsToCome) {
  const Desired desired =
      Want(SyncText({kProd + R"(tag_regex: '^3\.2')", kStage + "tag_regex: '^3', keep_last: 1"}),
           Seen());
  EXPECT_THAT(DescribeMirror(desired, "r.test/prod"),
              ElementsAre("3.20.0 <- entry 0: all 3 matching tags",
                          "3.21.0 <- entry 0: all 3 matching tags",
                          "3.24.1 <- entry 0: all 3 matching tags"));
  const auto& prod = desired.mirrors.at(ParseRepository("r.test/prod").value());
  EXPECT_TRUE(prod.at("3.24.1").provider);
  EXPECT_FALSE(prod.at("3.20.0").provider) << "nothing else wants it there";
  EXPECT_THAT(desired.errors, IsEmpty());
}

TEST(DesiredOfChains, ARepositoryThatIsYetToComeIsNotMissing) {
  TagList none;
  none.repository_exists = false;
  Listings listed = Seen();
  listed.insert_or_assign(ParseRepository("r.test/stage").value(), none);
  const Desired desired =
      Want(SyncText({kStage + "tag: 3.24.0", kProd + "tag_regex: '^3'"}), listed);
  EXPECT_THAT(desired.errors, IsEmpty());
  EXPECT_THAT(DescribeMirror(desired, "r.test/prod"),
              ElementsAre("3.24.0 <- entry 1: the only matching tag"));
}

TEST(DesiredOfChains, WhatAMirrorWillHaveIsNotKnownWithoutItsSource) {
  Listings listed = Seen();
  listed.insert_or_assign(ParseRepository("alpine").value(), absl::UnavailableError("503"));
  const Desired desired =
      Want(SyncText({kStage + "tag_regex: '^3'", kProd + "tag_regex: '^3'"}), listed);
  ASSERT_THAT(desired.errors, testing::SizeIs(2));
  EXPECT_EQ(desired.errors[0].cause, desired.errors[1].cause);
  EXPECT_THAT(desired.incomplete, testing::Contains(ParseRepository("r.test/prod").value()));
  EXPECT_THAT(DescribeMirror(desired, "r.test/prod"), IsEmpty());
}

TEST(DesiredOfChains, WhatAnEntryThatCannotBePlannedCopiesIsNotKnownEither) {
  Listings listed = Seen();
  listed.insert_or_assign(ParseRepository("ghcr.io/o/alpine").value(),
                          absl::UnavailableError("503"));
  const Desired desired =
      Want(SyncText({kStage + "tag: 3.24.0",
                     "source: r.test/stage, target: r.test/prod, tag_regex: '^3'",
                     "source: ghcr.io/o/alpine, target: r.test/prod, tag_regex: '^3'",
                     "source: r.test/prod, target: r.test/far, tag_regex: '^3'"}),
           listed);
  EXPECT_THAT(desired.incomplete, testing::IsSupersetOf({ParseRepository("r.test/prod").value(),
                                                         ParseRepository("r.test/far").value()}));
}

TEST(DesiredOfTags, KnowAllTheEntriesThatSelectThem) {
  const Desired desired = Want(SyncText({kStage + "tag_regex: '^3', keep_last: 1",
                                         kStage + "tag_regex: '^3', keep_last: 2"}),
                               Seen());
  const auto& stage = desired.mirrors.at(ParseRepository("r.test/stage").value());
  EXPECT_THAT(stage.at("3.24.1").entries, ElementsAre(0U, 1U));
  EXPECT_THAT(stage.at("3.24.0").entries, ElementsAre(1U));
  EXPECT_EQ(stage.at("3.24.1").entry, 0U);
}

}  // namespace
}  // namespace imglife
