// What could not be read gives an error and never an action.
#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "tests/engine/diff/sync_scene.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct UnreadableSync {
  const char* name;
  const char* yaml;
  std::function<void(Scene&)> breaks;
  const char* error;
};

class UnreadableCases : public ::testing::TestWithParam<UnreadableSync> {};

// 3.1 is up to date, 3.2 is absent or moved; then something can't be read.
TEST_P(UnreadableCases, GiveAnErrorAndNoAction) {
  Scene scene(GetParam().yaml);
  scene.Upstream("alpine:3.1", "a1");
  scene.Upstream("alpine:3.2", "a2");
  scene.Tag("r.io/mirrors/alpine:3.1", "a1");
  if (GetParam().yaml == kChecked) scene.Tag("r.io/mirrors/alpine:3.2", "00");
  ASSERT_THAT(Addresses(Sync(scene).actions), ElementsAre("copy r.io/mirrors/alpine:3.2"));
  GetParam().breaks(scene);
  const StageDiff diff = Sync(scene);
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr(GetParam().error)));
}

const absl::Status kRefused = absl::UnavailableError("no answer");

INSTANTIATE_TEST_SUITE_P(
    DiffSync, UnreadableCases,
    ::testing::Values(
        UnreadableSync{"target_not_listed", kPlain,
                       [](Scene& s) { s.List(kMirror).listed = false; },
                       "r.io/mirrors/alpine could not be read: it was not listed"},
        UnreadableSync{"target_list_refused", kPlain,
                       [](Scene& s) { s.List(kMirror).status = kRefused; },
                       "r.io/mirrors/alpine could not be read: no answer"},
        UnreadableSync{
            "source_tag_refused", kPlain, [](Scene& s) { s.Answer("alpine:3.2") = kRefused; },
            "imglife.yaml:4:7: sync.entries[0]: docker.io/library/alpine:3.2 could not be "
            "read: no answer"},
        UnreadableSync{"source_tag_gone", kPlain,
                       [](Scene& s) { s.Answer("alpine:3.2") = absl::NotFoundError("404"); },
                       "sync.entries[0]: docker.io/library/alpine:3.2 is not there upstream"},
        UnreadableSync{"source_tag_not_asked", kPlain,
                       [](Scene& s) {
                         s.observed.repositories.at(MakeRepository(kSource)).resolved.erase("3.2");
                       },
                       "docker.io/library/alpine:3.2 could not be read: it was not asked"},
        UnreadableSync{"source_not_asked", kPlain,
                       [](Scene& s) { s.observed.repositories.erase(MakeRepository(kSource)); },
                       "docker.io/library/alpine:3.2 could not be read: it was not asked"},
        UnreadableSync{"moved_source_tag_refused", kChecked,
                       [](Scene& s) { s.Answer("alpine:3.2") = kRefused; },
                       "docker.io/library/alpine:3.2 could not be read: no answer"},
        UnreadableSync{"target_tag_refused", kChecked,
                       [](Scene& s) { s.Answer("r.io/mirrors/alpine:3.2") = kRefused; },
                       "r.io/mirrors/alpine:3.2 could not be read, so it was not compared"},
        UnreadableSync{
            "target_tag_vanished", kChecked,
            [](Scene& s) { s.Answer("r.io/mirrors/alpine:3.2") = absl::NotFoundError("404"); },
            "r.io/mirrors/alpine:3.2 could not be read, so it was not compared"}),
    [](const ::testing::TestParamInfo<UnreadableSync>& tested) { return tested.param.name; });

TEST(DiffSync, WantsNothingFromASourceThatCouldNotBeListed) {
  Scene scene(kChecked);
  scene.UpstreamFails(kSource, kRefused);
  scene.Tag("r.io/mirrors/alpine:3.1", "a1");
  EXPECT_THAT(Sync(scene).actions, IsEmpty());
  EXPECT_THAT(scene.Wanted().errors, ElementsAre(HasSubstr("no answer")));
}

TEST(DiffSync, PlansTheOtherTagsAndRepositories) {
  Scene scene(R"(
sync:
  entries:
    - {source: alpine, target: r.io/mirrors/alpine, tag_regex: '^3'}
    - {source: debian, target: r.io/mirrors/debian, tag_regex: '^1'}
)");
  scene.Upstream("alpine:3.1", "a1");
  scene.Upstream("debian:12", "b1");
  scene.Upstream("debian:13", "b2");
  scene.List(kMirror).status = kRefused;
  scene.List("r.io/mirrors/debian");
  scene.Answer("debian:12") = kRefused;
  const StageDiff diff = Sync(scene);
  EXPECT_THAT(Addresses(diff.actions), ElementsAre("copy r.io/mirrors/debian:13"));
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("r.io/mirrors/alpine could not be read"),
                                       HasSubstr("debian:12 could not be read")));
  EXPECT_THAT(diff.not_planned,
              ElementsAre(NotPlanned{ActionKind::kCopy, "r.io/mirrors/alpine:3.1", diff.errors[0]},
                          NotPlanned{ActionKind::kCopy, "r.io/mirrors/debian:12", diff.errors[1]}));
}

}  // namespace
}  // namespace imglife
