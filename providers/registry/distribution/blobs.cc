#include "providers/registry/distribution/blobs.h"

#include <utility>

#include <fmt/format.h>

#include "providers/registry/distribution/resuming_reader.h"
#include "providers/registry/distribution/verifying_reader.h"

namespace imglife {
namespace {

absl::StatusOr<Call> BlobCall(const Client& client, const Repository& repository,
                              const Digest& digest, std::string method) {
  absl::StatusOr<std::string> url = client.Address(repository, "blobs/" + digest.str());
  if (!url.ok()) return url.status();
  Call call;
  call.repository = repository;
  call.what = ReferenceText(repository, digest.str());
  call.scopes = PullScope(repository.path);
  call.request.method = std::move(method);
  call.request.url = *std::move(url);
  return call;
}

absl::Status CheckLength(const Call& call, const HttpResponse& head, std::int64_t length) {
  const std::string stated = head.Header("content-length");
  const bool encoded = !head.Header("content-encoding").empty();
  if (stated.empty() || encoded || stated == std::to_string(length)) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("{}: the registry sends {} bytes instead of {}", call.what, stated, length));
}

// RFC 9110, 14.2: a server may give everything instead.
absl::StatusOr<std::unique_ptr<ByteReader>> OpenRest(Client& client, Call call,
                                                     const Descriptor& blob, std::int64_t offset) {
  if (offset >= blob.size) return absl::UnimplementedError("there is no rest to ask for");
  call.request.headers.emplace_back("Range", fmt::format("bytes={}-", offset));
  absl::StatusOr<HttpStream> stream = client.Open(call);
  if (!stream.ok()) return stream.status();
  const HttpResponse& head = stream->head;
  const bool whole = head.status == 200 && offset == 0;
  if (head.status == 200 && !whole) {
    return absl::UnimplementedError(fmt::format("{}: the registry can't resume", call.what));
  }
  if ((!whole && head.status != 206) || stream->body == nullptr) {
    return client.StatusOf(call.repository, Doing::kReading, call.what, head);
  }
  if (!whole && !head.Header("content-range").starts_with(fmt::format("bytes {}-", offset))) {
    return absl::DataLossError(
        fmt::format("{}: the registry resumes elsewhere than at byte {}", call.what, offset));
  }
  if (absl::Status length = CheckLength(call, head, blob.size - offset); !length.ok()) {
    return length;
  }
  return std::move(stream->body);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ByteReader>> OpenRemoteBlob(Client& client,
                                                           const Repository& repository,
                                                           const Descriptor& blob) {
  const absl::StatusOr<Call> call = BlobCall(client, repository, blob.digest, "GET");
  if (!call.ok()) return call.status();
  absl::StatusOr<HttpStream> stream = client.Open(*call);
  if (!stream.ok()) return stream.status();
  if (stream->head.status != 200 || stream->body == nullptr) {
    return client.StatusOf(repository, Doing::kReading, call->what, stream->head);
  }
  if (absl::Status length = CheckLength(*call, stream->head, blob.size); !length.ok()) {
    return length;
  }
  const auto open_rest = [&client, call = *call, blob](std::int64_t offset) {
    return OpenRest(client, call, blob, offset);
  };
  return MakeVerifyingReader(
      MakeResumingReader(std::move(stream->body), open_rest, client.StartRetries()), blob.digest,
      blob.size, call->what);
}

absl::StatusOr<bool> HasRemoteBlob(Client& client, const Repository& repository,
                                   const Digest& digest) {
  const absl::StatusOr<Call> call = BlobCall(client, repository, digest, "HEAD");
  if (!call.ok()) return call.status();
  const absl::StatusOr<HttpResponse> response = client.Send(*call);
  if (!response.ok()) return response.status();
  if (response->status == 200) return true;
  if (response->status == 404) return false;
  return client.StatusOf(repository, Doing::kReading, call->what, *response);
}

}  // namespace imglife
