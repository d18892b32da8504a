#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <sys/mount.h>
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

// A path as /proc/self/mountinfo writes it (proc(5)): "\040" for a space.
std::string UnescapeMountPoint(const std::string& text) {
  constexpr std::size_t kDigits = 3;
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + kDigits < text.size();
    path +=
        escaped ? static_cast<char>(std::stoi(text.substr(i + 1, kDigits), nullptr, 8)) : text[i];
    if (escaped) i += kDigits;
  }
  return path;
}

// Those below `directory`, in the order in which they were mounted.
std::vector<std::string> MountPointsBelow(const std::string& directory) {
  std::error_code error;
  const std::string real = fs::canonical(directory, error).string();
  std::vector<std::string> points;
  if (error) return points;
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string field;
    for (int i = 0; i < 5; ++i) fields >> field;
    std::string point = UnescapeMountPoint(field);
    if (point.starts_with(real + "/")) points.push_back(std::move(point));
  }
  return points;
}

// A builder that was killed leaves what it mounted. False if something stays mounted: what is
// behind it may be anything.
bool UnmountBelow(const std::string& directory) {
  const std::vector<std::string> points = MountPointsBelow(directory);
  for (auto point = points.rbegin(); point != points.rend(); ++point) {
    umount2(point->c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
  }
  return points.empty() || MountPointsBelow(directory).empty();
}

// A destructor has nobody to tell that something is left over. Several attempts: another thread may
// be removing the same, and what was just killed may still have written something.
void RemoveAll(const std::string& directory) {
  constexpr int kAttempts = 10;
  std::error_code error;
  for (int i = 0; i < kAttempts && fs::exists(fs::symlink_status(directory, error)); ++i) {
    if (!UnmountBelow(directory)) return;
    fs::remove_all(directory, error);
    if (error) UnlockDirectories(directory);
  }
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
