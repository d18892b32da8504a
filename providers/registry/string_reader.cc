#include <algorithm>
#include <utility>

#include "providers/registry.h"

namespace imglife {
namespace {

class StringReader : public ByteReader {
 public:
  explicit StringReader(std::string bytes) : bytes_(std::move(bytes)) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    const std::size_t count = bytes_.copy(buffer, size, at_);
    at_ += count;
    return count;
  }

 private:
  const std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<ByteReader> MakeStringReader(std::string bytes) {
  return std::make_unique<StringReader>(std::move(bytes));
}

}  // namespace imglife
