#include "tests/end_to_end/imglife_run.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>
#include <string>

#include <absl/time/clock.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "providers/system/system.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

constexpr int kMostSeconds = 120;
// From the end: what a run that hangs has said last tells where.
constexpr std::size_t kMostShown = 20'000;
// Of timeout(1), which ends a run that takes too long and keeps what it wrote.
constexpr int kOutOfTime = 124;
constexpr int kKilledOutOfTime = 137;

std::string Tail(const std::string& text) {
  if (text.size() <= kMostShown) return text;
  return "…" + text.substr(text.size() - kMostShown);
}

ImglifeRun RunProgram(const std::string& directory, const std::vector<std::string>& argv,
                      const std::map<std::string, std::string>& environment) {
  ProcessSpec spec;
  spec.argv = {"timeout", "--kill-after=10", std::to_string(kMostSeconds)};
  for (const std::string& argument : InCleanEnvironment(directory, argv, environment)) {
    spec.argv.push_back(argument);
  }
  spec.directory = directory;
  const absl::Time started = absl::Now();
  OrderWithServers();
  const auto result = MakeProcessRunner()->Run(spec);
  OrderWithServers();
  if (!result.ok()) {
    ADD_FAILURE() << result.status();
    return {.exit_code = -1, .out = "", .err = ""};
  }
  const int code = result->exit_code;
  const bool ended = code != kOutOfTime && code != kKilledOutOfTime;
  if (!ended && absl::Now() - started >= absl::Seconds(kMostSeconds)) {
    ADD_FAILURE() << fmt::format(
        "{} did not end within {} s and was stopped\nstdout: {}\nstderr: {}", fmt::join(argv, " "),
        kMostSeconds, Tail(result->out), Tail(result->err));
  }
  return {.exit_code = code, .out = result->out, .err = result->err};
}

}  // namespace

std::vector<std::string> InCleanEnvironment(const std::string& directory,
                                            const std::vector<std::string>& argv,
                                            const std::map<std::string, std::string>& environment) {
  const char* path = std::getenv("PATH");
  std::vector<std::string> line = {
      "/usr/bin/env", "-i", "--default-signal=HUP,INT,TERM",
      fmt::format("PATH={}:{}", std::filesystem::path(IMGLIFE_BINARY).parent_path().string(),
                  path == nullptr ? "" : path),
      "HOME=" + directory};
  // A build with sanitizers is told by it what isn't imglife's (tests/tsan_suppressions.txt).
  if (const char* options = std::getenv("TSAN_OPTIONS")) {
    line.push_back(fmt::format("TSAN_OPTIONS={}", options));
  }
  for (const auto& [name, value] : environment) line.push_back(name + "=" + value);
  line.insert(line.end(), argv.begin(), argv.end());
  return line;
}

void PrintTo(const ImglifeRun& run, std::ostream* out) {
  *out << "exit code " << run.exit_code << "\nstdout: " << run.out << "\nstderr: " << run.err;
}

ImglifeRun RunImglife(const std::string& directory, const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment) {
  std::vector<std::string> argv = {IMGLIFE_BINARY};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return RunProgram(directory, argv, environment);
}

ImglifeRun RunImglife(const std::string& directory, const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment,
                      const std::string& pid_file) {
  std::vector<std::string> argv = {"/bin/sh", "-c", "echo $$ > \"$0\"; exec \"$@\"", pid_file,
                                   IMGLIFE_BINARY};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return RunProgram(directory, argv, environment);
}

void SignalImglife(const std::string& pid_file, int signal) {
  std::ifstream file(pid_file);
  pid_t pid = 0;
  ASSERT_TRUE(file >> pid) << "can't read " << pid_file;
  EXPECT_EQ(::kill(pid, signal), 0);
}

ImglifeRun RunScript(const std::string& directory, const std::string& script,
                     const std::map<std::string, std::string>& environment) {
  return RunProgram(directory, {"/bin/sh", "-ec", script}, environment);
}

}  // namespace imglife
