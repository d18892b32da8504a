#include "providers/registry/distribution/resuming_reader.h"

#include <utility>

#include "absl/status/status.h"

namespace imglife {
namespace {

// A transfer that got so much further has earned its tries anew.
constexpr std::int64_t kProgress = std::int64_t{8} << 20;

bool IsInterruption(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

class ResumingReader : public ByteReader {
 public:
  ResumingReader(std::unique_ptr<ByteReader> source, OpenAt open_at, Retries retries)
      : source_(std::move(source)), open_at_(std::move(open_at)), retries_(std::move(retries)) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    while (true) {
      const absl::StatusOr<std::size_t> count = source_->Read(buffer, size);
      if (count.ok()) {
        position_ += static_cast<std::int64_t>(*count);
        return count;
      }
      if (position_ - resumed_at_ >= kProgress) retries_.Restart();
      if (!IsInterruption(count.status()) || !retries_.WaitForNext()) return count;
      resumed_at_ = position_;
      absl::StatusOr<std::unique_ptr<ByteReader>> rest = open_at_(position_);
      if (absl::IsUnimplemented(rest.status())) return count;
      if (!rest.ok()) return rest.status();
      source_ = *std::move(rest);
    }
  }

 private:
  std::unique_ptr<ByteReader> source_;
  const OpenAt open_at_;
  std::int64_t position_ = 0;
  std::int64_t resumed_at_ = 0;
  Retries retries_;
};

}  // namespace

std::unique_ptr<ByteReader> MakeResumingReader(std::unique_ptr<ByteReader> source, OpenAt open_at,
                                               Retries retries) {
  return std::make_unique<ResumingReader>(std::move(source), std::move(open_at),
                                          std::move(retries));
}

}  // namespace imglife
