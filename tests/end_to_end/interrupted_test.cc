// A network that breaks, or a run that is killed, at any request: what should exist exists, no tag
// points to something incomplete, the exit code tells, and the next run completes.
#include <atomic>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/end_to_end/breaking_proxy.h"
#include "tests/end_to_end/every_request.h"
#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

using testing::AnyOf;
using testing::ElementsAre;

// A run sends at least so many.
constexpr int kLeastRequests = 15;

// What the proxy does from request `first` on: only there, or from there to the end.
struct Breakage {
  Fault fault = Fault::kNone;
  bool for_good = false;
  // SIGKILL for the run.
  bool kills = false;

  Fault At(int number, int first) const {
    const bool hit = for_good ? number >= first : number == first;
    return hit ? fault : Fault::kNone;
  }
};

class InterruptedTest : public RegistriesTest, public testing::WithParamInterface<Breakage> {
 protected:
  // A repository of its own behind a proxy of its own.
  class Trial {
   public:
    Trial(const InterruptedTest& test, int first)
        : test_(test),
          first_(first),
          name_(fmt::format("trial-{}", first)),
          environment_(test.environment_),
          pid_file_(test.Path(name_ + ".pid")),
          proxy_(test.private_.host(), [this](int number, const std::string&) {
            if (!broken_) return Fault::kNone;
            if (GetParam().kills && number == first_) SignalImglife(pid_file_, SIGKILL);
            return GetParam().At(number, first_);
          }) {
      environment_["PRIVATE"] = proxy_.host();
      environment_["TRIAL"] = path();
    }

    std::string path() const { return "mirrors/" + name_; }
    int requests() const { return proxy_.requests(); }
    void Repair() { broken_ = false; }

    ImglifeRun Run(const std::vector<std::string>& arguments) const {
      std::vector<std::string> all = {"--config", test_.Path("imglife.yaml"), "--journal",
                                      name_ + ".ndjson"};
      if (arguments.front() == "plan") all.resize(2);
      all.insert(all.begin(), arguments.begin(), arguments.end());
      return RunImglife(test_.directory_.path(), all, environment_, pid_file_);
    }

   private:
    const InterruptedTest& test_;
    const int first_;
    const std::string name_;
    std::map<std::string, std::string> environment_;
    const std::string pid_file_;
    std::atomic<bool> broken_{true};
    BreakingProxy proxy_;
  };

  // The exit code tells that something happened; `must_fail`: that it wasn't retried away.
  static void ExpectToldIn(const ImglifeRun& run, bool reached, bool must_fail, int first) {
    if (reached && GetParam().kills) {
      EXPECT_THAT(run, ExitsWith(128 + SIGKILL)) << first;
    } else {
      EXPECT_THAT(run, AnyOf(ExitsWith(1), ExitsWith(must_fail ? 1 : 0))) << first;
    }
  }
};

class InterruptedCopyTest : public InterruptedTest {};

TEST_P(InterruptedCopyTest, LeavesTheOldTagOrTheWholeNewOne) {
  const TestImage before = Image("before");
  const TestImage after = Push(upstream_, "library/alpine", "3", Image("after"));
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag: "3"
      check_digest: true
      target: $PRIVATE/$TRIAL
)");
  ForEveryRequest(kLeastRequests, [&](int first) {
    Trial trial(*this, first);
    Push(private_, trial.path(), "3", before);
    const ImglifeRun broken = trial.Run({"apply"});
    const bool reached = trial.requests() >= first;
    const std::string now = DigestOf(private_, trial.path(), "3");
    const bool copied = now == after.manifest.digest.str();
    EXPECT_TRUE(copied || now == before.manifest.digest.str()) << now;
    EXPECT_TRUE(HasAll(private_, trial.path(), copied ? after : before)) << first;
    const bool must_fail = !copied || (reached && GetParam().for_good);
    ExpectToldIn(broken, reached, must_fail, first);

    trial.Repair();
    EXPECT_THAT(trial.Run({"apply"}), ExitsWith(0)) << first;
    EXPECT_EQ(DigestOf(private_, trial.path(), "3"), after.manifest.digest.str()) << first;
    EXPECT_TRUE(HasAll(private_, trial.path(), after)) << first;
    EXPECT_THAT(trial.Run({"plan", "--detailed-exitcode"}), ExitsWith(0)) << first;
    return reached;
  });
}

class InterruptedDeletionTest : public InterruptedTest {};

// One tag shares its digest with a tag that stays, one has a digest of its own.
TEST_P(InterruptedDeletionTest, TakesNothingElseAlong) {
  const TestImage wanted = Push(upstream_, "library/alpine", "3.24.0");
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag: "3.24.0"
      target: $PRIVATE/$TRIAL
retention: {keep_last: 0}
)");
  ForEveryRequest(kLeastRequests, [&](int first) {
    Trial trial(*this, first);
    Push(private_, trial.path(), "3.24.0", wanted);
    Push(private_, trial.path(), "latest", wanted);
    Push(private_, trial.path(), "3.1", Image("old", "2024-01-01"));
    const ImglifeRun broken = trial.Run({"cleanup"});
    const bool reached = trial.requests() >= first;
    EXPECT_EQ(DigestOf(private_, trial.path(), "3.24.0"), wanted.manifest.digest.str()) << first;
    EXPECT_TRUE(HasAll(private_, trial.path(), wanted)) << first;
    const bool must_fail = reached && GetParam().for_good;
    ExpectToldIn(broken, reached, must_fail, first);

    trial.Repair();
    EXPECT_THAT(trial.Run({"cleanup"}), ExitsWith(0)) << first;
    EXPECT_THAT(Tags(private_, trial.path()), ElementsAre("3.24.0")) << first;
    EXPECT_EQ(DigestOf(private_, trial.path(), "3.24.0"), wanted.manifest.digest.str()) << first;
    EXPECT_TRUE(HasAll(private_, trial.path(), wanted)) << first;
    return reached;
  });
}

std::string NameOfBreakage(const testing::TestParamInfo<Breakage>& breakage) {
  std::string name = NameOf(breakage.param.fault);
  if (breakage.param.kills) return name + "AndKilled";
  return name + (breakage.param.for_good ? "ForGood" : "Once");
}

INSTANTIATE_TEST_SUITE_P(
    AtAnyRequest, InterruptedCopyTest,
    testing::Values(Breakage{.fault = Fault::kNotForwarded, .for_good = true},
                    Breakage{.fault = Fault::kAnswerLost, .for_good = false},
                    Breakage{.fault = Fault::kHalfRequest, .for_good = false},
                    Breakage{.fault = Fault::kHalfAnswer, .for_good = false},
                    Breakage{.fault = Fault::kAnswerLost, .for_good = true, .kills = true}),
    NameOfBreakage);
INSTANTIATE_TEST_SUITE_P(
    AtAnyRequest, InterruptedDeletionTest,
    testing::Values(Breakage{.fault = Fault::kAnswerLost, .for_good = true},
                    Breakage{.fault = Fault::kAnswerLost, .for_good = false},
                    Breakage{.fault = Fault::kUnavailable, .for_good = false},
                    Breakage{.fault = Fault::kAbsent, .for_good = true},
                    Breakage{.fault = Fault::kAbsent, .for_good = false},
                    Breakage{.fault = Fault::kAnswerLost, .for_good = true, .kills = true}),
    NameOfBreakage);

}  // namespace
}  // namespace imglife
