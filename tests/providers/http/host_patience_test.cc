#include "providers/http/host_patience.h"

#include <string>

#include "gtest/gtest.h"

namespace imglife {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1787205600);

absl::Time At(int seconds) {
  return kStart + absl::Seconds(seconds);
}

absl::Status Nothing() {
  return absl::DeadlineExceededError("a.test sent and took nothing for 30s");
}

class HostPatienceTest : public testing::Test {
 protected:
  // A request to `host` that waited so long.
  bool Waited(const std::string& host, int begun, int until) {
    return hosts.Waited(host, At(begun), At(until), Nothing());
  }

  HostPatience hosts{absl::Minutes(2)};
};

TEST_F(HostPatienceTest, AreGivenUpAfterTwoMinutes) {
  Waited("a.test", 0, 30);
  EXPECT_FALSE(hosts.GivenUp("a.test", At(30)));
  Waited("a.test", 90, 120);
  EXPECT_EQ(hosts.GivenUp("a.test", At(120)), Nothing());
}

TEST_F(HostPatienceTest, AreThoseWithNoAnswerInBetween) {
  Waited("a.test", 0, 30);
  hosts.Answered("a.test");
  Waited("a.test", 90, 120);
  EXPECT_FALSE(hosts.GivenUp("a.test", At(120)));
}

TEST_F(HostPatienceTest, AreNoReasonNotToAskOthers) {
  Waited("a.test", 0, 120);
  EXPECT_FALSE(hosts.GivenUp("b.test", At(120)));
}

TEST_F(HostPatienceTest, AreAskedAgainAMinuteLaterAndGivenUpSooner) {
  Waited("a.test", 0, 120);
  EXPECT_TRUE(hosts.GivenUp("a.test", At(179)));
  EXPECT_FALSE(hosts.GivenUp("a.test", At(180)));
  Waited("a.test", 180, 210);
  EXPECT_TRUE(hosts.GivenUp("a.test", At(210)));
}

// Of what lies between nobody knows anything.
TEST_F(HostPatienceTest, AreNotThoseThatWereNotAskedForAsLong) {
  Waited("a.test", 0, 10);
  Waited("a.test", 500, 510);
  EXPECT_FALSE(hosts.GivenUp("a.test", At(510)));
  Waited("a.test", 610, 620);
  EXPECT_TRUE(hosts.GivenUp("a.test", At(620)));
}

TEST_F(HostPatienceTest, AreToldOfOnce) {
  EXPECT_TRUE(Waited("a.test", 0, 30));
  EXPECT_FALSE(Waited("a.test", 0, 30));
  EXPECT_TRUE(Waited("b.test", 0, 30));
  hosts.Answered("a.test");
  EXPECT_TRUE(Waited("a.test", 60, 90));
}

}  // namespace
}  // namespace imglife
