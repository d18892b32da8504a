#include "engine/plan/graph.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const char* const kExampleMirror = "registry.example.com/mirror";

std::string InMirror(const std::string& tag) {
  return std::string(kExampleMirror) + ":" + tag;
}

const Action& Find(const std::vector<Action>& actions, const std::string& address) {
  return *std::find_if(actions.begin(), actions.end(),
                       [&](const Action& action) { return action.Address() == address; });
}

std::vector<std::string> NeedsOf(const std::vector<Action>& actions, const std::string& address) {
  std::vector<std::string> needs;
  for (const Need& need : Find(actions, address).needs) needs.push_back(need.address);
  return needs;
}

std::vector<std::string> Addresses(const std::vector<Action>& actions) {
  std::vector<std::string> addresses;
  for (const Action& action : actions) addresses.push_back(action.Address());
  return addresses;
}

TEST(ConnectActions, DeletionWaitsForAllThatIsAddedInItsRepository) {
  std::vector<Action> actions = {
      MakeDelete(InMirror("1")), MakeCopy(InMirror("2")), MakeBuild(InMirror("3"), "other.io/a:1"),
      MakeArchive(InMirror("9"), "archive.io/mirror:9"), MakeCopy("registry.example.com/else:1")};
  ConnectActions(actions);
  EXPECT_THAT(NeedsOf(actions, "delete " + InMirror("1")),
              ElementsAre("archive archive.io/mirror:9", "build " + InMirror("3"),
                          "copy " + InMirror("2")));
}

TEST(ConnectActions, ArchiveComesBeforeItsDeletionAndSaysWhy) {
  std::vector<Action> actions = {MakeDelete(InMirror("1")),
                                 MakeArchive(InMirror("1"), "archive.io/mirror:1")};
  ConnectActions(actions);
  EXPECT_THAT(Find(actions, "delete " + InMirror("1")).needs,
              ElementsAre(Need{"archive archive.io/mirror:1",
                               "the tag is archived before it is deleted", NeedKind::kArchived}));
}

TEST(ConnectActions, DeletionWaitsForWhoeverReadsItsDigestOrTagElsewhere) {
  Action by_digest = MakeCopy("other.io/a:1");
  by_digest.copy.source = MakeReference(InMirror("x"));
  by_digest.copy.source.digest = MakeDigest("dd");
  Action by_tag = MakeBuild("other.io/b:1", InMirror("1"));
  Action by_child = MakeCopy("other.io/c:1");
  by_child.copy.source = MakeReference(InMirror("y"));
  by_child.copy.source.digest = MakeDigest("c1");
  Action unrelated = MakeCopy("other.io/d:1");
  unrelated.copy.source = MakeReference(InMirror("z"));
  unrelated.copy.source.digest = MakeDigest("ee");
  Action deletion = MakeDelete(InMirror("1"), "dd");
  deletion.removal.exclusive_children = {MakeDigest("c1")};
  std::vector<Action> actions = {deletion, by_digest, by_tag, by_child, unrelated};
  ConnectActions(actions);
  EXPECT_THAT(NeedsOf(actions, "delete " + InMirror("1")),
              ElementsAre("build other.io/b:1", "copy other.io/a:1", "copy other.io/c:1"));
}

TEST(ConnectActions, DeletionThatRunsDoesNotWaitForABlockedArchive) {
  Action archive = MakeArchive(InMirror("2"), "archive.io/mirror:2");
  Action kept = MakeDelete(InMirror("2"));
  archive.blocked = kept.blocked = Block{"in_use", "an index has it"};
  std::vector<Action> actions = {MakeDelete(InMirror("1")), kept, archive};
  ConnectActions(actions);
  EXPECT_THAT(NeedsOf(actions, "delete " + InMirror("1")), IsEmpty());
  EXPECT_THAT(NeedsOf(actions, "delete " + InMirror("2")),
              ElementsAre("archive archive.io/mirror:2"));
}

