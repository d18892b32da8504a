// A run that is asked to stop ends in good order.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <re2/re2.h>
#include <signal.h>
#include <unistd.h>

#include "providers/system/file_descriptor.h"
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

// ThreadSanitizer's _exit flushes stderr, and waits for who blocks there (gcc 12, tsan OnExit).
#ifndef __SANITIZE_THREAD__
class UnreadSignalsTest : public RegistriesTest {};

// Nobody reads what imglife says and the pipe is full: signals are heard all the same. The run ends
// by the second one, as the progress of the first copy never gets through.
TEST_F(UnreadSignalsTest, AreHeardWhileNobodyReadsTheMessages) {
  for (const char* tag : {"3.1", "3.2"}) Push(upstream_, "library/alpine", tag);
  const std::string pid_file = Path("imglife.pid");
  std::atomic<int> uploads{0};
  const BreakingProxy proxy(private_.host(), [&](int, const std::string& line) {
    if (line.rfind("POST ", 0) == 0 && uploads++ == 0) {
      SignalImglife(pid_file, SIGINT);
      SignalImglife(pid_file, SIGTERM);
    }
    return Fault::kNone;
  });
  environment_["PRIVATE"] = proxy.host();
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^3'
      target: $PRIVATE/mirrors/alpine
)");
  const ImglifeRun run = RunScript(directory_.path(), R"(
mkfifo messages
exec 3<>messages
dd if=/dev/zero of=messages bs=4096 count=16 2>/dev/null
echo $$ > imglife.pid
exec imglife apply --parallelism 1 2>&3
)",
                                   environment_);
  EXPECT_TRUE(run.exit_code == 130 || run.exit_code == 143) << run.exit_code;
}
#endif

class OneSignalTest : public RegistriesTest {
 protected:
  static void WaitForEnd(const std::string& pid_file) {
    std::ifstream file(pid_file);
    pid_t pid = 0;
    ASSERT_TRUE(file >> pid);
    const FileDescriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process.open()) return;  // it has ended
    pollfd ended{process.number(), POLLIN, 0};
    EXPECT_EQ(::poll(&ended, 1, 30'000), 1) << "imglife goes on";
  }

  void SetUp() override {
    Push(upstream_, "library/alpine", "3.1");
    Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^3'
      target: $PRIVATE/mirrors/alpine
)");
  }
};

// The journal has it, and so has who reads the log.
TEST_F(OneSignalTest, TheSecondSignalNamesWhatItInterrupts) {
  const std::string pid_file = Path("imglife.pid");
  std::atomic<int> uploads{0};
  const BreakingProxy proxy(private_.host(), [&](int, const std::string& line) {
    if (line.rfind("POST ", 0) == 0 && uploads++ == 0) {
      SignalImglife(pid_file, SIGINT);
      SignalImglife(pid_file, SIGTERM);
      WaitForEnd(pid_file);  // else the copy might end by itself first
    }
    return Fault::kNone;
  });
  environment_["PRIVATE"] = proxy.host();
  const ImglifeRun run =
      RunImglife(directory_.path(), {"apply", "--journal", "j.ndjson"}, environment_, pid_file);
  EXPECT_THAT(run.err, HasSubstr("+ copy " + proxy.host() + "/mirrors/alpine:3.1  interrupted "));
  EXPECT_THAT(run.err, HasSubstr("what became of it is unknown; the journal j.ndjson has what"));
  EXPECT_THAT(run.out, HasSubstr("0 cancelled, 1 interrupted in "));
}

// As `nohup` starts it, and a shell what it puts into the background.
TEST_F(OneSignalTest, WhatIsIgnoredFromTheStartStaysIgnored) {
  std::atomic<bool> signalled{false};
  const BreakingProxy proxy(private_.host(), [&](int, const std::string& line) {
    if (line.rfind("POST ", 0) == 0 && !signalled.exchange(true)) {
      SignalImglife(Path("imglife.pid"), SIGHUP);
      SignalImglife(Path("imglife.pid"), SIGINT);
    }
    return Fault::kNone;
  });
  environment_["PRIVATE"] = proxy.host();
  const ImglifeRun run =
      RunScript(directory_.path(), "trap '' HUP INT; echo $$ > imglife.pid; exec imglife apply",
                environment_);
  EXPECT_TRUE(signalled);
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out, HasSubstr("Apply complete: 1 added"));
}

// A builder with a child of its own, which asks imglife to stop while it builds. With STUBBORN it
// doesn't end when it is told to, but asks once more.
constexpr char kDocker[] = R"(#!/bin/sh
case " $* " in *" build "*) ;; *) exit 0 ;; esac
exec 9>"$SCRATCH/alive"
[ -z "$STUBBORN" ] || trap 'kill -INT $PPID' TERM
sleep 1000 &
echo building >&9
kill -INT $PPID
while :; do wait; done
)";

class BuildSignalsTest : public RegistriesTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    for (const char* folder : {"bin", "tmp", "alpine"}) {
      std::filesystem::create_directory(Path(folder));
    }
    Write("bin/docker", kDocker);
    std::filesystem::permissions(Path("bin/docker"), std::filesystem::perms::owner_all);
    Write("alpine/Dockerfile.tmpl", "FROM {{.BaseImage}}\n");
    Push(private_, "mirrors/alpine", "3.24.0");
    Configure(R"(build:
  core_version: 1.0.0
  registry: $PRIVATE/bases
  backend: docker
  images:
    - {name: alpine, folder: alpine, type: core, mirror_image: $PRIVATE/mirrors/alpine, mirror_tag: 3.24.0}
)");
    environment_["PATH"] = Path("bin") + ":/usr/bin:/bin";
    environment_["TMPDIR"] = Path("tmp");
    environment_["SCRATCH"] = directory_.path();
  }
};

// Whatever the builder has started holds the pipe open: its end is read only when all are gone.
TEST_P(BuildSignalsTest, NoChildAndNoTemporaryFileIsLeft) {
  if (GetParam()) environment_["STUBBORN"] = "1";
  ASSERT_EQ(::mkfifo(Path("alive").c_str(), 0600), 0);
  const FileDescriptor alive(::open(Path("alive").c_str(), O_RDONLY | O_NONBLOCK));
  ASSERT_TRUE(alive.open());
  const ImglifeRun run = Run({"apply"});
  EXPECT_THAT(run, ExitsWith(130));
  EXPECT_THAT(run.out, HasSubstr("0 added, 0 changed, 0 destroyed"));
  ASSERT_EQ(::fcntl(alive.number(), F_SETFL, 0), 0);
  char told[16] = {};
  EXPECT_EQ(::read(alive.number(), told, sizeof told), 9);
  EXPECT_EQ(::read(alive.number(), told, sizeof told), 0);
  EXPECT_TRUE(std::filesystem::is_empty(Path("tmp")));
}

INSTANTIATE_TEST_SUITE_P(Signals, BuildSignalsTest, testing::Bool());

INSTANTIATE_TEST_SUITE_P(
    Signals, SignalsTest,
    testing::Values(Ending{.name = "SIGINT", .signal = SIGINT, .exit_code = 130},
                    Ending{.name = "SIGTERM", .signal = SIGTERM, .exit_code = 143},
                    Ending{.name = "SIGHUP", .signal = SIGHUP, .exit_code = 143}),
    testing::PrintToStringParamName());

}  // namespace
}  // namespace imglife
