#include "providers/registry/distribution/blob_push.h"

#include <optional>
#include <random>
#include <utility>

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "providers/auth/registry_error.h"
#include "providers/http/retry.h"
#include "providers/registry/distribution/blobs.h"

namespace imglife {
namespace {

constexpr int kMaxUploads = 3;

// From 0 to 1, so that many uploads don't come back together.
double Random() {
  thread_local std::minstd_rand generator(std::random_device{}());
  return std::uniform_real_distribution<double>()(generator);
}

// Passes a source's bytes on and remembers its failure, which is not the registry's. The last bytes
// are given only after the source has said that it ends there: then it has verified them.
class WatchedReader : public ByteReader {
 public:
  WatchedReader(std::unique_ptr<ByteReader> source, std::int64_t size, std::string what,
                absl::Status& failure)
      : source_(std::move(source)), left_(size), what_(std::move(what)), failure_(failure) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    absl::StatusOr<std::size_t> count = ReadAndCount(buffer, size);
    if (!count.ok()) failure_ = count.status();
    return count;
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
    return absl::DataLossError(fmt::format("{}: the source is {} than the blob should be", what_,
                                           left_ > 0 ? "shorter" : "longer"));
  }

  std::unique_ptr<ByteReader> source_;
  std::int64_t left_;
  const std::string what_;
  absl::Status& failure_;
};

class BlobPush {
 public:
  BlobPush(Client& client, const Repository& repository, const Descriptor& blob,
           const OpenBlob& open)
      : client_(client),
        repository_(repository),
        blob_(blob),
        open_(open),
        what_(ReferenceText(repository, blob.digest.str())) {}

  // True if mounted; false if it must be uploaded, to the session that was started, if any.
  absl::StatusOr<bool> Mount(const Repository& from);
  absl::Status Upload();

 private:
  absl::StatusOr<Call> StartCall() const;
  absl::Status StartUpload();
  absl::Status PutBytes();
  absl::Status JudgePut(const HttpResponse& response) const;

  Client& client_;
  const Repository& repository_;
  const Descriptor& blob_;
  const OpenBlob& open_;
  const std::string what_;
  std::optional<Url> session_;
  absl::Status source_failure_;
};

// Starting a session that is never used harms nobody: the request may be repeated.
absl::StatusOr<Call> BlobPush::StartCall() const {
  absl::StatusOr<std::string> url = client_.Address(repository_, "blobs/uploads/");
  if (!url.ok()) return url.status();
  Call call;
  call.repository = repository_;
  call.what = what_;
  call.scopes = PushScope(repository_.path);
  call.request.method = "POST";
  call.request.url = *std::move(url);
  return call;
}

absl::StatusOr<bool> BlobPush::Mount(const Repository& from) {
  absl::StatusOr<Call> call = StartCall();
  if (!call.ok()) return call.status();
  call->scopes.push_back(PullScope(from.path).front());
  call->request.url = WithParameter(call->request.url, "mount", blob_.digest.str());
  call->request.url = WithParameter(call->request.url, "from", from.path);
  const absl::StatusOr<HttpResponse> response = client_.Send(*call);
  if (!response.ok()) {
    // A token for both repositories may be refused where one for the target alone is not.
    const bool refused =
        absl::IsUnauthenticated(response.status()) || absl::IsPermissionDenied(response.status());
    if (refused) return false;
    return response.status();
  }
  if (response->status == 201) return true;
  if (response->status == 202) {
    absl::StatusOr<Url> location = UploadLocation(*call, *response);
    if (!location.ok()) return location.status();
    session_ = *std::move(location);
  }
  return false;
}

absl::Status BlobPush::StartUpload() {
  const absl::StatusOr<Call> call = StartCall();
  if (!call.ok()) return call.status();
  const absl::StatusOr<HttpResponse> response = client_.Send(*call);
  if (!response.ok()) return response.status();
  if (response->status != 202) return StatusOfAnswer(what_, *response);
  absl::StatusOr<Url> location = UploadLocation(*call, *response);
  if (!location.ok()) return location.status();
  session_ = *std::move(location);
  return absl::OkStatus();
}

absl::Status BlobPush::PutBytes() {
  const Client::UploadSlot slot(client_);
  Call call;
  call.repository = repository_;
  call.what = what_;
  call.scopes = PushScope(repository_.path);
  call.request.method = "PUT";
  call.request.url = WithParameter(session_->ToString(), "digest", blob_.digest.str());
  call.request.headers.emplace_back("Content-Type", "application/octet-stream");
  call.request.upload_size = blob_.size;
  call.request.idempotent = false;
  session_.reset();
  source_failure_ = absl::OkStatus();
  call.source = [this]() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
    absl::StatusOr<std::unique_ptr<ByteReader>> source = open_();
    if (!source.ok()) {
      source_failure_ = source.status();
      return source;
    }
    return std::make_unique<WatchedReader>(*std::move(source), blob_.size, what_, source_failure_);
  };
  const absl::StatusOr<HttpResponse> response = client_.Send(call);
  if (!source_failure_.ok()) return source_failure_;
  if (!response.ok()) return response.status();
  return JudgePut(*response);
}

absl::Status BlobPush::JudgePut(const HttpResponse& response) const {
  if (response.status == 404 || response.status == 416) {
    return absl::UnavailableError(
        fmt::format("{}: the registry lost the upload: {}", what_, DescribeAnswer(response)));
  }
  if (HasErrorCode(response, {"DIGEST_INVALID"})) {
    return absl::DataLossError(fmt::format("{}: the bytes that arrived have another digest: {}",
                                           what_, DescribeAnswer(response)));
  }
  if (response.status != 201 && response.status != 204) return StatusOfAnswer(what_, response);
  const std::string stated = response.Header("docker-content-digest");
  if (!stated.empty() && stated != blob_.digest.str()) {
    return absl::DataLossError(
        fmt::format("{}: the registry stored the blob under another digest", what_));
  }
  return absl::OkStatus();
}

absl::Status BlobPush::Upload() {
  absl::Status status;
  for (int uploads = 0; uploads < kMaxUploads; ++uploads) {
    if (!session_) {
      if (absl::Status started = StartUpload(); !started.ok()) return started;
    }
    status = PutBytes();
    const bool retriable = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
    if (!retriable) return status;
    const absl::StatusOr<bool> arrived = HasRemoteBlob(client_, repository_, blob_.digest);
    if (!arrived.ok()) return status;
    if (*arrived) return absl::OkStatus();
    if (uploads + 1 < kMaxUploads) absl::SleepFor(BackoffDelay(uploads + 1, Random()));
  }
  return status;
}

}  // namespace

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

absl::StatusOr<PushOutcome> PushRemoteBlob(Client& client, const Repository& repository,
                                           const Descriptor& blob, const OpenBlob& open,
                                           const PushBlobOptions& options) {
  if (!options.known_absent) {
    const absl::StatusOr<bool> present = HasRemoteBlob(client, repository, blob.digest);
    if (!present.ok()) return present.status();
    if (*present) return PushOutcome::kPresent;
  }
  BlobPush push(client, repository, blob, open);
  if (!options.mount_from.empty()) {
    const absl::StatusOr<bool> mounted = push.Mount(options.mount_from.front());
    if (!mounted.ok()) return mounted.status();
    if (*mounted) return PushOutcome::kMounted;
  }
  if (absl::Status status = push.Upload(); !status.ok()) return status;
  return PushOutcome::kUploaded;
}

}  // namespace imglife
