// What must never be deleted isn't, and what isn't reviewed waits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/breaking_proxy.h"
#include "tests/end_to_end/mirror_fixture.h"
#include "tests/end_to_end/registry_front.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr char kKeepNone[] = "retention: {keep_last: 0}\n";

class DeletionTest : public MirrorTest {
 protected:
  void SetUp() override { ConfigureMirror(kKeepNone); }

  std::vector<std::string> NewDeletes() {
    std::vector<std::string> deletes;
    for (const std::string& request : NewRequests(private_)) {
      if (request.rfind("DELETE ", 0) == 0) deletes.push_back(request);
    }
    return deletes;
  }
};

TEST_F(DeletionTest, ATagMovedAfterPlanningSendsNoDelete) {
  const TestImage old = PushOld("3.1");
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  const TestImage moved = Push(private_, "mirrors/alpine", "3.1", Image("moved"));
  NewRequests(private_);

  const ImglifeRun run = Run({"apply", "plan.json"});
  EXPECT_THAT(run, ExitsWith(3));
  EXPECT_THAT(NewDeletes(), IsEmpty());
  EXPECT_THAT(run.out, HasSubstr("0 destroyed; 0 already so, 0 failed, 0 skipped, 1 blocked"));
  EXPECT_THAT(run.err,
              HasSubstr("delete " + repository() +
                        ":3.1  blocked (drift): changed since the plan was made: expected " +
                        old.manifest.digest.Short() + ", found " + moved.manifest.digest.Short()));
  EXPECT_EQ(DigestOf(private_, "mirrors/alpine", "3.1"), moved.manifest.digest.str());
  EXPECT_TRUE(HasAll(private_, "mirrors/alpine", moved));
}

TEST_F(DeletionTest, ADigestThatAnotherTagNamesLosesOnlyTheTag) {
  const TestImage shared =
      Push(private_, "mirrors/alpine", "latest", Image("library/alpine:3.24.0"));
  const ImglifeRun planned = Run({"plan", "--out", "plan.json"});
  EXPECT_THAT(planned.out, HasSubstr("also named by: 3.24.0 (stays)"));
  const ImglifeRun run = Run({"apply", "plan.json"});
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out, HasSubstr("0 changed, 1 destroyed; "));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0"));
  EXPECT_EQ(DigestOf(private_, "mirrors/alpine", "3.24.0"), shared.manifest.digest.str());
  EXPECT_TRUE(HasAll(private_, "mirrors/alpine", shared));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

// Two indexes share a child: the child stays while one of them does.
TEST_F(DeletionTest, AChildOfAnIndexThatStaysStays) {
  const TestImage wanted = Image("library/alpine:3.24.0");
  Push(private_, "mirrors/alpine", "amd64-only",
       TestImage{.manifest = wanted.children.front(), .children = {}, .blobs = wanted.blobs});
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0"));
  EXPECT_TRUE(HasAll(private_, "mirrors/alpine", wanted));
}

TEST_F(DeletionTest, TwoNamesOfOneDigestGoTogether) {
  const TestImage old = PushOld("3.1");
  Push(private_, "mirrors/alpine", "3", old);
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  const ImglifeRun run = Run({"apply", "plan.json"});
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out, HasSubstr("0 changed, 2 destroyed; "));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0"));
  EXPECT_EQ(DigestOf(private_, "mirrors/alpine", old.manifest.digest.str()), "");
  for (const ManifestBytes& child : old.children) {
    EXPECT_EQ(DigestOf(private_, "mirrors/alpine", child.digest.str()), "");
  }
}

