// Requests to registries: where a repository's API is, authorization, redirects.
//
// Thread safety: any number of threads may call.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/auth/authorizer.h"
#include "providers/auth/scope.h"
#include "providers/auth/url.h"
#include "providers/registry.h"
#include "providers/registry/distribution/distribution_registry.h"
#include "providers/registry/distribution/upload_slots.h"
#include "providers/transport.h"

namespace imglife {

// One request, and what it is for.
struct Call {
  Repository repository;
  // How messages name it: "ghcr.io/acme/app:1.2".
  std::string what;
  Scopes scopes;
  HttpRequest request;
  // If set, the body: opened anew for every try.
  OpenBlob source;
};

// What a request is for, for messages.
enum class Doing { kReading, kWriting, kDeleting };

class Client {
 public:
  // Both must outlive the client.
  Client(Transport& transport, CredentialSource& credentials, DistributionSettings settings);

  // The URL of `rest` ("manifests/1.2") in the API of the repository. InvalidArgument if the
  // endpoint set for the host is no URL.
  absl::StatusOr<std::string> Address(const Repository& repository, std::string_view rest) const;

  // The same for what belongs to no repository ("_catalog").
  absl::StatusOr<std::string> Address(const std::string& host, std::string_view rest) const;

  // Sends the request with what the registry wants for authorization, and again after a challenge.
  // GET and HEAD follow redirects; credentials stay with the registry's own origin. Any answer that
  // is neither a challenge nor a redirect is returned; the errors are those of the transport, of
  // the authorizer, and InvalidArgument for a redirect that must not be followed.
  absl::StatusOr<HttpResponse> Send(const Call& call);
  absl::StatusOr<HttpStream> Open(const Call& call);

  // The error that the answer to a request about `what` in the repository is, as StatusOfAnswer has
  // it; where we may not or nothing is there, it also says what to do.
  absl::Status StatusOf(const Repository& repository, Doing doing, std::string_view what,
                        const HttpResponse& response);

  // What is left to do once as many pulls were made at the host as it allows; ends a message.
  std::string AdviceOnPullLimit(const std::string& host) {
    return authorizer_.AdviceOnPullLimit(host);
  }

  // For what the transport must not repeat by itself; the client outlives it.
  Retries StartRetries() const { return Retries(settings_.waiting); }

  // The host took no blob of that size in one request: it needn't be asked again.
  void NoteTooLarge(const std::string& host, std::int64_t size);
  bool IsTooLarge(const std::string& host, std::int64_t size) const;

  // One is held for as long as a blob is uploaded.
  UploadSlots& upload_slots() { return upload_slots_; }

 private:
  // Half of the connections that the transport opens to one host.
  static constexpr int kUploadsAtOnce = 16;

  using SendOnce = std::function<absl::StatusOr<HttpStream>(const HttpRequest&)>;

  absl::StatusOr<Url> Api(const std::string& host) const;
  // The origin that gave the answer, if it isn't the registry's own; or empty.
  std::string AnsweredElsewhere(const std::string& host, const HttpResponse& response) const;
  absl::StatusOr<HttpStream> Exchange(const Call& call, const SendOnce& send);
  absl::StatusOr<HttpStream> Follow(const Call& call, const Url& api, const Secret& authorization,
                                    const SendOnce& send);

  Transport& transport_;
  Authorizer authorizer_;
  const DistributionSettings settings_;
  UploadSlots upload_slots_{kUploadsAtOnce};

  mutable std::mutex mutex_;
  // The smallest blob that was too large, by host.
  std::map<std::string, std::int64_t> too_large_;
};

// "HOST/PATH:TAG" or "HOST/PATH@DIGEST".
std::string ReferenceText(const Repository& repository, const std::string& tag_or_digest);

// The rest of a manifest's address. InvalidArgument if the text is neither a tag nor a digest.
absl::StatusOr<std::string> ManifestPath(const std::string& tag_or_digest);

// A digest is told from a tag by its colon.
bool IsDigestText(std::string_view tag_or_digest);

}  // namespace imglife
