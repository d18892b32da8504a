// Files on this machine. Free functions: there is one file system, and tests use a temporary
// directory of it.
//
// Thread safety: any number of threads may call.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace imglife {

// NotFound, PermissionDenied, or ResourceExhausted if the file is larger than `limit`; messages
// name the file.
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     std::size_t limit = std::size_t{64} << 20);

// Writes to a temporary file beside `path`, flushes it to disk and renames it: after a crash there
// is the old file or the new one, whole. Makes missing directories. Keeps the mode of a file that
// is there.
absl::Status WriteFileAtomically(const std::string& path, std::string_view content);

// Appends a line, and flushes to disk before it returns. What is there without a newline at its end
// was cut short (a full disk, a process that was killed): it gets one first, so that it spoils no
// line but its own. Any number of processes may append at once; they wait for each other by flock
// of the file. An error may leave the beginning of the line there.
absl::Status AppendDurably(const std::string& path, std::string_view line);

// A new directory under $TMPDIR, removed with all that is in it when the object goes.
class TemporaryDirectory {
 public:
  static absl::StatusOr<TemporaryDirectory> Create(std::string_view prefix);
  TemporaryDirectory(TemporaryDirectory&& other) noexcept;
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  ~TemporaryDirectory();
  const std::string& path() const { return path_; }

 private:
  explicit TemporaryDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// Every regular file and symbolic link below `directory` as a relative path with '/' between names,
// sorted by bytes. Symbolic links are not followed. Directories that `leaves_out`, which is given
// such paths, are not read. Messages name what can't be read.
absl::StatusOr<std::vector<std::string>> ListTree(
    const std::string& directory,
    const std::function<bool(const std::string& below)>& leaves_out = {});

}  // namespace imglife