TEST_F(DeletionTest, WithoutReviewDeletionsAreWithheld) {
  PushOld("3.1");
  Push(upstream_, "library/alpine", "3.24.1");
  ConfigureEntry("tag_regex: '^3'", kKeepNone);
  NewRequests(private_);
  const ImglifeRun run = Run({"apply"});
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out, HasSubstr("Apply complete: 1 added, 0 changed, 0 destroyed; 0 already so, 0 "
                                 "failed, 0 skipped, 0 blocked, 1 withheld"));
  EXPECT_THAT(run.err, AllOf(HasSubstr("delete " + repository() + ":3.1  withheld"),
                             HasSubstr("--auto-approve")));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.24.0", "3.24.1"));

  EXPECT_THAT(Run({"apply", "--auto-approve"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0", "3.24.1"));
}

TEST_F(DeletionTest, MaxDeletePercentBlocksAllOfTheRepository) {
  ConfigureMirror("retention: {keep_last: 0, guard: {max_delete_percent: 50}}\n");
  PushOld("3.1");
  PushOld("3.2");
  const ImglifeRun planned = Run({"plan", "--detailed-exitcode", "--out", "plan.json"});
  EXPECT_THAT(planned, ExitsWith(3));
  EXPECT_THAT(planned.out, AllOf(HasSubstr("blocked by max_delete_percent: 2 deletions of 3 tags; "
                                           "max_delete_percent is 50; if that is meant, "
                                           "--allow-deletes " +
                                           repository() + "=2 allows it\n"),
                                 HasSubstr("Plan: 0 to add, 0 to change, 0 to destroy.\n")));
  EXPECT_THAT(planned.err,
              HasSubstr("The plan is in plan.json; all that it has is blocked, so there "
                        "is nothing to carry out.\n"));
  const ImglifeRun blocked = Run({"apply", "plan.json"});
  EXPECT_THAT(blocked, ExitsWith(3));
  EXPECT_THAT(blocked.out, HasSubstr("0 skipped, 2 blocked"));
  const ImglifeRun cleanup = Run({"cleanup"});
  EXPECT_THAT(cleanup, ExitsWith(3));
  EXPECT_THAT(cleanup.err, HasSubstr("--allow-deletes " + repository() + "=2 allows it\n"));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), SizeIs(3));

  // 200 hundredths of 3 tags are not above 67.
  ConfigureMirror("retention: {keep_last: 0, guard: {max_delete_percent: 67}}\n");
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(2));
}

TEST_F(DeletionTest, AllowDeletesLiftsWhatItCovers) {
  ConfigureMirror("retention: {keep_last: 0, guard: {min_keep: 2}}\n");
  PushOld("3.1");
  PushOld("3.2");
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  const ImglifeRun blocked = Run({"apply", "plan.json"});
  EXPECT_THAT(blocked, ExitsWith(3));
  EXPECT_THAT(blocked.err, HasSubstr("2 deletions of 3 tags would leave 1; min_keep is 2"));

  const ImglifeRun too_few = Run({"apply", "plan.json", "--allow-deletes", repository() + "=1"});
  EXPECT_THAT(too_few, ExitsWith(3));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), SizeIs(3));
  EXPECT_THAT(Run({"apply", "plan.json", "--allow-deletes", private_.host() + "/other=9"}),
              ExitsWith(3));

  const ImglifeRun allowed = Run({"apply", "plan.json", "--allow-deletes", repository() + "=2"});
  EXPECT_THAT(allowed, ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0"));
}

TEST_F(DeletionTest, NothingLiftsTheGuardOfAnEmptyDesiredSet) {
  ConfigureEntry("tag_regex: '^9'", kKeepNone);
  PushOld("3.1");
  const ImglifeRun run = Run({"cleanup", "--force", "--allow-deletes", repository() + "=9"});
  EXPECT_THAT(run, ExitsWith(3));
  EXPECT_THAT(run.err,
              HasSubstr("the configuration wants no tag in this repository, which has 2 tags; "
                        "nothing lifts this guard"));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.24.0"));
}

