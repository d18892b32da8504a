// Entries with os_normalize: what is asked, and what they want then.
#include "engine/observe/os_names.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/desired.h"
#include "engine/observe/listed_sources.h"
#include "tests/engine/observe/config_maker.h"
#include "tests/support/fake_registry.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kNodeMirror = "r.test/mirrors/node";
const Repository kNodeSource = MakeRepository("ghcr.io/o/node");

class OsNamesTest : public ::testing::Test {
 protected:
  void Has(const std::string& tag, const std::string& name) {
    world_.AddImage(kNodeSource, tag, MakeImage({.name = name}));
  }

  Desired Want(const std::string& entry, const std::string& build = "") {
    const Config config = MakeConfig(
        SyncText(
            {"source: ghcr.io/o/node, target: r.test/mirrors/node, os_normalize: true, " + entry}) +
        build);
    const auto memo = MakeRegistryMemo(world_);
    Listings listed;
    for (const Repository& source : ListedSources(config)) {
      listed.emplace(source, memo->ListTags(source));
    }
    world_.ForgetCalls();
    return ComputeDesired(config, listed, FindOsNames(config, listed, *memo));
  }

  FakeRegistry world_;
};

TEST_F(OsNamesTest, TheHighestVersionOfTheSameDigestGivesTheName) {
  Has("alpine3.21", "new");
  Has("26.7.0-alpine3.21", "new");
  Has("26-alpine3.21", "new");
  Has("26.6.0-alpine3.21", "old");
  for (const char* entry : {"tag: alpine3.21", "tag_regex: ^alpine"}) {
    const Desired desired = Want(entry);
    EXPECT_THAT(desired.errors, IsEmpty());
    EXPECT_THAT(desired.warnings, IsEmpty());
    EXPECT_THAT(DescribeMirror(desired, kNodeMirror),
                ElementsAre(HasSubstr("26.7.0-alpine3.21 as alpine3.21 <- entry 0: ")));
    EXPECT_EQ(world_.CountCalls("Resolve"), 2u);
  }
}

TEST_F(OsNamesTest, VersionsWithoutTheVariantCountToo) {
  Has("alpine3.21", "new");
  Has("1.1.0", "new");
  Has("1.0.0", "new");
  Has("1.2.0-rc1", "newer");
  EXPECT_THAT(DescribeMirror(Want("tag: alpine3.21"), kNodeMirror),
              ElementsAre(HasSubstr("1.1.0-alpine3.21 as alpine3.21")));
}

TEST_F(OsNamesTest, OtherTagsKeepTheirNames) {
  Has("latest", "new");
  Has("26.7.0", "new");
  EXPECT_THAT(DescribeMirror(Want("tag_regex: '.'"), kNodeMirror),
              ElementsAre(HasSubstr("26.7.0 <-"), HasSubstr("latest <-")));
  EXPECT_EQ(world_.CountCalls("Resolve"), 0u);
}

TEST_F(OsNamesTest, WithoutAVersionItKeepsItsNameAndSaysSo) {
  Has("alpine3.21", "new");
  Has("26.7.0-alpine3.21", "old");
  const Desired desired = Want("tag: alpine3.21");
  EXPECT_THAT(desired.errors, IsEmpty());
  EXPECT_THAT(desired.warnings,
              ElementsAre(HasSubstr("no version tag has the digest of ghcr.io/o/node:alpine3.21: "
                                    "it keeps its name")));
  EXPECT_THAT(DescribeMirror(desired, kNodeMirror), ElementsAre(HasSubstr("alpine3.21 <-")));
}

TEST_F(OsNamesTest, WhatIsAbsentIsSaidToBe) {
  Has("26.7.0-alpine3.21", "new");
  EXPECT_THAT(Want("tag: alpine3.21").warnings,
              ElementsAre(HasSubstr("there is no ghcr.io/o/node:alpine3.21: it keeps its name")));
}

TEST_F(OsNamesTest, UpstreamsOwnNameComesFirst) {
  Has("alpine3.21", "new");
  Has("26.7.0-alpine3.21", "new");
  const Desired desired = Want("tag_regex: alpine");
  EXPECT_THAT(DescribeMirror(desired, kNodeMirror), ElementsAre(HasSubstr("26.7.0-alpine3.21 <-")));
  EXPECT_THAT(desired.errors, IsEmpty());
  EXPECT_THAT(desired.warnings,
              ElementsAre(HasSubstr("ghcr.io/o/node:alpine3.21 is not stored, as its name would be "
                                    "26.7.0-alpine3.21, which is that of "
                                    "ghcr.io/o/node:26.7.0-alpine3.21")));
}

TEST_F(OsNamesTest, ABuildFindsTheNameThatItPins) {
  Has("alpine3.21", "new");
  Has("26.7.0-alpine3.21", "new");
  const std::string build =
      BuildText({"name: app, folder: app, type: core, mirror_image: r.test/mirrors/node, "
                 "mirror_tag: alpine3.21"});
  const Desired desired = Want("tag: alpine3.21", build);
  EXPECT_THAT(desired.errors, IsEmpty());
  EXPECT_THAT(
      DescribeMirror(desired, kNodeMirror),
      ElementsAre(HasSubstr("26.7.0-alpine3.21 as alpine3.21"), HasSubstr("alpine3.21 <-")));
}

TEST_F(OsNamesTest, NotReadableIsNotWithoutVersion) {
  Has("alpine3.21", "new");
  Has("26.7.0-alpine3.21", "new");
  for (const char* tag : {"alpine3.21", "26.7.0-alpine3.21"}) {
    world_.Inject({.method = "Resolve", .argument = tag});
    const Desired desired = Want("tag: alpine3.21");
    EXPECT_THAT(desired.errors, ElementsAre(HasSubstr("which version alpine3.21 is")));
    EXPECT_THAT(desired.incomplete, ElementsAre(MakeRepository(kNodeMirror)));
    EXPECT_THAT(DescribeMirror(desired, kNodeMirror), IsEmpty());
  }
  world_.Inject({.method = "ListTags"});
  EXPECT_THAT(Want("tag: alpine3.21").errors,
              ElementsAre(HasSubstr("which version alpine3.21 is can't be told")));
}

}  // namespace
}  // namespace imglife
