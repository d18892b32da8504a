// Files as an image layout needs them. A layout may have come from anywhere: what is opened is a
// regular file itself, never a symbolic link, device or pipe; what is written is whole and on disk
// before it has its name.
//
// Messages name the file. Codes: PermissionDenied (also read-only), ResourceExhausted (no space),
// InvalidArgument (not the kind of file it should be), else Unavailable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/system/file_descriptor.h"

namespace imglife {

// The status of a failed system call; `doing` is like "can't read".
absl::Status FileError(int error, std::string_view doing, const std::string& path);

struct OpenedFile {
  FileDescriptor descriptor;
  std::int64_t size = 0;
};

// NotFound if there is no such file, or no such directory.
absl::StatusOr<OpenedFile> OpenRegularFile(const std::string& path);

// NotFound likewise; InvalidArgument if the file is larger than `limit`.
absl::StatusOr<std::string> ReadRegularFile(const std::string& path, std::size_t limit);

// Size of the regular file at `path`; NotFound likewise.
absl::StatusOr<std::int64_t> SizeOfRegularFile(const std::string& path);

// Makes the directory and missing ones above it, durably. One that is there is fine.
absl::Status MakeDirectories(const std::string& path);

// Makes renames and removals in the directory durable.
absl::Status SyncDirectory(const std::string& path);

// A file that gets its name when it is complete. One thread. Destroying it before Commit removes
// it; after a crash it stays as a "tmp-..." file, which nobody reads.
class PendingFile {
 public:
  // `directory` must be in the file system of the final path.
  static absl::StatusOr<PendingFile> Create(const std::string& directory);
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

  absl::Status Write(std::string_view bytes);
  // Flushes to disk and renames to `path`, replacing what is there.
  absl::Status Commit(const std::string& path);

  static constexpr std::string_view kPrefix = "tmp-";

 private:
  PendingFile(FileDescriptor file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  FileDescriptor file_;
  std::string path_;  // empty once renamed
};

}  // namespace imglife