TEST_F(DeletionTest, AListThatCannotBeReadDeletesNothing) {
  PushOld("3.1");
  const BreakingProxy proxy(private_.host(), [](int, const std::string& line) {
    return line.find("/tags/list") == std::string::npos ? Fault::kNone : Fault::kUnavailable;
  });
  environment_["PRIVATE"] = proxy.host();
  NewRequests(private_);
  const ImglifeRun run = Run({"cleanup"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err, AllOf(HasSubstr("/mirrors/alpine"), HasSubstr("503")));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.24.0"));
}

TEST_F(DeletionTest, AManifestThatCannotBeReadDeletesNothing) {
  PushOld("3.1");
  const BreakingProxy proxy(private_.host(), [](int, const std::string& line) {
    return line.find("/manifests/3.24.0") == std::string::npos ? Fault::kNone : Fault::kUnavailable;
  });
  environment_["PRIVATE"] = proxy.host();
  NewRequests(private_);
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(1));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.24.0"));
}

TEST_F(DeletionTest, UpstreamThatCannotBeReadDeletesNothing) {
  PushOld("3.1");
  environment_["UPSTREAM"] = "127.0.0.1:1";
  ConfigureEntry("tag_regex: '^3\\.24'", kKeepNone);
  NewRequests(private_);
  EXPECT_THAT(Run({"apply", "--auto-approve"}), ExitsWith(1));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.24.0"));
}

// What one of two sources once had is no leftover because its list came empty.
TEST_F(DeletionTest, ASourceThatListsNoTagBlocksDeletions) {
  PushOld("3.1");
  const RegistryFront upstream(
      upstream_.url(), [](const ServedRequest& request) -> std::optional<ServedResponse> {
        if (request.path != "/v2/library/other/tags/list") return std::nullopt;
        return ServedResponse{200, {}, R"({"name":"library/other","tags":null})"};
      });
  environment_["UPSTREAM"] = upstream.host();
  Configure(R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, target: $PRIVATE/mirrors/alpine, tag: "3.24.0"}
    - {source: $UPSTREAM/library/other, target: $PRIVATE/mirrors/alpine, tag_regex: '^3\.1'}
)" + std::string(kKeepNone));
  const ImglifeRun run = Run({"cleanup", "--force"});
  EXPECT_THAT(run, ExitsWith(3));
  EXPECT_THAT(run.err, HasSubstr("/library/other, which is mirrored here, lists no tag at all"));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.24.0"));
}

TEST_F(DeletionTest, ARegistryThatCannotDeleteBlocks) {
  const DockerRegistry keeps({.deletes = false, .password = false});
  environment_["PRIVATE"] = keeps.host();
  Push(keeps, "mirrors/alpine", "3.24.0", Image("library/alpine:3.24.0"));
  Push(keeps, "mirrors/alpine", "3.1", Image("old", "2024-01-01"));
  const ImglifeRun run = Run({"cleanup"});
  EXPECT_THAT(run, ExitsWith(3));
  EXPECT_THAT(run.err, HasSubstr("can't delete"));
  EXPECT_THAT(Tags(keeps, "mirrors/alpine"), ElementsAre("3.1", "3.24.0"));
}

// The old tags may be all that there is to fall back on.
TEST_F(DeletionTest, WaitsForWhatIsPendingInTheRepository) {
  const std::string entries = R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag: "3.24.0", target: $PRIVATE/mirrors/alpine}
    - {source: $UPSTREAM/library/alpine, tag: "3.25.0", target: $PRIVATE/mirrors/alpine}
retention: {keep_last: 0}
)";
  PushOld("3.1");
  Configure(entries);
  const ImglifeRun missing = Run({"cleanup"});
  EXPECT_THAT(missing, ExitsWith(1));
  EXPECT_THAT(missing.err, HasSubstr("3.25.0 is not there upstream"));
  EXPECT_THAT(missing.err, HasSubstr("nothing is deleted in " + repository()));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.24.0"));

  Push(upstream_, "library/alpine", "3.25.0");
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0", "3.25.0"));
}

}  // namespace
}  // namespace imglife
