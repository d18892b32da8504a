#include "providers/system/file_descriptor.h"

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace imglife {
namespace {

constexpr int kFirstAfterStandardStreams = 3;

bool MoveAboveStandardStreams(FileDescriptor& descriptor) {
  if (descriptor.number() >= kFirstAfterStandardStreams) return true;
  const int moved = fcntl(descriptor.number(), F_DUPFD_CLOEXEC, kFirstAfterStandardStreams);
  if (moved < 0) return false;
  descriptor = FileDescriptor(moved);
  return true;
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    Close();
    number_ = other.Release();
  }
  return *this;
}

bool FileDescriptor::Close() {
  // Linux frees the number also when close() is interrupted: never a second attempt.
  return !open() || close(Release()) == 0 || errno == EINTR;
}

int FileDescriptor::Release() {
  return std::exchange(number_, -1);
}

absl::StatusOr<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return absl::ErrnoToStatus(errno, "can't make a pipe to a child process");
  }
  Pipe pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  if (!MoveAboveStandardStreams(pipe.reader) || !MoveAboveStandardStreams(pipe.writer)) {
    return absl::ErrnoToStatus(errno, "can't make a pipe to a child process");
  }
  return pipe;
}

bool DoNotBlock(const FileDescriptor& descriptor) {
  const int flags = fcntl(descriptor.number(), F_GETFL);
  return flags >= 0 && fcntl(descriptor.number(), F_SETFL, flags | O_NONBLOCK) == 0;
}

ssize_t ReadSome(int number, char* buffer, std::size_t size) {
  for (;;) {
    const ssize_t count = read(number, buffer, size);
    if (count >= 0 || errno != EINTR) return count;
  }
}

ssize_t WriteSome(int number, std::string_view bytes) {
  for (;;) {
    const ssize_t count = write(number, bytes.data(), bytes.size());
    if (count >= 0 || errno != EINTR) return count;
  }
}

bool WriteAll(int number, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = WriteSome(number, bytes);
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace imglife
