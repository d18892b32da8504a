#include <array>
#include <string>
#include <sys/wait.h>
#include <vector>

#include <absl/time/clock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <unistd.h>

#include "providers/system/file_descriptor.h"
#include "tests/end_to_end/imglife_run.h"

namespace imglife {
namespace {

constexpr char kQuestion[] = "Only 'yes' is accepted: ";
constexpr absl::Duration kLongest = absl::Seconds(60);

[[noreturn]] void Become(const std::string& directory, std::vector<std::string> argv) {
  std::vector<char*> pointers;
  for (std::string& argument : argv) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  if (::chdir(directory.c_str()) == 0) ::execv(pointers[0], pointers.data());
  ::_exit(127);
}

// What comes within the time; false at the end, which a terminal tells as an error.
bool ReadMore(int terminal, absl::Time latest, std::string& out) {
  pollfd watched{terminal, POLLIN, 0};
  const auto left = static_cast<int>(absl::ToInt64Milliseconds(latest - absl::Now()));
  if (left <= 0 || ::poll(&watched, 1, left) <= 0) return false;
  std::array<char, 4096> buffer{};
  const ssize_t count = ::read(terminal, buffer.data(), buffer.size());
  if (count <= 0) return false;
  out.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

int ExitCodeOf(pid_t child, bool in_time) {
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ImglifeRun RunOnTerminal(const std::string& directory, const std::vector<std::string>& arguments,
                         const std::map<std::string, std::string>& environment,
                         const std::string& typed) {
  std::vector<std::string> argv = {"imglife"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const std::vector<std::string> line = InCleanEnvironment(directory, argv, environment);
  int number = -1;
  const pid_t child = ::forkpty(&number, nullptr, nullptr, nullptr);
  if (child == 0) Become(directory, line);
  const FileDescriptor terminal(number);
  ImglifeRun run;
  if (child < 0) {
    ADD_FAILURE() << "no terminal can be had";
    return run;
  }
  const absl::Time latest = absl::Now() + kLongest;
  bool asked = false;
  while (ReadMore(terminal.number(), latest, run.out)) {
    if (asked || run.out.find(kQuestion) == std::string::npos) continue;
    asked = true;
    EXPECT_EQ(::write(terminal.number(), typed.data(), typed.size()),
              static_cast<ssize_t>(typed.size()));
  }
  EXPECT_TRUE(asked) << "nothing was asked: " << run.out;
  const bool in_time = absl::Now() < latest;
  EXPECT_TRUE(in_time) << "imglife did not end: " << run.out;
  run.exit_code = ExitCodeOf(child, in_time);
  return run;
}

}  // namespace imglife
