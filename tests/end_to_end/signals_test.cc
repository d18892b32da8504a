// A run that is asked to stop ends in good order.
#include <atomic>
#include <ostream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <signal.h>

#include "tests/end_to_end/breaking_proxy.h"
#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

using testing::HasSubstr;

struct Ending {
  const char* name = "";
  int signal = 0;
  int exit_code = 0;
};

void PrintTo(const Ending& ending, std::ostream* out) {
  *out << ending.name;
}

class SignalsTest : public RegistriesTest, public testing::WithParamInterface<Ending> {
 protected:
  // The sum of the counts in the closing line.
  static int SumOfCounts(const std::string& out) {
    static const RE2 kCount(R"((\d+) (?:added|changed|destroyed|already so|failed|skipped|blocked|)"
                            R"(withheld|cancelled|interrupted))");
    re2::StringPiece rest(out);
    int sum = 0;
    for (int count = 0; RE2::FindAndConsume(&rest, kCount, &count);) sum += count;
    return sum;
  }
};

// Two copies over tags that exist, one after the other; the signal comes with the first upload.
TEST_P(SignalsTest, EveryActionIsAccountedFor) {
  std::map<std::string, TestImage> before;
  std::map<std::string, TestImage> after;
  for (const char* tag : {"3.1", "3.2"}) {
    before[tag] = Push(private_, "mirrors/alpine", tag, Image(std::string("before ") + tag));
    after[tag] = Push(upstream_, "library/alpine", tag, Image(std::string("after ") + tag));
  }
  const std::string pid_file = Path("imglife.pid");
  std::atomic<bool> signalled{false};
  const BreakingProxy proxy(private_.host(), [&](int, const std::string& line) {
    if (line.rfind("POST ", 0) == 0 && !signalled.exchange(true)) {
      SignalImglife(pid_file, GetParam().signal);
    }
    return Fault::kNone;
  });
  environment_["PRIVATE"] = proxy.host();
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^3'
      check_digest: true
      target: $PRIVATE/mirrors/alpine
)");
  const ImglifeRun run =
      RunImglife(directory_.path(), {"apply", "--parallelism", "1"}, environment_, pid_file);
  EXPECT_THAT(run, ExitsWith(GetParam().exit_code));
  EXPECT_THAT(run.out, HasSubstr("\nApply stopped: "));
  EXPECT_EQ(SumOfCounts(run.out), 2) << run.out;
  for (const char* tag : {"3.1", "3.2"}) {
    const bool copied =
        DigestOf(private_, "mirrors/alpine", tag) == after[tag].manifest.digest.str();
    EXPECT_TRUE(HasAll(private_, "mirrors/alpine", copied ? after[tag] : before[tag])) << tag;
    EXPECT_TRUE(copied ||
                DigestOf(private_, "mirrors/alpine", tag) == before[tag].manifest.digest.str());
  }

  EXPECT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

INSTANTIATE_TEST_SUITE_P(
    Signals, SignalsTest,
    testing::Values(Ending{.name = "SIGINT", .signal = SIGINT, .exit_code = 130},
                    Ending{.name = "SIGTERM", .signal = SIGTERM, .exit_code = 143},
                    Ending{.name = "SIGHUP", .signal = SIGHUP, .exit_code = 143}),
    testing::PrintToStringParamName());

}  // namespace
}  // namespace imglife
