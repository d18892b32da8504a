// One fault at each request of a run that mirrors, on either side: no tag ever points to something
// incomplete, nothing of before is gone, the exit code tells, and the next run completes. Both
// registries want tokens, whose requests may break too.
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/breaking_proxy.h"
#include "tests/end_to_end/every_request.h"
#include "tests/end_to_end/registries_fixture.h"
#include "tests/end_to_end/registry_front.h"

namespace imglife {
namespace {

using testing::AnyOf;
using testing::IsSupersetOf;
using testing::UnorderedElementsAre;

enum class Side { kSource, kTarget };

struct MirrorFault {
  Side side = Side::kTarget;
  Fault fault = Fault::kNone;
  // Only at that request, or from there to the end.
  bool for_good = false;
  // The side's requests in a whole run are at least so many.
  int least = 0;
  // Retries must absorb it: the run does all that it is to do.
  bool absorbed = false;
};

class InterruptedMirrorTest : public RegistriesTest,
                              public testing::WithParamInterface<MirrorFault> {
 protected:
  void SetUp() override {
    // 3.24 and 3.24.1 are one image of two platforms; "edge" takes the place of what the mirror
    // has.
    before_ = Small("before");
    wanted_["3.24.1"] = Push(upstream_, "library/alpine", "3.24.1", Image("new"));
    wanted_["3.24"] = Push(upstream_, "library/alpine", "3.24", Image("new"));
    wanted_["edge"] = Push(upstream_, "library/alpine", "edge", Small("edge"));
    Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^(3\..*|edge)$'
      check_digest: true
      target: $PRIVATE/$TRIAL
)");
  }

  static TestImage Small(const std::string& name) { return MakeImage({.name = name, .layers = 1}); }

  // A mirror of its own, with both registries behind proxies of their own.
  class Trial {
   public:
    Trial(const InterruptedMirrorTest& test, int first)
        : test_(test),
          first_(first),
          name_(fmt::format("trial-{}", first)),
          environment_(test.environment_),
          source_(test.source_front_->host(),
                  [this](int number, const std::string& line) {
                    return FaultAt(Side::kSource, number, line);
                  }),
          target_(test.target_front_->host(), [this](int number, const std::string& line) {
            return FaultAt(Side::kTarget, number, line);
          }) {
      environment_["UPSTREAM"] = source_.host();
      environment_["PRIVATE"] = target_.host();
      environment_["TRIAL"] = path();
      // With what another trial has read, requests would be others.
      environment_["IMGLIFE_CACHE_DIR"] = test.Path("cache-" + name_);
    }

    std::string path() const { return "mirrors/" + name_; }
    // "GET /v2/library/alpine/manifests/edge HTTP/1.1": the first request that broke.
    std::string broke() const {
      const std::lock_guard lock(mutex_);
      return broke_;
    }
    // Did the run come to the request that breaks?
    bool reached() const {
      return (GetParam().side == Side::kSource ? source_ : target_).requests() >= first_;
    }
    void Repair() { broken_ = false; }

    ImglifeRun Run(std::vector<std::string> arguments) const {
      // Who hits the deadline shows what it had asked until then.
      arguments.insert(arguments.end(),
                       {"--config", test_.Path("imglife.yaml"), "--log-level", "debug"});
      if (arguments.front() == "apply") {
        arguments.insert(arguments.end(), {"--journal", name_ + ".ndjson"});
      }
      return RunImglife(test_.directory_.path(), arguments, environment_);
    }

   private:
    Fault FaultAt(Side side, int number, const std::string& line) {
      if (!broken_ || side != GetParam().side) return Fault::kNone;
      // No token expires while it is asked for, nor the first of a run as soon as it is used.
      const bool new_token = number <= 4 || line.find(" /token") != std::string::npos;
      if (new_token && GetParam().fault == Fault::kExpired) return Fault::kNone;
      const bool hit = GetParam().for_good ? number >= first_ : number == first_;
      if (!hit) return Fault::kNone;
      const std::lock_guard lock(mutex_);
      if (broke_.empty()) broke_ = line;
      return GetParam().fault;
    }

    const InterruptedMirrorTest& test_;
    const int first_;
    const std::string name_;
    std::map<std::string, std::string> environment_;
    std::atomic<bool> broken_{true};
    mutable std::mutex mutex_;
    std::string broke_;
    BreakingProxy source_;
    BreakingProxy target_;
  };

  // Each tag is absent, whole as it was, or whole as it is to be. True if all are as they are to
  // be.
  bool ExpectWhole(const std::string& path, int first) {
    bool complete = true;
    for (const auto& [tag, image] : wanted_) {
      const std::string now = DigestOf(private_, path, tag);
      if (now == image.manifest.digest.str()) {
        EXPECT_TRUE(HasAll(private_, path, image)) << first << ' ' << tag;
        continue;
      }
      complete = false;
      EXPECT_EQ(now, tag == "edge" ? before_.manifest.digest.str() : "") << first << ' ' << tag;
    }
    EXPECT_EQ(DigestOf(private_, path, "unrelated"), before_.manifest.digest.str()) << first;
    EXPECT_TRUE(HasAll(private_, path, before_)) << first;
    return complete;
  }

