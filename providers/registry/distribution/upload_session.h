// The place in a registry that takes the bytes of one blob (distribution-spec 1.1, "Pushing blobs";
// protocol notes 3.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/auth/url.h"
#include "providers/registry.h"
#include "providers/registry/distribution/client.h"
#include "providers/registry/distribution/upload_source.h"
#include "schema/image/digest.h"

namespace imglife {

// Where the upload goes that the answer started, relative to the request or not. InvalidArgument if
// it names no place, one without TLS where the registry has TLS, or an internal address of another
// host.
absl::StatusOr<Url> UploadLocation(const Call& call, const HttpResponse& response);

// One thread at a time.
class UploadSession {
 public:
  // All must outlive the session. `what` names the blob in messages.
  UploadSession(Client& client, const Repository& repository, const Descriptor& blob,
                std::string what);

  bool open() const { return location_.has_value(); }
  // What the registry wants a chunk to have at least, but for the last one (OCI-Chunk-Min-Length).
  std::int64_t least_chunk() const { return least_chunk_; }

  // Opens it. The errors are those of the client and of the registry's answer.
  absl::Status Start();

  // True if the blob was mounted from the repository; false if the registry doesn't do that, or
  // says that it mounted another, in which case the session may be open: not where the place that
  // it names for an upload can't be used.
  absl::StatusOr<bool> Mount(const Repository& from);

  // The whole blob in one request. Any answer is returned.
  absl::StatusOr<HttpResponse> PutWhole(UploadSource& source);
  // Bytes from `offset` on, as many as there are; they are sent from where they are.
  absl::StatusOr<HttpResponse> PatchChunk(std::int64_t offset, std::string_view bytes);
  // All bytes from `offset` to the blob's end, streamed.
  absl::StatusOr<HttpResponse> PatchRest(std::int64_t offset, UploadSource& source);
  // The blob is complete.
  absl::StatusOr<HttpResponse> Finish();

  // How many bytes the registry holds; closes the session where it doesn't tell. distribution 2.8
  // forgets a session of which a request broke off.
  std::int64_t AskOffset();

  // Did the registry take what a PATCH sent? 202 (distribution-spec), or 204 (distribution's API
  // document).
  static bool TookPart(const HttpResponse& response) {
    return response.status == 202 || response.status == 204;
  }

  // Takes over the place that the answer to a chunk names. OK if it names none: then it is the
  // same.
  absl::Status Follow(const HttpResponse& response);

  // The error that an answer to one of these requests is.
  absl::Status StatusOf(const HttpResponse& response) const {
    return client_.StatusOf(repository_, Doing::kWriting, what_, response);
  }

  // The registry may forget what it got. Failing harms nobody: sessions end by themselves.
  void Cancel();
  // Without telling the registry.
  void Close() { location_.reset(); }

 private:
  Call CallTo(std::string method, std::string url) const;
  absl::StatusOr<Call> StartCall() const;
  absl::Status Open(const Call& call, const HttpResponse& response);
  absl::StatusOr<HttpResponse> Patch(std::int64_t first, std::int64_t size, Call call);

  Client& client_;
  const Repository& repository_;
  const Descriptor& blob_;
  const std::string what_;
  std::optional<Url> location_;
  std::int64_t least_chunk_ = 0;
};

// The number of bytes that "Range: 0-N" stands for: N + 1. Zero if it isn't that, and for "0-0",
// by which distribution means none as well as one.
std::int64_t BytesHeld(std::string_view range);

}  // namespace imglife
