// File descriptors that close themselves.
//
// Thread safety: values; each belongs to one thread at a time.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace imglife {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(other.Release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { Close(); }

  int number() const { return number_; }
  bool open() const { return number_ >= 0; }
  // False if the system reports an error that came late (NFS, quotas), with errno set.
  bool Close();

 private:
  int Release();

  int number_ = -1;
};

struct Pipe {
  FileDescriptor reader;
  FileDescriptor writer;
};

// Close-on-exec, and never 0, 1 or 2, so that a child's standard streams can be put in their places
// in any order.
absl::StatusOr<Pipe> MakePipe();

// Reading and writing it then fail with EAGAIN instead of waiting. False with errno set.
bool DoNotBlock(const FileDescriptor& descriptor);

// What read() and write() do, again when a signal interrupted them.
ssize_t ReadSome(int number, char* buffer, std::size_t size);
ssize_t WriteSome(int number, std::string_view bytes);

// False with errno set if not everything could be written.
bool WriteAll(int number, std::string_view bytes);

}  // namespace imglife
