#include "providers/files.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>

#include "fmt/format.h"
#include <fcntl.h>
#include <unistd.h>

#include "providers/system/file_descriptor.h"
#include "providers/system/links.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPermissionBits = 07777;
constexpr int kMostNames = 1000;

absl::Status CannotRead(const std::string& path, int error) {
  return absl::ErrnoToStatus(error, fmt::format("can't read {}", path));
}

absl::Status CannotWrite(const std::string& path, int error) {
  return absl::ErrnoToStatus(error, fmt::format("can't write {}", path));
}

fs::path DirectoryOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// The file that writing to `path` means: what it links to, there or not.
absl::StatusOr<fs::path> FollowLinks(const std::string& path) {
  fs::path target = path;
  for (int links = 0; links < kMostLinks; ++links) {
    std::error_code error;
    const fs::path next = fs::read_symlink(target, error);
    if (error) return target;
    target = DirectoryOf(target) / next;
  }
  return CannotWrite(path, ELOOP);
}

bool SyncDirectory(const fs::path& directory) {
  const FileDescriptor opened(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.open()) return false;
  // Some network file systems can't flush a directory, and say so.
  return fsync(opened.number()) == 0 || errno == EINVAL || errno == ENOTSUP;
}

// The new content of a file under a name of its own beside it, which goes when the object does
// unless it was moved into place. Methods return false with errno set.
class Replacement {
 public:
  explicit Replacement(const fs::path& target) : target_(target) {}
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  ~Replacement() {
    if (!name_.empty()) unlink(name_.c_str());
  }

  bool Write(std::string_view content, const std::optional<struct stat>& old) {
    // Nobody reads it before it has the old file's mode; a new file gets what the umask leaves.
    return Open(old ? 0600 : 0666) && (!old || TakeOver(*old)) &&
           WriteAll(file_.number(), content) && fsync(file_.number()) == 0 && file_.Close();
  }

  bool MoveIntoPlace() {
    if (std::rename(name_.c_str(), target_.c_str()) != 0) return false;
    name_.clear();
    return SyncDirectory(DirectoryOf(target_));
  }

 private:
  bool Open(mode_t mode) {
    static std::atomic<unsigned> next{0};
    for (int i = 0; i < kMostNames; ++i) {
      const std::string name =
          (DirectoryOf(target_) / fmt::format(".imglife-{}-{}.tmp", getpid(), next++)).string();
      file_ = FileDescriptor(open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
      if (file_.open()) {
        name_ = name;
        return true;
      }
      if (errno != EEXIST) return false;
    }
    return false;
  }

  bool TakeOver(const struct stat& old) {
    // Only root may give files away; for others the new owner is the right one.
    if (fchown(file_.number(), old.st_uid, old.st_gid) != 0 && errno != EPERM) return false;
    return fchmod(file_.number(), old.st_mode & kPermissionBits) == 0;
  }

  const fs::path target_;
  FileDescriptor file_;
  std::string name_;
};

// A terminal, a pipe, /dev/null: nothing to replace.
absl::Status WriteToDevice(const std::string& path, std::string_view content) {
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.open() || !WriteAll(file.number(), content) || !file.Close()) {
    return CannotWrite(path, errno);
  }
  return absl::OkStatus();
}

absl::Status MakeDirectoryFor(const fs::path& path) {
  std::error_code error;
  fs::create_directories(DirectoryOf(path), error);
  if (!error) return absl::OkStatus();
  return absl::ErrnoToStatus(error.value(),
                             fmt::format("can't make directory {}", DirectoryOf(path).string()));
}

