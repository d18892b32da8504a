#include "providers/http/byte_pipe.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace imglife {

bool BytePipe::TryWrite(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  // An empty pipe takes any piece, so that no piece is too large for ever.
  if (taken_ < bytes_.size() && bytes_.size() - taken_ + bytes.size() > capacity_) {
    refused_ = true;
    return false;
  }
  Append(bytes);
  return true;
}

BytePipe::WriteResult BytePipe::Write(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return reading_closed_ || taken_ == bytes_.size() ||
           bytes_.size() - taken_ + bytes.size() <= capacity_;
  });
  if (reading_closed_) return {.open = false};
  Append(bytes);
  return {.wanted = std::exchange(wanted_, false)};
}

void BytePipe::Append(std::string_view bytes) {
  // A pipe that never runs empty must not keep what was read. Dropping it only where it outweighs
  // the rest moves each byte once at most.
  if (taken_ >= bytes_.size() - taken_) {
    bytes_.erase(0, taken_);
    taken_ = 0;
  }
  bytes_.append(bytes);
  changed_.notify_all();
}

void BytePipe::CloseWriting(absl::Status status) {
  const std::lock_guard lock(mutex_);
  if (writing_closed_) return;
  writing_closed_ = true;
  status_ = std::move(status);
  changed_.notify_all();
}

void BytePipe::CloseReading() {
  const std::lock_guard lock(mutex_);
  reading_closed_ = true;
  changed_.notify_all();
}

absl::StatusOr<BytePipe::ReadResult> BytePipe::TryRead(char* buffer, std::size_t size) {
  const std::lock_guard lock(mutex_);
  auto result = Take(buffer, size);
  wanted_ = result.ok() && result->count == 0 && !result->end;
  return result;
}

absl::StatusOr<BytePipe::ReadResult> BytePipe::Read(char* buffer, std::size_t size) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return writing_closed_ || taken_ < bytes_.size(); });
  return Take(buffer, size);
}

absl::StatusOr<BytePipe::ReadResult> BytePipe::Take(char* buffer, std::size_t size) {
  ReadResult result;
  result.count = std::min(size, bytes_.size() - taken_);
  std::memcpy(buffer, bytes_.data() + taken_, result.count);
  taken_ += result.count;
  if (taken_ == bytes_.size()) {
    bytes_.clear();
    taken_ = 0;
  }
  if (result.count == 0 && writing_closed_) {
    if (!status_.ok()) return status_;
    result.end = true;
  }
  // Not for each byte that is read: going on costs more than a few bytes are worth.
  if (bytes_.size() - taken_ <= capacity_ / 2) result.made_room = std::exchange(refused_, false);
  changed_.notify_all();
  return result;
}

}  // namespace imglife
