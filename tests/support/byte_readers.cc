#include "tests/support/byte_readers.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace imglife {
namespace {

class MemoryReader : public ByteReader {
 public:
  MemoryReader(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    const std::size_t count = std::min({size, piece_, bytes_.size() - position_});
    std::memcpy(buffer, bytes_.data() + position_, count);
    position_ += count;
    return count;
  }

 private:
  std::string bytes_;
  std::size_t piece_;
  std::size_t position_ = 0;
};

}  // namespace

std::unique_ptr<ByteReader> ReaderOf(std::string bytes, std::size_t piece) {
  return std::make_unique<MemoryReader>(std::move(bytes), piece);
}

OpenBlob SourceOf(std::string bytes) {
  return [bytes = std::move(bytes)]() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
    return ReaderOf(bytes);
  };
}

absl::StatusOr<std::string> ReadAll(ByteReader& reader) {
  std::string all;
  std::array<char, 16 << 10> buffer;
  while (true) {
    const absl::StatusOr<std::size_t> count = reader.Read(buffer.data(), buffer.size());
    if (!count.ok()) return count.status();
    if (*count == 0) return all;
    all.append(buffer.data(), *count);
  }
}

}  // namespace imglife