bool Lock(const FileDescriptor& file, int operation) {
  while (flock(file.number(), operation) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

// Does the file end within a line? Nothing, with errno set, if that can't be read.
std::optional<bool> EndsWithinLine(const FileDescriptor& file) {
  struct stat found {};
  if (fstat(file.number(), &found) != 0) return std::nullopt;
  if (found.st_size == 0) return false;
  char last = '\n';
  if (pread(file.number(), &last, 1, found.st_size - 1) < 0) return std::nullopt;
  return last != '\n';
}

// Another process that appends must not find this line half written, and end it.
bool WriteLine(const FileDescriptor& file, std::string_view line) {
  if (!Lock(file, LOCK_EX)) return false;
  const std::optional<bool> torn = EndsWithinLine(file);
  return torn && (!*torn || WriteAll(file.number(), "\n")) && WriteAll(file.number(), line) &&
         Lock(file, LOCK_UN);
}

// Paths relative to the root of a tree.
struct Listing {
  std::vector<std::string> files;  // and symbolic links
  std::vector<std::string> directories;
};

// Adds what is in the root's directory `below`, or in the root where that is empty.
absl::Status List(const fs::path& root, const std::string& below, Listing& listing) {
  const fs::path directory = below.empty() ? root : root / below;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::file_status status = entry->symlink_status(error);
    if (error) return CannotRead(entry->path().string(), error.value());
    const std::string name = (fs::path(below) / entry->path().filename()).string();
    if (fs::is_directory(status)) listing.directories.push_back(name);
    if (fs::is_regular_file(status) || fs::is_symlink(status)) listing.files.push_back(name);
  }
  return error ? CannotRead(directory.string(), error.value()) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, std::size_t limit) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return CannotRead(path, errno);
  constexpr std::size_t kChunk = std::size_t{64} << 10;
  std::string content;
  for (;;) {
    const std::size_t before = content.size();
    content.resize(before + kChunk);
    const ssize_t count = ReadSome(file.number(), content.data() + before, kChunk);
    if (count < 0) return CannotRead(path, errno);
    content.resize(before + static_cast<std::size_t>(count));
    if (content.size() > limit) {
      return absl::ResourceExhaustedError(
          fmt::format("can't read {}: it is larger than {} bytes", path, limit));
    }
    if (count == 0) return content;
  }
}

absl::Status WriteFileAtomically(const std::string& path, std::string_view content) {
  const absl::StatusOr<fs::path> target = FollowLinks(path);
  if (!target.ok()) return target.status();
  struct stat found {};
  std::optional<struct stat> old;
  // Of the given path: the links of /dev/stdout lead to what has no name.
  if (stat(path.c_str(), &found) == 0) {
    if (S_ISDIR(found.st_mode)) return CannotWrite(path, EISDIR);
    if (!S_ISREG(found.st_mode)) return WriteToDevice(path, content);
    old = found;
  } else if (errno != ENOENT) {
    return CannotWrite(path, errno);
  }
  const absl::Status made = MakeDirectoryFor(*target);
  if (!made.ok()) return made;
  Replacement replacement(*target);
  if (!replacement.Write(content, old) || !replacement.MoveIntoPlace()) {
    return CannotWrite(path, errno);
  }
  return absl::OkStatus();
}

absl::Status AppendDurably(const std::string& path, std::string_view line) {
  const absl::Status made = MakeDirectoryFor(path);
  if (!made.ok()) return made;
  const bool is_new = access(path.c_str(), F_OK) != 0;
  FileDescriptor file(open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
  if (!file.open() || !WriteLine(file, line) || fsync(file.number()) != 0 || !file.Close()) {
    return CannotWrite(path, errno);
  }
  if (is_new && !SyncDirectory(DirectoryOf(path))) return CannotWrite(path, errno);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ListTree(
    const std::string& directory, const std::function<bool(const std::string& below)>& leaves_out) {
  Listing tree;
  absl::Status listed = List(directory, "", tree);
  while (listed.ok() && !tree.directories.empty()) {
    const std::string below = std::move(tree.directories.back());
    tree.directories.pop_back();
    if (!leaves_out || !leaves_out(below)) listed = List(directory, below, tree);
  }
  if (!listed.ok()) return listed;
  std::sort(tree.files.begin(), tree.files.end());
  return std::move(tree.files);
}

}  // namespace imglife
