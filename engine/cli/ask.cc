#include "engine/cli/ask.h"

#include <array>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "engine/cli/signals.h"

namespace imglife {
namespace {

constexpr std::string_view kYes = "yes";
// An answer that is longer is no yes, whatever follows.
constexpr std::size_t kLongestAnswer = 64;

// Readable once somebody has called Ring.
class Bell {
 public:
  Bell() { made_ = ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
  ~Bell() {
    if (!made_) return;
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  bool made() const { return made_; }
  int number() const { return ends_[0]; }
  // A bell that can't be rung any more has rung already.
  void Ring() const { [[maybe_unused]] const auto written = ::write(ends_[1], "!", 1); }

 private:
  std::array<int, 2> ends_{-1, -1};
  bool made_ = false;
};

// The next byte of standard input: nothing at its end, on an error, and once the bell has rung.
bool ReadByte(const Bell& bell, char& byte) {
  while (true) {
    std::array<pollfd, 2> watched{{{STDIN_FILENO, POLLIN, 0}, {bell.number(), POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    if (watched[1].revents != 0) return false;
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    return count == 1;
  }
}

// Has somebody written the whole line `yes`?
bool ReadsYes(const Bell& bell, Console& console) {
  std::string line;
  char byte = 0;
  while (ReadByte(bell, byte)) {
    if (byte == '\n') return line == kYes;
    if (line.size() < kLongestAnswer) line += byte;
  }
  console.Print("\n");  // what follows is no part of the question's line
  return false;
}

}  // namespace

bool Ask(std::string_view question, const Session& session) {
  session.console.Print(question);
  const Bell bell;
  if (!bell.made()) return false;
  const Signals::Handling handling = session.signals.Handle([&] { bell.Ring(); }, [] {});
  return ReadsYes(bell, session.console) && session.signals.ExitCode() == 0;
}

}  // namespace imglife
