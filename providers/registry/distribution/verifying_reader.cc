#include "providers/registry/distribution/verifying_reader.h"

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include <fmt/format.h>

namespace imglife {
namespace {

class VerifyingReader : public ByteReader {
 public:
  VerifyingReader(std::unique_ptr<ByteReader> source, Digest digest, std::int64_t size,
                  std::string what)
      : source_(std::move(source)),
        digest_(std::move(digest)),
        size_(size),
        what_(std::move(what)),
        hasher_(digest_.algorithm()) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    if (!failure_.ok()) return failure_;
    absl::StatusOr<std::size_t> count = ReadAndCheck(buffer, size);
    if (!count.ok()) failure_ = count.status();
    return count;
  }

 private:
  absl::StatusOr<std::size_t> ReadAndCheck(char* buffer, std::size_t size) {
    const absl::StatusOr<std::size_t> count = source_->Read(buffer, size);
    if (!count.ok()) return count;
    got_ += static_cast<std::int64_t>(*count);
    if (got_ > size_) {
      return absl::DataLossError(
          fmt::format("{}: more bytes came than the {} it should have", what_, size_));
    }
    if (*count == 0 && got_ < size_) {
      return absl::DataLossError(
          fmt::format("{}: only {} of its {} bytes came", what_, got_, size_));
    }
    if (verified_) return count;
    hasher_.Update(std::string_view(buffer, *count));
    if (got_ == size_) {
      if (hasher_.Finish() != digest_) {
        return absl::DataLossError(
            fmt::format("{}: what came has another digest than was asked for", what_));
      }
      verified_ = true;
    }
    return count;
  }

  std::unique_ptr<ByteReader> source_;
  const Digest digest_;
  const std::int64_t size_;
  const std::string what_;
  Hasher hasher_;
  std::int64_t got_ = 0;
  bool verified_ = false;
  absl::Status failure_;
};

}  // namespace

std::unique_ptr<ByteReader> MakeVerifyingReader(std::unique_ptr<ByteReader> source, Digest digest,
                                                std::int64_t size, std::string what) {
  return std::make_unique<VerifyingReader>(std::move(source), std::move(digest), size,
                                           std::move(what));
}

}  // namespace imglife