  bool Check(int first) {
    Trial trial(*this, first);
    Push(private_, trial.path(), "edge", before_);
    Push(private_, trial.path(), "unrelated", before_);
    const ImglifeRun broken = trial.Run({"apply"});
    const bool reached = trial.reached();
    Remember(trial.broke());
    const bool complete = ExpectWhole(trial.path(), first);
    // A run that says that all is well has done it all.
    EXPECT_THAT(broken, AnyOf(ExitsWith(1), ExitsWith(complete ? 0 : 1))) << first;
    if (!reached || GetParam().for_good) {
      EXPECT_THAT(broken, ExitsWith(reached ? 1 : 0)) << first;
    }
    if (GetParam().absorbed) {
      EXPECT_THAT(broken, ExitsWith(0)) << first << '\n' << broken.err;
    }

    trial.Repair();
    EXPECT_THAT(trial.Run({"apply"}), ExitsWith(0)) << first;
    EXPECT_TRUE(ExpectWhole(trial.path(), first)) << first;
    EXPECT_THAT(Tags(private_, trial.path()),
                UnorderedElementsAre("3.24", "3.24.1", "edge", "unrelated"))
        << first;
    EXPECT_THAT(trial.Run({"plan", "--detailed-exitcode"}), ExitsWith(0)) << first;
    return reached;
  }

  // What requests are for, without what differs between trials: "GET manifests", "PUT blobs".
  void Remember(const std::string& line) {
    for (const char* what : {"manifests", "blobs/uploads", "blobs", "tags/list"}) {
      if (line.find(fmt::format("/{}", what)) == std::string::npos) continue;
      const std::lock_guard lock(mutex_);
      broke_.insert(fmt::format("{} {}", line.substr(0, line.find(' ')), what));
      return;
    }
  }

  std::mutex mutex_;
  std::set<std::string> broke_;
  const std::unique_ptr<RegistryFront> source_front_ = MakeTokenFront(upstream_.url());
  const std::unique_ptr<RegistryFront> target_front_ = MakeTokenFront(private_.url());
  TestImage before_;
  std::map<std::string, TestImage> wanted_;
};

TEST_P(InterruptedMirrorTest, LeavesEveryTagWhole) {
  // Half a minute of each run is silence.
  const int at_once = GetParam().fault == Fault::kSilent ? 2 * kRunsAtOnce : kRunsAtOnce;
  ForEveryRequest(
      GetParam().least, [this](int first) { return Check(first); }, at_once);
  std::set<std::string> all = {"GET manifests", "GET blobs"};
  if (GetParam().side == Side::kTarget) {
    all = {"HEAD manifests", "POST blobs/uploads", "PUT blobs/uploads", "PUT manifests"};
  }
  // The first token of a run doesn't expire.
  if (GetParam().fault != Fault::kExpired) all.insert("GET tags/list");
  EXPECT_THAT(broke_, IsSupersetOf(all));
}

std::string NameOfFault(const testing::TestParamInfo<MirrorFault>& fault) {
  return fmt::format("{}{}{}", NameOf(fault.param.fault),
                     fault.param.side == Side::kSource ? "BySource" : "ByTarget",
                     fault.param.for_good ? "ForGood" : "Once");
}

INSTANTIATE_TEST_SUITE_P(
    AtAnyRequest, InterruptedMirrorTest,
    testing::Values(MirrorFault{Side::kSource, Fault::kReset, false, 12, true},
                    MirrorFault{Side::kSource, Fault::kAnswerLost, false, 12, true},
                    MirrorFault{Side::kSource, Fault::kHalfAnswer, false, 12, true},
                    MirrorFault{Side::kSource, Fault::kUnavailable, false, 12, true},
                    MirrorFault{Side::kSource, Fault::kTooMany, false, 12, true},
                    MirrorFault{Side::kSource, Fault::kExpired, false, 12, true},
                    MirrorFault{Side::kSource, Fault::kOtherBytes, false, 12},
                    MirrorFault{Side::kSource, Fault::kAbsent, false, 12},
                    MirrorFault{Side::kSource, Fault::kOtherDigest, false, 12},
                    MirrorFault{Side::kSource, Fault::kBadLink, false, 12},
                    MirrorFault{Side::kSource, Fault::kElsewhere, false, 12},
                    MirrorFault{Side::kSource, Fault::kDrip, false, 12, true},
                    MirrorFault{Side::kSource, Fault::kSilent, false, 12, true},
                    MirrorFault{Side::kSource, Fault::kRefused, true, 12},
                    MirrorFault{Side::kTarget, Fault::kReset, false, 25, true},
                    MirrorFault{Side::kTarget, Fault::kElsewhere, false, 25},
                    MirrorFault{Side::kTarget, Fault::kHalfRequest, false, 25, true},
                    MirrorFault{Side::kTarget, Fault::kAnswerLost, false, 25, true},
                    MirrorFault{Side::kTarget, Fault::kHalfAnswer, false, 25, true},
                    MirrorFault{Side::kTarget, Fault::kUnavailable, false, 25, true},
                    MirrorFault{Side::kTarget, Fault::kTooMany, false, 25, true},
                    MirrorFault{Side::kTarget, Fault::kExpired, false, 25, true},
                    MirrorFault{Side::kTarget, Fault::kOtherBytes, false, 25},
                    MirrorFault{Side::kTarget, Fault::kAbsent, false, 25},
                    MirrorFault{Side::kTarget, Fault::kOtherDigest, false, 25},
                    MirrorFault{Side::kTarget, Fault::kBadLink, false, 25},
                    MirrorFault{Side::kTarget, Fault::kDrip, false, 25, true},
                    MirrorFault{Side::kTarget, Fault::kSilent, false, 25, true},
                    MirrorFault{Side::kTarget, Fault::kRefused, true, 25}),
    NameOfFault);

}  // namespace
}  // namespace imglife
