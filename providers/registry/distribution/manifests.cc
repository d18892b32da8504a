#include "providers/registry/distribution/manifests.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "providers/auth/registry_error.h"
#include "providers/registry/distribution/own_answer.h"
#include "providers/registry/distribution/pull_limit.h"
#include "providers/registry/distribution/tag_change.h"
#include "schema/image/media_type.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

using Json = nlohmann::json;

// All four, always: distribution 2.8 answers 404 for an OCI manifest without its type, and gives
// the linux/amd64 child instead of a docker list without the list's.
std::string AcceptedTypes() {
  return fmt::format("{}, {}, {}, {}", media_type::kOciIndex, media_type::kOciManifest,
                     media_type::kDockerList, media_type::kDockerManifest);
}

absl::StatusOr<Call> ManifestCall(const Client& client, const Repository& repository,
                                  const std::string& tag_or_digest, std::string method) {
  const absl::StatusOr<std::string> path = ManifestPath(tag_or_digest);
  if (!path.ok()) return path.status();
  absl::StatusOr<std::string> url = client.Address(repository, *path);
  if (!url.ok()) return url.status();
  Call call;
  call.repository = repository;
  call.what = ReferenceText(repository, tag_or_digest);
  call.scopes = PullScope(repository.path);
  call.request.method = std::move(method);
  call.request.url = *std::move(url);
  return call;
}

// The media type without parameters.
std::string ContentType(const HttpResponse& response) {
  std::string type = response.Header("content-type");
  type.resize(std::min(type.find_first_of("; \t"), type.size()));
  return type;
}

// The digest that the registry gives in the head; empty if it gives none.
absl::StatusOr<Digest> StatedDigest(const Call& call, const HttpResponse& response) {
  const std::string text = response.Header("docker-content-digest");
  if (text.empty()) return Digest();
  absl::StatusOr<Digest> digest = Digest::Parse(text);
  if (!digest.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: the registry's Docker-Content-Digest is no digest", call.what));
  }
  return digest;
}

absl::Status CheckDigest(const Call& call, const Digest& promised, const std::string& content) {
  Hasher hasher(promised.algorithm());
  hasher.Update(content);
  const Digest actual = hasher.Finish();
  if (actual == promised) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("{}: the manifest's bytes have the digest {} instead of {}", call.what,
                  actual.str(), promised.str()));
}

absl::Status NoSchema1(const Call& call) {
  return absl::UnimplementedError(fmt::format(
      "{}: the image is in docker's schema 1 format, which registries no longer take", call.what));
}

// Some old servers name no type, or a general one; then the body's own counts.
absl::StatusOr<std::string> ManifestType(const Call& call, const HttpResponse& response) {
  const Json document = Json::parse(response.body, nullptr, false);
  const auto stated = document.is_object() ? document.find("mediaType") : document.end();
  const std::string in_body =
      stated != document.end() && stated->is_string() ? stated->get<std::string>() : "";
  std::string type = ContentType(response);
  if (type.empty() || type == "application/json" || type == "text/plain" ||
      type == "application/octet-stream") {
    type = in_body;
  }
  if (media_type::IsSchema1(type)) return NoSchema1(call);
  if (!media_type::IsIndex(type) && !media_type::IsManifest(type)) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: a manifest of the type \"{}\" can't be handled", call.what, EscapeControl(type)));
  }
  if (!in_body.empty() && in_body != type) {
    return absl::InvalidArgumentError(
        fmt::format("{}: the registry calls the manifest {}, the manifest itself says \"{}\"",
                    call.what, type, EscapeControl(in_body)));
  }
  return type;
}

absl::StatusOr<Call> FetchCall(const Client& client, const Repository& repository,
                               const std::string& tag_or_digest) {
  absl::StatusOr<Call> call = ManifestCall(client, repository, tag_or_digest, "GET");
  if (!call.ok()) return call;
  call->request.headers.emplace_back("Accept", AcceptedTypes());
  call->request.max_body = kMaxManifestBytes;
  return call;
}

