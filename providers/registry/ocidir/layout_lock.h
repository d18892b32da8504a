// Locks between processes, as flock(2) gives them: they end with the process, however it ends.
#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "providers/registry/ocidir/layout_files.h"

namespace imglife {

// Held by one process at a time, from Acquire until the object goes.
class FileLock {
 public:
  // Waits. Makes the file if it is missing.
  static absl::StatusOr<FileLock> Acquire(const std::string& path);

 private:
  explicit FileLock(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

// Says to other processes that this one is writing. Any number may hold one; who wants to remove
// what nobody needs must first know that he is alone.
//
// Take and IsAlone are called while a FileLock of the same layout is held: changing a flock isn't
// atomic.
class WriterLease {
 public:
  static absl::StatusOr<WriterLease> Take(const std::string& path);

  // True if no other lease is held; none can then be taken as long as the FileLock is held.
  bool IsAlone() const;

 private:
  explicit WriterLease(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

}  // namespace imglife
