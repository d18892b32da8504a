#include "providers/registry/distribution/upload_session.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace imglife {
namespace {

constexpr std::string_view kBytes = "application/octet-stream";

// A stream of bytes that stay where they are.
class ReaderInPlace : public ByteReader {
 public:
  explicit ReaderInPlace(std::string_view bytes) : left_(bytes) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    const std::size_t count = left_.copy(buffer, size);
    left_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view left_;
};

std::int64_t Number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0 ? number : 0;
}

}  // namespace

std::int64_t BytesHeld(std::string_view range) {
  constexpr std::string_view kUnit = "bytes=";
  if (range.starts_with(kUnit)) range.remove_prefix(kUnit.size());
  if (!range.starts_with("0-")) return 0;
  const std::int64_t last = Number(range.substr(2));
  return last == 0 ? 0 : last + 1;
}

absl::StatusOr<Url> UploadLocation(const Call& call, const HttpResponse& response) {
  const std::optional<Url> from = ParseUrl(response.url);
  const std::optional<Url> location =
      from ? ResolveUrl(*from, response.Header("location")) : std::nullopt;
  if (!location) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: the registry doesn't say where to upload to (no usable Location)", call.what));
  }
  if (Downgrades(*from, *location)) {
    return absl::InvalidArgumentError(
        fmt::format("{}: the registry wants the upload at {}, which is without TLS: refused",
                    call.what, location->Origin()));
  }
  if (location->host != from->host && IsInternalHost(location->host)) {
    return absl::InvalidArgumentError(
        fmt::format("{}: the registry wants the upload at {}, an internal address of another host: "
                    "refused",
                    call.what, location->Origin()));
  }
  return *location;
}

UploadSession::UploadSession(Client& client, const Repository& repository, const Descriptor& blob,
                             std::string what)
    : client_(client), repository_(repository), blob_(blob), what_(std::move(what)) {}

Call UploadSession::CallTo(std::string method, std::string url) const {
  Call call;
  call.repository = repository_;
  call.what = what_;
  call.scopes = PushScope(repository_.path);
  call.request.method = std::move(method);
  call.request.url = std::move(url);
  return call;
}

// Starting a session that is never used harms nobody: the request may be repeated.
absl::StatusOr<Call> UploadSession::StartCall() const {
  absl::StatusOr<std::string> url = client_.Address(repository_, "blobs/uploads/");
  if (!url.ok()) return url.status();
  return CallTo("POST", *std::move(url));
}

absl::Status UploadSession::Open(const Call& call, const HttpResponse& response) {
  absl::StatusOr<Url> location = UploadLocation(call, response);
  if (!location.ok()) return location.status();
  location_ = *std::move(location);
  least_chunk_ = Number(response.Header("oci-chunk-min-length"));
  return absl::OkStatus();
}

absl::Status UploadSession::Start() {
  const absl::StatusOr<Call> call = StartCall();
  if (!call.ok()) return call.status();
  const absl::StatusOr<HttpResponse> response = client_.Send(*call);
  if (!response.ok()) return response.status();
  if (response->status != 202) return StatusOf(*response);
  return Open(*call, *response);
}

absl::StatusOr<bool> UploadSession::Mount(const Repository& from) {
  absl::StatusOr<Call> call = StartCall();
  if (!call.ok()) return call.status();
  call->scopes.push_back(PullScope(from.path).front());
  call->request.url = WithParameter(call->request.url, "mount", blob_.digest.str());
  call->request.url = WithParameter(call->request.url, "from", from.path);
  // A server that breaks at mounts (ggcr#1404, #1679) breaks at each: the upload is what remains.
  call->request.idempotent = false;
  const absl::StatusOr<HttpResponse> response = client_.Send(*call);
  // A token for both repositories may be refused where one for the target alone is not: the upload
  // tells whether it is more than that.
  if (!response.ok()) return false;
  if (response->status == 201) {
    const std::string stated = response->Header("docker-content-digest");
    return stated.empty() || stated == blob_.digest.str();
  }
  if (response->status != 202) return false;
  // Without a place to go on at, the upload starts by itself.
  Open(*call, *response).IgnoreError();
  return false;
}

absl::StatusOr<HttpResponse> UploadSession::PutWhole(UploadSource& source) {
  Call call = CallTo("PUT", WithParameter(location_->ToString(), "digest", blob_.digest.str()));
  call.request.headers.emplace_back("Content-Type", std::string(kBytes));
  call.request.upload_size = blob_.size;
  call.request.idempotent = false;
  call.source = [&source] { return source.Open(0); };
  return client_.Send(call);
}

absl::StatusOr<HttpResponse> UploadSession::Patch(std::int64_t first, std::int64_t size,
                                                  Call call) {
  call.request.headers.emplace_back("Content-Type", std::string(kBytes));
  call.request.headers.emplace_back("Content-Range", fmt::format("{}-{}", first, first + size - 1));
  call.request.idempotent = false;
  return client_.Send(call);
}

absl::StatusOr<HttpResponse> UploadSession::PatchChunk(std::int64_t offset,
                                                       std::string_view bytes) {
  Call call = CallTo("PATCH", location_->ToString());
  call.request.upload_size = static_cast<std::int64_t>(bytes.size());
  call.source = [bytes] { return std::make_unique<ReaderInPlace>(bytes); };
  return Patch(offset, call.request.upload_size, std::move(call));
}

absl::StatusOr<HttpResponse> UploadSession::PatchRest(std::int64_t offset, UploadSource& source) {
  Call call = CallTo("PATCH", location_->ToString());
  call.request.upload_size = blob_.size - offset;
  call.source = [&source, offset] { return source.Open(offset); };
  return Patch(offset, blob_.size - offset, std::move(call));
}

absl::StatusOr<HttpResponse> UploadSession::Finish() {
  Call call = CallTo("PUT", WithParameter(location_->ToString(), "digest", blob_.digest.str()));
  call.request.idempotent = false;
  return client_.Send(call);
}

std::int64_t UploadSession::AskOffset() {
  if (!location_) return 0;
  const Call call = CallTo("GET", location_->ToString());
  const absl::StatusOr<HttpResponse> response = client_.Send(call);
  if (!response.ok() || (response->status != 204 && response->status != 202)) {
    Close();
    return 0;
  }
  if (!Follow(*response).ok()) {
    Close();
    return 0;
  }
  return BytesHeld(response->Header("range"));
}

absl::Status UploadSession::Follow(const HttpResponse& response) {
  if (response.Header("location").empty()) return absl::OkStatus();
  absl::StatusOr<Url> next = UploadLocation(CallTo("PATCH", ""), response);
  if (!next.ok()) return next.status();
  location_ = *std::move(next);
  return absl::OkStatus();
}

// With a scope of its own: a registry that asks for more than push to cancel must not teach the
// pushes to ask for it too.
void UploadSession::Cancel() {
  if (!location_) return;
  Call call = CallTo("DELETE", location_->ToString());
  call.scopes = DeleteScope(repository_.path);
  call.request.idempotent = false;
  client_.Send(call).status().IgnoreError();
  Close();
}

}  // namespace imglife
