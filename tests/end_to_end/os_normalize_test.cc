// Tags that name only an OS variant are stored with their version.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kNodeUpstream[] = "library/node";
constexpr char kNodeMirror[] = "mirrors/node";

class OsNormalizeTest : public RegistriesTest {
 protected:
  void SetUp() override {
    Release("26.7.0", "first");
    Push(upstream_, kNodeUpstream, "latest", Image("plain"));
    Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/node
      target: $PRIVATE/mirrors/node
      tag: alpine3.21
      os_normalize: true
      check_digest: true
)");
  }

  // As upstream does: a new version moves the tag without one.
  void Release(const std::string& version, const std::string& content) {
    Push(upstream_, kNodeUpstream, version + "-alpine3.21", Image(content));
    Push(upstream_, kNodeUpstream, "26-alpine3.21", Image(content));
    Push(upstream_, kNodeUpstream, "alpine3.21", Image(content));
  }
};

TEST_F(OsNormalizeTest, IsStoredUnderItsVersionAndCopiedOnce) {
  EXPECT_THAT(Run({"plan"}).out, HasSubstr(private_.host() + "/mirrors/node:26.7.0-alpine3.21"));
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, kNodeMirror), ElementsAre("26.7.0-alpine3.21"));
  EXPECT_EQ(DigestOf(private_, kNodeMirror, "26.7.0-alpine3.21"),
            Image("first").manifest.digest.str());

  NewRequests(upstream_);
  NewWrites(private_);
  ASSERT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  EXPECT_EQ(NewRequests(upstream_).size(), 3u) << "the list, the tag and its version";
  EXPECT_THAT(NewWrites(private_), IsEmpty());
}

TEST_F(OsNormalizeTest, ANewVersionIsANewTag) {
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  Release("26.7.1", "second");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, kNodeMirror), ElementsAre("26.7.0-alpine3.21", "26.7.1-alpine3.21"));
  EXPECT_EQ(DigestOf(private_, kNodeMirror, "26.7.0-alpine3.21"),
            Image("first").manifest.digest.str());
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

TEST_F(OsNormalizeTest, AVersionThatIsBuiltAgainIsCopiedAgain) {
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  Release("26.7.0", "rebuilt");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, kNodeMirror), ElementsAre("26.7.0-alpine3.21"));
  EXPECT_EQ(DigestOf(private_, kNodeMirror, "26.7.0-alpine3.21"),
            Image("rebuilt").manifest.digest.str());
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

}  // namespace
}  // namespace imglife
