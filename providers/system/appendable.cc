#include "providers/appendable.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "fmt/format.h"
#include <fcntl.h>
#include <unistd.h>

#include "providers/system/file_descriptor.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;

// The nearest of its directories that is there.
fs::path NearestParent(const fs::path& path) {
  std::error_code error;
  fs::path directory = path.parent_path();
  while (!directory.empty() && directory != directory.parent_path() &&
         !fs::exists(directory, error)) {
    directory = directory.parent_path();
  }
  return directory.empty() ? fs::path(".") : directory;
}

}  // namespace

absl::Status CheckAppendable(const std::string& path) {
  // A pipe that nobody reads must not make this wait.
  const FileDescriptor file(open(path.c_str(), O_RDWR | O_APPEND | O_NONBLOCK | O_CLOEXEC));
  if (file.open()) return absl::OkStatus();
  if (errno != ENOENT) return absl::ErrnoToStatus(errno, fmt::format("can't write {}", path));
  const fs::path parent = NearestParent(path);
  if (access(parent.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, fmt::format("can't write in {}", parent.string()));
}

}  // namespace imglife
