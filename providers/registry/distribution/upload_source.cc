#include "providers/registry/distribution/upload_source.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace imglife {

class UploadSource::Reader : public ByteReader {
 public:
  Reader(std::unique_ptr<ByteReader> source, UploadSource& owner)
      : source_(std::move(source)), owner_(owner), left_(owner.size_) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    absl::StatusOr<std::size_t> count = ReadAndCount(buffer, size);
    if (!count.ok()) owner_.failure_ = count.status();
    return count;
  }

  absl::Status Skip(std::int64_t count) {
    std::array<char, std::size_t{16} << 10> dropped{};
    while (count > 0) {
      const auto size =
          static_cast<std::size_t>(std::min(count, static_cast<std::int64_t>(dropped.size())));
      const absl::StatusOr<std::size_t> read = Read(dropped.data(), size);
      if (!read.ok()) return read.status();
      if (*read == 0) return WrongSize();
      count -= static_cast<std::int64_t>(*read);
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<std::size_t> ReadAndCount(char* buffer, std::size_t size) {
    const absl::StatusOr<std::size_t> count = source_->Read(buffer, size);
    if (!count.ok()) return count;
    left_ -= static_cast<std::int64_t>(*count);
    if (*count == 0 && left_ > 0) return WrongSize();
    if (*count > 0 && left_ == 0) {
      char more = 0;
      const absl::StatusOr<std::size_t> end = source_->Read(&more, 1);
      if (!end.ok()) return end;
      if (*end > 0) return WrongSize();
    }
    if (left_ < 0) return WrongSize();
    return count;
  }

  absl::Status WrongSize() const {
    return absl::DataLossError(fmt::format("{}: the source is {} than the blob should be",
                                           owner_.what_, left_ > 0 ? "shorter" : "longer"));
  }

  std::unique_ptr<ByteReader> source_;
  UploadSource& owner_;
  std::int64_t left_;
};

UploadSource::UploadSource(const OpenBlob& open, std::int64_t size, std::string what)
    : open_(open), size_(size), what_(std::move(what)) {}

void UploadSource::OpenAhead() {
  ahead_ = open_();
}

absl::StatusOr<std::unique_ptr<ByteReader>> UploadSource::Open(std::int64_t offset) {
  failure_ = absl::OkStatus();
  if (!ahead_) OpenAhead();
  absl::StatusOr<std::unique_ptr<ByteReader>> source = *std::exchange(ahead_, std::nullopt);
  if (!source.ok()) {
    failure_ = source.status();
    return source;
  }
  auto reader = std::make_unique<Reader>(*std::move(source), *this);
  if (absl::Status skipped = reader->Skip(offset); !skipped.ok()) return skipped;
  return reader;
}

}  // namespace imglife
