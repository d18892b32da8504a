#include "providers/auth/scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imglife {
namespace {

using testing::ElementsAre;

TEST(ScopeTest, NamesWhatIsNeeded) {
  EXPECT_THAT(PullScope("acme/app"), ElementsAre("repository:acme/app:pull"));
  EXPECT_THAT(PushScope("acme/app"), ElementsAre("repository:acme/app:pull,push"));
  EXPECT_THAT(DeleteScope("acme/app"), ElementsAre("repository:acme/app:pull,push,delete"));
}

TEST(ScopeTest, MergesActionsOfTheSameResource) {
  EXPECT_THAT(MergeScopes({"repository:a:pull"}, "repository:a:push,pull,delete"),
              ElementsAre("repository:a:pull,push,delete"));
}

TEST(ScopeTest, AddsOtherResourcesAtTheEnd) {
  EXPECT_THAT(MergeScopes({"repository:a:pull,push"}, " repository:b:pull  registry:catalog:* "),
              ElementsAre("repository:a:pull,push", "repository:b:pull", "registry:catalog:*"));
}

TEST(ScopeTest, WhatIsCoveredChangesNothing) {
  const Scopes scopes = {"repository:a:pull,push", "repository:b:pull"};
  EXPECT_EQ(MergeScopes(scopes, "repository:b:pull repository:a:push"), scopes);
  EXPECT_EQ(MergeScopes(scopes, ""), scopes);
}

TEST(ScopeTest, AResourceMayHaveAPort) {
  EXPECT_THAT(MergeScopes({"repository:host:5000/a:pull"}, "repository:host:5000/a:push"),
              ElementsAre("repository:host:5000/a:pull,push"));
}

TEST(ScopeTest, HostileLengthsEnd) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "repository:r" + std::to_string(i) + ":pull ";
  EXPECT_LE(MergeScopes({"repository:a:pull"}, many).size(), 32u);
  EXPECT_THAT(MergeScopes({}, "odd"), ElementsAre("odd"));
}

}  // namespace
}  // namespace imglife
