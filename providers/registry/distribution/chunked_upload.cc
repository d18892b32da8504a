#include "providers/registry/distribution/chunked_upload.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "providers/auth/registry_error.h"

namespace imglife {
namespace {

// What nginx takes unless it is told otherwise (client_max_body_size 1m).
constexpr std::int64_t kChunkBytes = std::int64_t{1} << 20;
// A chunk is held in memory, so that it can be sent again.
constexpr std::int64_t kMaxChunkBytes = std::int64_t{64} << 20;

bool LeavesGap(const absl::StatusOr<HttpResponse>& response) {
  return response.ok() && response->status == 416;
}

}  // namespace

ChunkedUpload::ChunkedUpload(UploadSession& session, UploadSource& source, Retries& retries,
                             std::int64_t size, std::int64_t& furthest, std::string what)
    : session_(session),
      source_(source),
      retries_(retries),
      size_(size),
      furthest_(furthest),
      what_(std::move(what)) {}

absl::StatusOr<std::string> ChunkedUpload::NextChunk(ByteReader& source, std::size_t size) const {
  std::string chunk(size, '\0');
  for (std::size_t filled = 0; filled < size;) {
    const absl::StatusOr<std::size_t> count = source.Read(chunk.data() + filled, size - filled);
    if (!count.ok()) return count.status();
    filled += *count;
  }
  return chunk;
}

// Where the registry is after a chunk that was to lead to `end`.
absl::Status ChunkedUpload::GoOnAfter(const absl::StatusOr<HttpResponse>& response,
                                      std::int64_t end) {
  const std::int64_t before = held_;
  if (response.ok() && UploadSession::TookPart(*response)) {
    if (absl::Status next = session_.Follow(*response); !next.ok()) return next;
    const std::string range = response->Header("range");
    held_ = range.empty() || end == 1 ? end : BytesHeld(range);
    if (held_ < end && !retries_.WaitForNext()) return TakesNoMore();
  } else if ((MayPass(response) || LeavesGap(response)) && retries_.WaitForNext()) {
    held_ = session_.AskOffset();
  } else if (!response.ok()) {
    return response.status();
  } else if (response->status == 404 || response->status == 416) {
    return absl::UnavailableError(
        fmt::format("{}: the registry lost the upload: {}", what_, DescribeAnswer(*response)));
  } else {
    return session_.StatusOf(*response);
  }
  if (session_.open() && held_ >= before && held_ <= end) return absl::OkStatus();
  return absl::UnavailableError(fmt::format(
      "{}: the registry lost a part of the upload: it has {} bytes of {}", what_, held_, end));
}

absl::Status ChunkedUpload::TakesNoMore() const {
  return absl::UnavailableError(
      fmt::format("{}: the registry takes no more than {} bytes", what_, held_));
}

absl::Status ChunkedUpload::SendChunk(std::string_view chunk) {
  const std::int64_t start = held_;
  const std::int64_t end = start + static_cast<std::int64_t>(chunk.size());
  while (held_ < end) {
    const auto taken = static_cast<std::size_t>(held_ - start);
    const absl::StatusOr<HttpResponse> response = session_.PatchChunk(held_, chunk.substr(taken));
    heard_ = response.ok();
    if (heard_) retries_.Heard(*response);
    if (absl::Status next = GoOnAfter(response, end); !next.ok()) return next;
  }
  if (held_ > furthest_) {
    furthest_ = held_;
    retries_.Restart();
  }
  return absl::OkStatus();
}

absl::Status ChunkedUpload::Send() {
  const std::int64_t least = std::max(kChunkBytes, session_.least_chunk());
  if (least > kMaxChunkBytes) {
    return absl::UnimplementedError(
        fmt::format("{}: the registry wants chunks of at least {} bytes, more than imglife holds "
                    "in memory",
                    what_, least));
  }
  const absl::StatusOr<std::unique_ptr<ByteReader>> source = source_.Open(0);
  if (!source.ok()) return source.status();
  while (held_ < size_) {
    const absl::StatusOr<std::string> chunk =
        NextChunk(**source, static_cast<std::size_t>(std::min(least, size_ - held_)));
    if (!chunk.ok()) return chunk.status();
    if (absl::Status sent = SendChunk(*chunk); !sent.ok()) return sent;
  }
  return absl::OkStatus();
}

}  // namespace imglife