// The manifest in the answer to such a call.
absl::StatusOr<ManifestBytes> ReadManifest(Client& client, const Call& call,
                                           const std::string& tag_or_digest,
                                           HttpResponse response) {
  if (IsPullLimit(response)) {
    return PullLimitReached(call.what, response, client.AdviceOnPullLimit(call.repository.host));
  }
  if (response.status == 405) {
    return absl::InvalidArgumentError(
        fmt::format("{}: the registry answered {}", call.what, DescribeAnswer(response)));
  }
  if (response.status != 200) {
    return client.StatusOf(call.repository, Doing::kReading, call.what, response);
  }
  absl::StatusOr<std::string> type = ManifestType(call, response);
  if (!type.ok()) return type.status();
  const absl::StatusOr<Digest> stated = StatedDigest(call, response);
  if (!stated.ok()) return stated.status();
  Digest digest = stated->empty() ? Digest::OfBytes(response.body) : *stated;
  if (absl::Status check = CheckDigest(call, digest, response.body); !check.ok()) return check;
  if (IsDigestText(tag_or_digest)) {
    digest = *Digest::Parse(tag_or_digest);
    if (absl::Status check = CheckDigest(call, digest, response.body); !check.ok()) return check;
  }
  ManifestBytes manifest;
  manifest.media_type = *std::move(type);
  manifest.digest = std::move(digest);
  manifest.content = std::move(response.body);
  return manifest;
}

absl::StatusOr<Resolved> ResolveByGet(Client& client, const Repository& repository,
                                      const std::string& tag_or_digest) {
  const absl::StatusOr<ManifestBytes> manifest = FetchManifest(client, repository, tag_or_digest);
  if (!manifest.ok()) return manifest.status();
  Resolved resolved;
  resolved.digest = manifest->digest;
  resolved.media_type = manifest->media_type;
  resolved.size = static_cast<std::int64_t>(manifest->content.size());
  return resolved;
}

std::optional<std::int64_t> ContentLength(const HttpResponse& response) {
  const std::string text = response.Header("content-length");
  std::int64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size() || length < 0) return std::nullopt;
  return length;
}

absl::Status RefusedManifest(Client& client, const Call& call, const HttpResponse& response) {
  // DIGEST_INVALID is about a part: the manifest's own digest was compared before it was sent.
  if (!HasErrorCode(response, {"MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_UNKNOWN",
                               "DIGEST_INVALID"})) {
    return client.StatusOf(call.repository, Doing::kWriting, call.what, response);
  }
  return absl::FailedPreconditionError(fmt::format(
      "{}: the registry misses a part of the image: {}", call.what, DescribeAnswer(response)));
}

// True if the registry took notice of the manifest's subject.
absl::StatusOr<bool> JudgeStored(Client& client, const Call& call, const HttpResponse& response,
                                 const ManifestBytes& manifest) {
  if (response.status < 200 || response.status >= 300) {
    return RefusedManifest(client, call, response);
  }
  const absl::StatusOr<Digest> stated = StatedDigest(call, response);
  if (!stated.ok()) return stated.status();
  if (stated->empty() && response.status != 201) {
    return absl::UnavailableError(
        fmt::format("{}: the answer is {}, and a registry answers 201: a proxy may have answered",
                    call.what, response.status));
  }
  if (!stated->empty() && *stated != manifest.digest) {
    return absl::DataLossError(fmt::format("{}: the registry stored it as {} instead of {}",
                                           call.what, stated->str(), manifest.digest.str()));
  }
  return !response.Header("oci-subject").empty();
}

}  // namespace

absl::StatusOr<HttpResponse> SendForOwnAnswer(Client& client, const Call& call) {
  absl::StatusOr<HttpResponse> response = client.Send(call);
  if (!response.ok() || response->status != 404 || IsOwnAnswer(*response)) return response;
  const absl::Status there = CheckIsThere(client, call.repository, call.what, *response);
  return there.ok() ? client.Send(call) : there;
}

