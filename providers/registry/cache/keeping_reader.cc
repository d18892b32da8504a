#include "providers/registry/cache/keeping_reader.h"

#include <string>
#include <utility>

namespace imglife {
namespace {

class KeepingReader : public ByteReader {
 public:
  KeepingReader(std::unique_ptr<ByteReader> inner, Digest digest, ContentCache& cache)
      : inner_(std::move(inner)), digest_(std::move(digest)), cache_(cache) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    const auto count = inner_->Read(buffer, size);
    if (!count.ok()) {
      is_whole_ = false;
    } else if (*count > 0) {
      Keep({buffer, *count});
    } else if (is_whole_) {
      cache_.Store(digest_, content_);
      is_whole_ = false;
    }
    return count;
  }

 private:
  void Keep(std::string_view bytes) {
    is_whole_ = is_whole_ && bytes.size() <= ContentCache::kMaxEntryBytes - content_.size();
    if (is_whole_) content_.append(bytes);
  }

  const std::unique_ptr<ByteReader> inner_;
  const Digest digest_;
  ContentCache& cache_;
  std::string content_;
  // Is `content_` all that was read so far, and to be stored?
  bool is_whole_ = true;
};

}  // namespace

std::unique_ptr<ByteReader> MakeKeepingReader(std::unique_ptr<ByteReader> inner,
                                              const Digest& digest, ContentCache& cache) {
  return std::make_unique<KeepingReader>(std::move(inner), digest, cache);
}

}  // namespace imglife
