// Mirrors of mirrors: what is put into a stage reaches production in the same run, and what
// production is copied from is not deleted.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ChainsTest : public RegistriesTest {
 protected:
  void ExpectNothingLeft() {
    const ImglifeRun plan = Run({"plan", "--detailed-exitcode"});
    EXPECT_THAT(plan, ExitsWith(0)) << plan.out << plan.err;
  }
};

TEST_F(ChainsTest, WhatAnEntryCopiesStaysAndOneRunIsEnough) {
  for (const char* tag : {"3.24.0", "3.24.1"}) Push(upstream_, "library/alpine", tag);
  for (const char* tag : {"3.20.0", "3.21.0"}) {
    Push(private_, "stage", tag, Image(tag, "2024-01-01"));
  }
  Push(private_, "stage", "2.0", Image("2.0", "2024-01-01"));
  Configure(R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag_regex: '^3\.\d+\.\d+$', keep_last: 1, target: $PRIVATE/stage}
    - {source: $PRIVATE/stage, tag_regex: '^3', target: $PRIVATE/prod, check_digest: true}
    - {source: $PRIVATE/stage, tag: 3.20.0, target: $PRIVATE/pinned, check_digest: true}
retention: {keep_last: 1, max_age_days: 30, guard: {min_keep: 0}}
)");
  const ImglifeRun first = Run({"apply", "--auto-approve"});
  EXPECT_THAT(first, ExitsWith(0)) << first.out << first.err;
  EXPECT_THAT(Tags(private_, "stage"), ElementsAre("3.20.0", "3.21.0", "3.24.1"));
  EXPECT_THAT(Tags(private_, "prod"), ElementsAre("3.20.0", "3.21.0", "3.24.1"));
  EXPECT_THAT(Tags(private_, "pinned"), ElementsAre("3.20.0"));
  ExpectNothingLeft();
}

TEST_F(ChainsTest, ANewTagPassesThroughReducedMirrorsInOneRun) {
  Push(upstream_, "library/alpine", "3.24.0");
  Configure(R"(sync:
  entries:
    - {source: $PRIVATE/stage, tag_regex: '^3', target: $PRIVATE/prod, check_digest: true, platforms: [linux/amd64]}
    - {source: $UPSTREAM/library/alpine, tag_regex: '^3', target: $PRIVATE/stage, check_digest: true, referrers: true}
retention: {keep_last: 1, guard: {min_keep: 0}}
)");
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  const ImglifeRun first = Run({"apply", "plan.json"});
  EXPECT_THAT(first, ExitsWith(0)) << first.out << first.err;
  EXPECT_THAT(Tags(private_, "prod"), ElementsAre("3.24.0"));
  ExpectNothingLeft();
  Push(upstream_, "library/alpine", "3.24.0", Image("moved"));
  const ImglifeRun moved = Run({"apply"});
  EXPECT_THAT(moved, ExitsWith(0)) << moved.out << moved.err;
  EXPECT_THAT(moved.out, HasSubstr("0 added, 2 changed"));
  ExpectNothingLeft();
}

TEST_F(ChainsTest, ASignatureThatTheLastMirrorCannotTakeIsTold) {
  const TestImage image = Push(upstream_, "library/alpine", "3.24.0");
  Configure(R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag: 3.24.0, target: $PRIVATE/stage, referrers: true}
    - {source: $PRIVATE/stage, tag: 3.24.0, target: $PRIVATE/prod, referrers: true}
)");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  const std::string tag = TagOf(image.manifest.digest, ".sig");
  const TestImage own = Push(private_, "prod", tag, MakeSignatures({"our own"}));
  const TestImage alice = Push(upstream_, "library/alpine", tag, MakeSignatures({"alice"}));
  const ImglifeRun run = Run({"apply"});
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out + run.err, HasSubstr("prod:" + tag + " has something of its own"));
  EXPECT_THAT(run.out, HasSubstr("1 changed, 0 destroyed; 1 already so"));
  EXPECT_EQ(DigestOf(private_, "stage", tag), alice.manifest.digest.str());
  EXPECT_EQ(DigestOf(private_, "prod", tag), own.manifest.digest.str());
}

TEST_F(ChainsTest, ACycleIsAnErrorAndDeletesNothing) {
  for (const char* place : {"a", "b"}) Push(private_, place, "1", Image("1", "2024-01-01"));
  Configure(R"(sync:
  entries:
    - {source: $PRIVATE/a, tag_regex: '^2', target: $PRIVATE/b}
    - {source: $PRIVATE/b, tag_regex: '^2', target: $PRIVATE/a}
retention: {keep_last: 0, guard: {min_keep: 0}}
)");
  const ImglifeRun run = Run({"apply", "--auto-approve"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.out + run.err,
              HasSubstr("sync.entries[0] -> sync.entries[1] -> sync.entries[0]"));
  EXPECT_THAT(Tags(private_, "a"), ElementsAre("1"));
}

TEST_F(ChainsTest, EveryEntryThatSelectsATagRunsItsHooksAndCountsIt) {
  for (const char* tag : {"1.0", "1.1"}) Push(upstream_, "library/cd", tag);
  Configure(R"(sync:
  hooks: {post_sync: [{cmd: 'echo all {tag} >> all'}]}
  entries:
    - {source: $UPSTREAM/library/cd, tag_regex: '^1', keep_last: 1, target: $PRIVATE/m}
    - {source: $UPSTREAM/library/cd, tag_regex: '^1', keep_last: 2, target: $PRIVATE/m, check_digest: true, hooks: {post_sync: [{cmd: 'echo own {tag} >> own'}]}}
)");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_EQ(ReadFile(Path("own")).value_or("none"), "own 1.0\nown 1.1\n");
  const std::string all = ReadFile(Path("all")).value_or("none");
  EXPECT_THAT(all, testing::AnyOf("all 1.0\nall 1.1\n", "all 1.1\nall 1.0\n"));
  EXPECT_THAT(Run({"status"}).out, HasSubstr("| `1.1`, `1.0` | `1.1` |"));
}

TEST_F(ChainsTest, SaysNoMoreThanIsKnownOfAMirrorThatDiffers) {
  Push(upstream_, "library/alpine", "3.24.0");
  const std::string entry =
      "sync: {entries: [{source: $UPSTREAM/library/alpine, tag: 3.24.0, target: $PRIVATE/m, "
      "check_digest: true";
  Configure(entry + ", platforms: [linux/amd64]}]}\n");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  Configure(entry + "}]}\n");
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("platforms as configured · "));
  Push(private_, "m", "3.24.0", Image("by hand"));
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("changed elsewhere · "));
}

TEST_F(ChainsTest, WhoWroteATagThatNoJournalKnowsIsNotKnown) {
  Push(upstream_, "library/alpine", "3.24.0");
  Push(private_, "m", "3.24.0", Image("by hand"));
  Configure(
      "sync: {entries: [{source: $UPSTREAM/library/alpine, tag: 3.24.0, target: $PRIVATE/m, "
      "check_digest: true}]}\n");
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("differs from upstream · "));
}

}  // namespace
}  // namespace imglife
