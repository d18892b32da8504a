#include "providers/registry/distribution/blob_push.h"

#include <future>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "providers/auth/registry_error.h"
#include "providers/http/retries.h"
#include "providers/registry/distribution/blobs.h"
#include "providers/registry/distribution/chunked_upload.h"
#include "providers/registry/distribution/upload_session.h"
#include "providers/registry/distribution/upload_source.h"

namespace imglife {
namespace {

// The registry, or a proxy before it, takes no body of that size (413, 411), no PUT with a body
// (405, 501), or none without a range (416); 400 where it says that it is about the upload's form.
bool RefusesWhole(const HttpResponse& response) {
  switch (response.status) {
    case 405:
    case 411:
    case 413:
    case 416:
    case 501:
      return true;
    case 400:
      return HasErrorCode(response, {"BLOB_UPLOAD_INVALID", "SIZE_INVALID", "UNSUPPORTED"});
    default:
      return false;
  }
}

class BlobPush {
 public:
  BlobPush(Client& client, const Repository& repository, const Descriptor& blob,
           const OpenBlob& open)
      : client_(client),
        repository_(repository),
        blob_(blob),
        what_(ReferenceText(repository, blob.digest.str())),
        source_(open, blob.size, what_),
        session_(client, repository, blob, what_),
        retries_(client.StartRetries()) {}

  // True if mounted; false if it must be uploaded, to the session that was started, if any.
  absl::StatusOr<bool> Mount(const Repository& from) { return session_.Mount(from); }
  absl::Status Upload();

 private:
  absl::Status Start(bool with_source);
  absl::Status UploadOnce();
  absl::Status SendWhole();
  absl::Status SendRest();
  absl::Status SendChunks();
  absl::Status Judge(const absl::StatusOr<HttpResponse>& response);
  void CancelIfHeard();

  Client& client_;
  const Repository& repository_;
  const Descriptor& blob_;
  const std::string what_;
  UploadSource source_;
  UploadSession session_;
  Retries retries_;
  // What the session holds already.
  std::int64_t offset_ = 0;
  // How much any session has held in chunks.
  std::int64_t furthest_ = 0;
  // The last request of the upload had an answer; the one that opened the session had.
  bool heard_ = true;
};

// To a PUT that ends an upload (protocol notes 3.3).
bool CompletesBlob(const HttpResponse& response) {
  return response.status == 201 || response.status == 204;
}

// What the answer to the request that completes the blob means.
absl::Status BlobPush::Judge(const absl::StatusOr<HttpResponse>& response) {
  heard_ = response.ok();
  if (heard_) retries_.Heard(*response);
  if (!source_.failure().ok()) return source_.failure();
  if (!response.ok()) return response.status();
  if (response->status == 404 || response->status == 416) {
    return absl::UnavailableError(
        fmt::format("{}: the registry lost the upload: {}", what_, DescribeAnswer(*response)));
  }
  if (HasErrorCode(*response, {"DIGEST_INVALID"})) {
    return absl::DataLossError(fmt::format("{}: the bytes that arrived have another digest: {}",
                                           what_, DescribeAnswer(*response)));
  }
  if (!CompletesBlob(*response)) return session_.StatusOf(*response);
  const std::string stated = response->Header("docker-content-digest");
  if (!stated.empty() && stated != blob_.digest.str()) {
    return absl::DataLossError(
        fmt::format("{}: the registry stored the blob under another digest", what_));
  }
  session_.Close();
  return absl::OkStatus();
}

absl::Status BlobPush::SendWhole() {
  const absl::StatusOr<HttpResponse> response = session_.PutWhole(source_);
  if (!source_.failure().ok() || !response.ok() || !RefusesWhole(*response)) {
    return Judge(response);
  }
  client_.NoteTooLarge(repository_.host, blob_.size);
  return SendChunks();
}

absl::Status BlobPush::SendRest() {
  const absl::StatusOr<HttpResponse> response = session_.PatchRest(offset_, source_);
  heard_ = response.ok();
  if (!source_.failure().ok() || !heard_ || response->status >= 300) return Judge(response);
  // Whatever it says, a part isn't the whole.
  if (!UploadSession::TookPart(*response)) return session_.StatusOf(*response);
  if (absl::Status next = session_.Follow(*response); !next.ok()) return next;
  return Judge(session_.Finish());
}

absl::Status BlobPush::SendChunks() {
  ChunkedUpload chunks(session_, source_, retries_, blob_.size, furthest_, what_);
  const absl::Status sent = chunks.Send();
  heard_ = chunks.heard();
  return sent.ok() ? Judge(session_.Finish()) : sent;
}

// With the source, the two are asked for together: neither has to wait for the other.
absl::Status BlobPush::Start(bool with_source) {
  offset_ = 0;
  if (!with_source) return session_.Start();
  const auto opened = std::async([this] { source_.OpenAhead(); });
  absl::Status started = session_.Start();
  opened.wait();
  return started;
}

absl::Status BlobPush::UploadOnce() {
  if (offset_ > 0) return SendRest();
  return client_.IsTooLarge(repository_.host, blob_.size) ? SendChunks() : SendWhole();
}

// A registry that can't be reached needs no farewell.
void BlobPush::CancelIfHeard() {
  if (heard_ || !source_.failure().ok()) session_.Cancel();
}

absl::Status BlobPush::Upload() {
  while (true) {
    std::unique_ptr<UploadSlots::Slot> slot;
    if (!session_.open()) {
      slot = client_.upload_slots().TakeIfSomeAreLeft();
      if (absl::Status started = Start(slot != nullptr); !started.ok()) return started;
    }
    if (slot == nullptr) slot = client_.upload_slots().Take();
    absl::Status status = UploadOnce();
    slot.reset();
    if (status.ok()) return status;
    // Who reads the source has tried it often enough.
    if (!source_.failure().ok() || !MayPass(status) || !retries_.WaitForNext()) {
      CancelIfHeard();
      return status;
    }
    const absl::StatusOr<bool> arrived = HasRemoteBlob(client_, repository_, blob_.digest);
    if (!arrived.ok()) return status;
    if (*arrived) return absl::OkStatus();
    offset_ = session_.AskOffset();
    if (offset_ <= 0 || offset_ >= blob_.size) session_.Cancel();
  }
}

}  // namespace

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
