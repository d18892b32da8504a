#include "providers/system/spawn.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

#include "fmt/format.h"
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

namespace imglife {
namespace {

// The first error of several calls of posix_spawn's kind, which return it.
class FirstError {
 public:
  void Note(int error) {
    if (error_ == 0) error_ = error;
  }
  int value() const { return error_; }

 private:
  int error_ = 0;
};

class FileActions {
 public:
  FileActions(const ProcessSpec& spec, const ChildStreams& streams) {
    error_.Note(posix_spawn_file_actions_init(&actions_));
    error_.Note(posix_spawn_file_actions_adddup2(&actions_, streams.in, STDIN_FILENO));
    error_.Note(posix_spawn_file_actions_adddup2(&actions_, streams.out, STDOUT_FILENO));
    error_.Note(posix_spawn_file_actions_adddup2(&actions_, streams.err, STDERR_FILENO));
    // libcurl 7.88 opens sockets without close-on-exec.
    error_.Note(posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1));
    if (!spec.directory.empty()) {
      error_.Note(posix_spawn_file_actions_addchdir_np(&actions_, spec.directory.c_str()));
    }
  }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

  int error() const { return error_.value(); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
  FirstError error_;
};

class Attributes {
 public:
  Attributes() {
    sigset_t none;
    sigemptyset(&none);
    sigset_t usual;
    sigemptyset(&usual);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGQUIT, SIGCHLD}) {
      sigaddset(&usual, signal);
    }
    error_.Note(posix_spawnattr_init(&attributes_));
    error_.Note(posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    error_.Note(posix_spawnattr_setsigmask(&attributes_, &none));
    error_.Note(posix_spawnattr_setsigdefault(&attributes_, &usual));
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }

  int error() const { return error_.value(); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
  FirstError error_;
};

std::vector<std::string> EnvironmentFor(const ProcessSpec& spec) {
  std::vector<std::string> entries;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (spec.environment.count(std::string(text.substr(0, text.find('=')))) == 0) {
      entries.emplace_back(text);
    }
  }
  for (const auto& [name, value] : spec.environment) {
    entries.push_back(fmt::format("{}={}", name, value));
  }
  return entries;
}

// As exec takes it; lives as long as `texts`.
std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

bool HasZeroByte(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

// A zero byte would cut an argument short, and what is left may mean something else.
absl::Status CheckTexts(const ProcessSpec& spec, const std::vector<std::string>& environment) {
  if (spec.argv.empty() || spec.argv.front().empty()) {
    return absl::InvalidArgumentError("can't start a program without a name");
  }
  if (std::any_of(spec.argv.begin(), spec.argv.end(), HasZeroByte) ||
      std::any_of(environment.begin(), environment.end(), HasZeroByte) ||
      HasZeroByte(spec.directory)) {
    return absl::InvalidArgumentError(
        fmt::format("can't start {}: an argument or variable for it holds a zero byte",
                    spec.argv.front().c_str()));
  }
  return absl::OkStatus();
}

bool IsDirectory(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

absl::Status CannotStart(const ProcessSpec& spec, int error) {
  const std::string& program = spec.argv.front();
  if (!spec.directory.empty() && !IsDirectory(spec.directory)) {
    return absl::FailedPreconditionError(
        fmt::format("can't start {} in {}: no such directory", program, spec.directory));
  }
  if (error == ENOENT) {
    return absl::NotFoundError(
        program.find('/') == std::string::npos
            ? fmt::format("there is no program {} in PATH; install it", program)
            : fmt::format("there is no program {}", program));
  }
  return absl::ErrnoToStatus(error, fmt::format("can't start {}", program));
}

}  // namespace

absl::StatusOr<pid_t> Spawn(const ProcessSpec& spec, const ChildStreams& streams) {
  std::vector<std::string> texts = EnvironmentFor(spec);
  if (const absl::Status good = CheckTexts(spec, texts); !good.ok()) return good;
  std::vector<std::string> arguments = spec.argv;
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> environment = Pointers(texts);
  const FileActions actions(spec, streams);
  const Attributes attributes;
  if (actions.error() != 0) return CannotStart(spec, actions.error());
  if (attributes.error() != 0) return CannotStart(spec, attributes.error());
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv.front(), actions.get(), attributes.get(), argv.data(),
                                 environment.data());
  if (error != 0) return CannotStart(spec, error);
  return child;
}

}  // namespace imglife
