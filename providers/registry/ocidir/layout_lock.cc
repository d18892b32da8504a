#include "providers/registry/ocidir/layout_lock.h"

#include <cerrno>
#include <sys/file.h>
#include <utility>

#include <fcntl.h>

namespace imglife {
namespace {

absl::StatusOr<FileDescriptor> Lock(const std::string& path, int operation) {
  FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file.open()) return FileError(errno, "can't write", path);
  while (flock(file.number(), operation) != 0) {
    if (errno != EINTR) return FileError(errno, "can't lock", path);
  }
  return file;
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path) {
  absl::StatusOr<FileDescriptor> file = Lock(path, LOCK_EX);
  if (!file.ok()) return file.status();
  return FileLock(*std::move(file));
}

absl::StatusOr<WriterLease> WriterLease::Take(const std::string& path) {
  absl::StatusOr<FileDescriptor> file = Lock(path, LOCK_SH);
  if (!file.ok()) return file.status();
  return WriterLease(*std::move(file));
}

bool WriterLease::IsAlone() const {
  const bool alone = flock(file_.number(), LOCK_EX | LOCK_NB) == 0;
  // A failed change may have dropped the lock; nobody else holds an exclusive one outside his
  // FileLock, so this doesn't wait.
  while (flock(file_.number(), LOCK_SH) != 0 && errno == EINTR) {
  }
  return alone;
}

}  // namespace imglife