TEST(ConnectActions, HookComesAfterItsTriggers) {
  std::vector<Action> actions = {MakeHook("post_sync a", {"copy " + InMirror("1")}),
                                 MakeCopy(InMirror("1"))};
  ConnectActions(actions);
  EXPECT_THAT(NeedsOf(actions, "hook post_sync a"), ElementsAre("copy " + InMirror("1")));
}

TEST(ConnectActions, StatusCommitComesAfterAllThatItReportsOn) {
  Action blocked = MakeDelete(InMirror("3"));
  blocked.blocked = Block{"max_deletes", "too many"};
  std::vector<Action> actions = {MakeCommit(Stage::kStatus, "STATUS.md"),
                                 MakeCommit(Stage::kEol, "eol.yaml"),
                                 MakeCopy(InMirror("1")),
                                 MakeDelete("registry.example.com/b:2"),
                                 MakeArchive("registry.example.com/b:2", "archive.example.com/b:2"),
                                 blocked,
                                 MakeHook("post_sync a", {"copy " + InMirror("1")})};
  ConnectActions(actions);
  EXPECT_THAT(
      NeedsOf(actions, "commit STATUS.md"),
      ElementsAre("commit eol.yaml", "copy " + InMirror("1"), "delete registry.example.com/b:2"));
}

TEST(ConnectActions, KeepsEdgesThatAreThereAndTheirReasons) {
  Action deletion = MakeDelete(InMirror("1"));
  deletion.needs = {{"copy " + InMirror("2"), "because"}};
  std::vector<Action> actions = {deletion, MakeCopy(InMirror("2"))};
  ConnectActions(actions);
  EXPECT_THAT(Find(actions, "delete " + InMirror("1")).needs,
              ElementsAre(Need{"copy " + InMirror("2"), "because"}));
}

TEST(ConnectActions, SecondTimeChangesNothing) {
  std::vector<Action> actions = RandomPlan(7, 60).actions;
  std::vector<Action> again = actions;
  ConnectActions(again);
  for (std::size_t i = 0; i < actions.size(); ++i) EXPECT_EQ(actions[i].needs, again[i].needs);
}

// Everything that an action waits for, directly or not.
std::set<std::string> Before(const std::vector<Action>& actions, const std::string& address) {
  std::map<std::string, const Action*> by_address;
  for (const Action& action : actions) by_address[action.Address()] = &action;
  std::set<std::string> before;
  std::vector<std::string> open = {address};
  while (!open.empty()) {
    const Action& action = *by_address.at(open.back());
    open.pop_back();
    for (const Need& need : action.needs) {
      if (before.insert(need.address).second) open.push_back(need.address);
    }
  }
  return before;
}

TEST(ConnectActions, ManyDeletionsShareOneGateInsteadOfPairs) {
  constexpr std::size_t kEach = 5'000;
  std::vector<Action> actions;
  for (std::size_t i = 0; i < kEach; ++i) {
    actions.push_back(MakeCopy(InMirror(fmt::format("new-{:04}", i))));
    actions.push_back(MakeDelete(InMirror(fmt::format("old-{:04}", i)), fmt::format("{:04x}", i)));
  }
  actions[1].blocked = Block{"in_use", "an index has it"};
  ConnectActions(actions);
  ASSERT_TRUE(SortActions(actions).ok());
  std::size_t edges = 0;
  for (const Action& action : actions) edges += action.needs.size();
  EXPECT_LE(edges, 2 * kEach);
  const std::string last = "delete " + InMirror("old-4999");
  EXPECT_THAT(Find(actions, last).needs,
              ElementsAre(Need{"delete " + InMirror("old-0001"),
                               "the first deletion of the repository waits for all that is added "
                               "there",
                               NeedKind::kGate}));
  // The gate and all copies.
  EXPECT_EQ(Before(actions, last).size(), kEach + 1);
}