absl::StatusOr<Resolved> ResolveManifest(Client& client, const Repository& repository,
                                         const std::string& tag_or_digest) {
  absl::StatusOr<Call> call = ManifestCall(client, repository, tag_or_digest, "HEAD");
  if (!call.ok()) return call.status();
  call->request.headers.emplace_back("Accept", AcceptedTypes());
  const absl::StatusOr<HttpResponse> response = SendForOwnAnswer(client, *call);
  if (!response.ok()) return response.status();
  if (response->status == 405 || response->status == 501) {
    return ResolveByGet(client, repository, tag_or_digest);
  }
  if (response->status != 200) {
    return client.StatusOf(repository, Doing::kReading, call->what, *response);
  }
  const absl::StatusOr<Digest> stated = StatedDigest(*call, *response);
  if (!stated.ok()) return stated.status();
  const std::optional<std::int64_t> size = ContentLength(*response);
  Resolved resolved;
  resolved.digest = *stated;
  resolved.media_type = ContentType(*response);
  if (media_type::IsSchema1(resolved.media_type)) return NoSchema1(*call);
  if (resolved.digest.empty() || resolved.media_type.empty() || !size) {
    return ResolveByGet(client, repository, tag_or_digest);
  }
  if (IsDigestText(tag_or_digest) && resolved.digest.str() != tag_or_digest) {
    return absl::DataLossError(
        fmt::format("{}: the registry says that its digest is {}", call->what, stated->str()));
  }
  resolved.size = *size;
  return resolved;
}

absl::StatusOr<std::optional<PullBudget>> ReadPullBudget(Client& client,
                                                         const Repository& repository,
                                                         const Digest& digest) {
  absl::StatusOr<Call> call = ManifestCall(client, repository, digest.str(), "HEAD");
  if (!call.ok()) return call.status();
  call->request.headers.emplace_back("Accept", AcceptedTypes());
  const absl::StatusOr<HttpResponse> response = client.Send(*call);
  if (!response.ok()) return response.status();
  if (response->status != 200) {
    return client.StatusOf(repository, Doing::kReading, call->what, *response);
  }
  return PullBudgetOf(*response);
}

absl::StatusOr<ManifestBytes> FetchManifest(Client& client, const Repository& repository,
                                            const std::string& tag_or_digest) {
  const absl::StatusOr<Call> call = FetchCall(client, repository, tag_or_digest);
  if (!call.ok()) return call.status();
  absl::StatusOr<HttpResponse> response = SendForOwnAnswer(client, *call);
  if (!response.ok()) return response.status();
  return ReadManifest(client, *call, tag_or_digest, *std::move(response));
}

absl::StatusOr<bool> StoreManifest(Client& client, const Repository& repository,
                                   const std::string& tag_or_digest, const ManifestBytes& manifest,
                                   const Digest& before) {
  absl::StatusOr<Call> call = ManifestCall(client, repository, tag_or_digest, "PUT");
  if (!call.ok()) return call.status();
  if (IsDigestText(tag_or_digest) && tag_or_digest != manifest.digest.str()) {
    return absl::DataLossError(fmt::format("{}: the manifest to store there has the digest {}",
                                           call->what, manifest.digest.str()));
  }
  if (absl::Status check = CheckDigest(*call, manifest.digest, manifest.content); !check.ok()) {
    return check;
  }
  call->scopes = PushScope(repository.path);
  call->request.headers.emplace_back("Content-Type", manifest.media_type);
  call->request.body = manifest.content;
  if (IsDigestText(tag_or_digest)) {
    const absl::StatusOr<HttpResponse> response = client.Send(*call);
    return response.ok() ? JudgeStored(client, *call, *response, manifest) : response.status();
  }
  const auto response =
      SendTagChange(client, *call, {repository, tag_or_digest, before, manifest.digest});
  if (!response.ok()) return response.status();
  if (*response) return JudgeStored(client, *call, **response, manifest);
  // The tag is written, but whether the subject was noticed is still to be heard.
  return StoreManifest(client, repository, manifest.digest.str(), manifest, Digest());
}

}  // namespace imglife
