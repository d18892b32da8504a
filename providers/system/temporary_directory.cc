#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "providers/files.h"
#include "providers/temporary_directories.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;

// Gives the owner every right on the directories below `directory`, which git and builders leave
// read-only. Symbolic links are not followed.
void UnlockDirectories(const fs::path& directory) {
  std::vector<fs::path> waiting{directory};
  std::error_code error;
  while (!waiting.empty()) {
    const fs::path next = std::move(waiting.back());
    waiting.pop_back();
    fs::permissions(next, fs::perms::owner_all, fs::perm_options::add, error);
    for (fs::directory_iterator entry(next, error), end; !error && entry != end;
         entry.increment(error)) {
      std::error_code ignored;
      if (fs::is_directory(entry->symlink_status(ignored))) waiting.push_back(entry->path());
    }
  }
}

// A destructor has nobody to tell that something is left over.
void RemoveAll(const std::string& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  if (!error) return;
  UnlockDirectories(directory);
  fs::remove_all(directory, error);
}

// Those that exist, for RemoveTemporaryDirectories. Never destroyed: a signal may come at any time.
struct Living {
  std::mutex mutex;
  std::set<std::string> paths;
};

Living& TheLiving() {
  static Living* const living = new Living;
  return *living;
}

}  // namespace

void RemoveTemporaryDirectories() {
  Living& living = TheLiving();
  const std::lock_guard lock(living.mutex);
  for (const std::string& path : living.paths) RemoveAll(path);
}

absl::StatusOr<TemporaryDirectory> TemporaryDirectory::Create(std::string_view prefix) {
  const char* const variable = std::getenv("TMPDIR");
  std::error_code error;
  // Absolute, because child processes use it from directories of their own.
  const fs::path parent =
      fs::absolute(variable == nullptr || *variable == '\0' ? "/tmp" : variable, error);
  std::string path = (parent / fmt::format("{}XXXXXX", prefix)).string();
  if (mkdtemp(path.data()) == nullptr) {
    return absl::ErrnoToStatus(
        errno, fmt::format("can't make a temporary directory in {} (TMPDIR)", parent.string()));
  }
  Living& living = TheLiving();
  const std::lock_guard lock(living.mutex);
  living.paths.insert(path);
  return TemporaryDirectory(std::move(path));
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, std::string())) {}

TemporaryDirectory::~TemporaryDirectory() {
  if (path_.empty()) return;
  RemoveAll(path_);
  Living& living = TheLiving();
  const std::lock_guard lock(living.mutex);
  living.paths.erase(path_);
}

}  // namespace imglife