TEST(ConnectActions, GateIsChosenAnewWhenItIsNoLongerThere) {
  std::vector<Action> actions;
  for (std::size_t i = 0; i < 200; ++i) {
    actions.push_back(MakeCopy(InMirror(fmt::format("new-{:03}", i))));
    actions.push_back(MakeDelete(InMirror(fmt::format("old-{:03}", i)), fmt::format("{:04x}", i)));
  }
  ConnectActions(actions);
  actions.erase(actions.begin() + 1);
  ConnectActions(actions);
  ASSERT_TRUE(SortActions(actions).ok());
  EXPECT_EQ(Before(actions, "delete " + InMirror("old-199")).size(), 201u);
}

TEST(SortActions, PutsNeedsFirstAndTiesInOrderOfAddress) {
  Action base = MakeBuild("r.io/z:1", "r.io/q:1");
  Action image = MakeBuild("r.io/a:1", "r.io/z:1");
  image.needs = {{"build r.io/z:1", "the base image is built first"}};
  std::vector<Action> actions = {image, MakeCopy("r.io/b:1"), base, MakeCopy("r.io/a:1")};
  ASSERT_TRUE(SortActions(actions).ok());
  EXPECT_THAT(Addresses(actions),
              ElementsAre("build r.io/z:1", "build r.io/a:1", "copy r.io/a:1", "copy r.io/b:1"));
}

TEST(SortActions, GivesTheSameOrderForAnyOrderOfInput) {
  const Plan plan = RandomPlan(3, 80);
  std::vector<Action> shuffled = plan.actions;
  std::mt19937 random(1);
  for (int round = 0; round < 5; ++round) {
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    ConnectActions(shuffled);
    ASSERT_TRUE(SortActions(shuffled).ok());
    EXPECT_EQ(Addresses(shuffled), Addresses(plan.actions));
  }
}

std::vector<Action> BuildsThatNeed(const std::map<std::string, std::vector<std::string>>& needs) {
  std::vector<Action> actions;
  for (const auto& [name, needed] : needs) {
    Action action = MakeBuild("r.io/" + name + ":1", "r.io/base:1");
    for (const std::string& other : needed) {
      action.needs.push_back({"build r.io/" + other + ":1", "its base image is built first"});
    }
    actions.push_back(std::move(action));
  }
  return actions;
}

TEST(SortActions, PrintsTheWholeCycleClosedOnItself) {
  std::vector<Action> actions =
      BuildsThatNeed({{"a", {"d"}}, {"b", {"c"}}, {"c", {"d"}}, {"d", {"b", "e"}}, {"e", {}}});
  const absl::Status status = SortActions(actions);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "these actions need each other in a circle: build r.io/b:1 → build r.io/c:1 → build "
            "r.io/d:1 → build r.io/b:1");
}

TEST(SortActions, PrintsAnActionThatNeedsItself) {
  std::vector<Action> actions = BuildsThatNeed({{"a", {"a"}}});
  EXPECT_THAT(std::string(SortActions(actions).message()),
              HasSubstr("circle: build r.io/a:1 → build r.io/a:1"));
}

TEST(SortActions, NamesANeedThatIsNotThere) {
  std::vector<Action> actions = BuildsThatNeed({{"a", {"nowhere"}}});
  const absl::Status status = SortActions(actions);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "\"build r.io/a:1\" needs \"build r.io/nowhere:1\" (its base image is built first), "
            "which isn't in the plan");
}

TEST(SortActions, RefusesAnAddressThatIsThereTwice) {
  std::vector<Action> actions = {MakeCopy("r.io/a:1"), MakeCopy("r.io/a:1")};
  EXPECT_EQ(SortActions(actions).message(), "the action \"copy r.io/a:1\" is there twice");
}

TEST(SortActions, LeavesActionsAloneWhenItFails) {
  std::vector<Action> actions = BuildsThatNeed({{"a", {"b"}}, {"b", {"a"}}});
  ASSERT_FALSE(SortActions(actions).ok());
  EXPECT_THAT(Addresses(actions), ElementsAre("build r.io/a:1", "build r.io/b:1"));
}

}  // namespace
}  // namespace imglife
