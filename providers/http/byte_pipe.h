// Bytes on their way between the curl thread, which never waits, and one thread that does.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace imglife {

// Holds at most about `capacity` bytes that wait, and as many that were read. One writer, one
// reader, each of which may be any thread.
class BytePipe {
 public:
  explicit BytePipe(std::size_t capacity) : capacity_(capacity) {}

  // False if it is full: nothing was taken, and a later read says that there is room again, once
  // half of it is free.
  bool TryWrite(std::string_view bytes);
  struct WriteResult {
    // False once the reading end is closed: nothing was taken.
    bool open = true;
    // A reader that doesn't wait found nothing before and may try again now.
    bool wanted = false;
  };
  // Waits for room.
  WriteResult Write(std::string_view bytes);
  // No more bytes come. An error is what the reader gets after the bytes that are there.
  void CloseWriting(absl::Status status);

  struct ReadResult {
    std::size_t count = 0;
    bool end = false;
    // A writer was refused before and may try again now.
    bool made_room = false;
  };
  // What is there now: 0 bytes without `end` means none yet. An error is that of the writer.
  absl::StatusOr<ReadResult> TryRead(char* buffer, std::size_t size);
  // Waits for at least one byte, the end or an error.
  absl::StatusOr<ReadResult> Read(char* buffer, std::size_t size);
  // Nobody reads any more.
  void CloseReading();

 private:
  void Append(std::string_view bytes);
  absl::StatusOr<ReadResult> Take(char* buffer, std::size_t size);

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string bytes_;
  std::size_t taken_ = 0;  // of `bytes_`, from its front
  bool refused_ = false;
  bool wanted_ = false;
  bool writing_closed_ = false;
  bool reading_closed_ = false;
  absl::Status status_;
};

}  // namespace imglife
