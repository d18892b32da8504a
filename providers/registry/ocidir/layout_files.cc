#include "providers/registry/ocidir/layout_files.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>

#include "fmt/format.h"
#include <fcntl.h>
#include <unistd.h>

namespace imglife {
namespace {

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::StatusCode::kResourceExhausted;
    case ELOOP:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
      return absl::StatusCode::kInvalidArgument;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

absl::Status NoSuchFile(const std::string& path) {
  return absl::NotFoundError(fmt::format("there is no file {}", path));
}

absl::Status NotRegular(const std::string& path) {
  return absl::InvalidArgumentError(fmt::format("{} isn't a regular file", path));
}

std::string ParentOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

absl::Status MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0777) == 0) return SyncDirectory(ParentOf(path));
  const int error = errno;
  struct stat found {};
  if (stat(path.c_str(), &found) == 0) {
    if (S_ISDIR(found.st_mode)) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("{} isn't a directory", path));
  }
  return FileError(error, "can't make directory", path);
}

}  // namespace

absl::Status FileError(int error, std::string_view doing, const std::string& path) {
  return absl::Status(CodeOf(error),
                      fmt::format("{} {}: {}", doing, path,
                                  std::error_code(error, std::generic_category()).message()));
}

absl::StatusOr<OpenedFile> OpenRegularFile(const std::string& path) {
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.open()) {
    if (errno == ENOENT) return NoSuchFile(path);
    if (errno == ELOOP) return NotRegular(path);
    return FileError(errno, "can't read", path);
  }
  struct stat found {};
  if (fstat(file.number(), &found) != 0) return FileError(errno, "can't read", path);
  if (!S_ISREG(found.st_mode)) return NotRegular(path);
  return OpenedFile{std::move(file), found.st_size};
}

absl::StatusOr<std::string> ReadRegularFile(const std::string& path, std::size_t limit) {
  absl::StatusOr<OpenedFile> file = OpenRegularFile(path);
  if (!file.ok()) return file.status();
  std::string content;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t count = read(file->descriptor.number(), buffer.data(), buffer.size());
    if (count == 0) return content;
    if (count < 0) {
      if (errno == EINTR) continue;
      return FileError(errno, "can't read", path);
    }
    if (static_cast<std::size_t>(count) > limit - content.size()) {
      return absl::InvalidArgumentError(fmt::format("{} is larger than {} bytes", path, limit));
    }
    content.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

absl::StatusOr<std::int64_t> SizeOfRegularFile(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) {
    return errno == ENOENT ? NoSuchFile(path) : FileError(errno, "can't read", path);
  }
  if (!S_ISREG(found.st_mode)) return NotRegular(path);
  return std::int64_t{found.st_size};
}

absl::Status MakeDirectories(const std::string& path) {
  std::filesystem::path made;
  for (const std::filesystem::path& name : std::filesystem::path(path)) {
    made /= name;
    if (name.empty() || made == made.root_path()) continue;
    absl::Status status = MakeDirectory(made.string());
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  const FileDescriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open() || fsync(directory.number()) != 0) {
    return FileError(errno, "can't flush directory", path);
  }
  return absl::OkStatus();
}

absl::StatusOr<PendingFile> PendingFile::Create(const std::string& directory) {
  static std::atomic<unsigned> counter{0};
  for (;;) {
    // A crashed process may have left a file of the same name: take the next number.
    std::string path = fmt::format("{}/{}{}-{}", directory, kPrefix, getpid(), counter++);
    FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file.open()) return PendingFile(std::move(file), std::move(path));
    if (errno != EEXIST) return FileError(errno, "can't write", path);
  }
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : file_(std::move(other.file_)), path_(std::exchange(other.path_, std::string())) {}

PendingFile::~PendingFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

absl::Status PendingFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file_.number(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileError(errno, "can't write", path_);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return absl::OkStatus();
}

absl::Status PendingFile::Commit(const std::string& path) {
  if (fsync(file_.number()) != 0) return FileError(errno, "can't write", path_);
  if (rename(path_.c_str(), path.c_str()) != 0) return FileError(errno, "can't write", path);
  path_.clear();
  file_.Close();
  return SyncDirectory(ParentOf(path));
}

}  // namespace imglife
