#include "providers/registry/distribution/blobs.h"

#include <utility>

#include <fmt/format.h>

#include "providers/auth/registry_error.h"
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

}  // namespace

absl::StatusOr<std::unique_ptr<ByteReader>> OpenRemoteBlob(Client& client,
                                                           const Repository& repository,
                                                           const Descriptor& blob) {
  const absl::StatusOr<Call> call = BlobCall(client, repository, blob.digest, "GET");
  if (!call.ok()) return call.status();
  absl::StatusOr<HttpStream> stream = client.Open(*call);
  if (!stream.ok()) return stream.status();
  if (stream->head.status != 200 || stream->body == nullptr) {
    return StatusOfAnswer(call->what, stream->head);
  }
  const std::string length = stream->head.Header("content-length");
  const bool encoded = !stream->head.Header("content-encoding").empty();
  if (!length.empty() && !encoded && length != std::to_string(blob.size)) {
    return absl::DataLossError(fmt::format("{}: the registry has {} bytes of it instead of {}",
                                           call->what, length, blob.size));
  }
  return MakeVerifyingReader(std::move(stream->body), blob.digest, blob.size, call->what);
}

absl::StatusOr<bool> HasRemoteBlob(Client& client, const Repository& repository,
                                   const Digest& digest) {
  const absl::StatusOr<Call> call = BlobCall(client, repository, digest, "HEAD");
  if (!call.ok()) return call.status();
  const absl::StatusOr<HttpResponse> response = client.Send(*call);
  if (!response.ok()) return response.status();
  if (response->status == 200) return true;
  if (response->status == 404) return false;
  return StatusOfAnswer(call->what, *response);
}

}  // namespace imglife
