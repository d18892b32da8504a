#include "providers/registry/distribution/deletion.h"

#include <algorithm>
#include <mutex>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "providers/auth/registry_error.h"
#include "providers/http/retries.h"
#include "providers/registry/distribution/blob_push.h"
#include "providers/registry/distribution/manifests.h"
#include "providers/registry/distribution/own_answer.h"
#include "providers/registry/distribution/tag_change.h"
#include "providers/registry/distribution/tag_pages.h"
#include "schema/image/media_type.h"
#include "schema/image/placeholder.h"

namespace imglife {
namespace {

constexpr int kMaxPlaceholders = 3;

bool IsSuccess(const HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

// The endpoint works and says that the thing isn't there; a 404 without such a code is the
// endpoint's own absence. NOT_FOUND is Harbor's word, TAG_UNKNOWN older GitLab's.
bool SaysUnknown(const HttpResponse& response) {
  return response.status == 404 &&
         HasErrorCode(response, {"MANIFEST_UNKNOWN", "NAME_UNKNOWN", "TAG_UNKNOWN", "NOT_FOUND"});
}

bool Works(const HttpResponse& response) {
  return IsSuccess(response) || SaysUnknown(response);
}

// 400 DIGEST_INVALID (distribution 2.8 for a tag), 405, a bare 404: this way is closed.
bool IsClosed(const HttpResponse& response) {
  return response.status == 400 || response.status == 404 || response.status == 405;
}

Digest ImpossibleDigest() {
  return Digest::OfBytes("imglife capability probe: a manifest that nobody has");
}

std::string ImpossibleTag() {
  return fmt::format("imglife-capability-probe-{}", ImpossibleDigest().hex());
}

std::string TagPath(const std::string& tag) {
  return "manifests/" + tag;
}

std::string TagReferencePath(const std::string& tag) {
  return "tags/reference/" + tag;
}

// 429 and 503 are given before anything is done.
bool WasTurnedAway(const absl::StatusOr<HttpResponse>& response) {
  return response.ok() && (response->status == 429 || response->status == 503);
}

// Perhaps of a proxy before it: then nothing was done.
bool MayBeSomebodyElses(const absl::StatusOr<HttpResponse>& response) {
  return response.ok() && response->status == 404 && !IsOwnAnswer(*response);
}

std::string RandomText() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

absl::Status NothingDone(const std::string& what, const HttpResponse& response) {
  return absl::UnavailableError(fmt::format(
      "{}: it is still there, and its deletion was answered with {}, as by a proxy whose "
      "registry is away; run again",
      what, DescribeAnswer(response)));
}

absl::Status Moved(const std::string& what, const Digest& found, const Digest& expected) {
  return absl::AbortedError(fmt::format("{}: it names {} now, not {}; it was left as it is", what,
                                        found.str(), expected.str()));
}

}  // namespace

Deletion::Host& Deletion::HostOf(const Repository& repository) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Host>& host = hosts_[repository.host];
  if (host == nullptr) host = std::make_unique<Host>();
  return *host;
}

absl::StatusOr<Call> Deletion::DeleteCall(const Repository& repository, const std::string& rest,
                                          const std::string& what) const {
  absl::StatusOr<std::string> url = client_.Address(repository, rest);
  if (!url.ok()) return url.status();
  Call call;
  call.repository = repository;
  call.what = what;
  call.scopes = DeleteScope(repository.path);
  call.request.method = "DELETE";
  call.request.url = *std::move(url);
  return call;
}

absl::StatusOr<HttpResponse> Deletion::Delete(const Repository& repository, const std::string& rest,
                                              const std::string& what) {
  const absl::StatusOr<Call> call = DeleteCall(repository, rest, what);
  if (!call.ok()) return call.status();
  return client_.Send(*call);
}

absl::StatusOr<HttpResponse> Deletion::AskToDelete(const Repository& repository,
                                                   const std::string& rest) {
  const absl::StatusOr<Call> call = DeleteCall(repository, rest, repository.ToString());
  if (!call.ok()) return call.status();
  absl::StatusOr<HttpResponse> response = SendForOwnAnswer(client_, *call);
  const bool refused = absl::IsUnauthenticated(response.status()) ||
                       (response.ok() && (response->status == 401 || response->status == 403));
  if (refused) {
    const absl::Status refusal = response.ok() ? client_.StatusOf(repository, Doing::kDeleting,
                                                                  repository.ToString(), *response)
                                               : response.status();
    return absl::PermissionDeniedError(refusal.message());
  }
  if (response.ok() && !Works(*response) && !IsClosed(*response)) {
    return client_.StatusOf(repository, Doing::kDeleting, repository.ToString(), *response);
  }
  return response;
}

absl::StatusOr<Capabilities> Deletion::Ask(const Repository& repository) {
  Capabilities capabilities;
  const absl::StatusOr<HttpResponse> by_digest =
      AskToDelete(repository, "manifests/" + ImpossibleDigest().str());
  if (!by_digest.ok()) return by_digest.status();
  capabilities.deletes_manifests = Works(*by_digest);
  if (!capabilities.deletes_manifests) {
    capabilities.why_not = fmt::format("{} doesn't delete manifests: it answered {}",
                                       repository.host, DescribeAnswer(*by_digest));
  }
  const absl::StatusOr<HttpResponse> by_tag = AskToDelete(repository, TagPath(ImpossibleTag()));
  if (!by_tag.ok()) return by_tag.status();
  if (Works(*by_tag)) {
    capabilities.untag = UntagMethod::kTag;
  } else {
    const absl::StatusOr<HttpResponse> by_reference =
        AskToDelete(repository, TagReferencePath(ImpossibleTag()));
    if (!by_reference.ok()) return by_reference.status();
    if (Works(*by_reference)) {
      capabilities.untag = UntagMethod::kTagReference;
    } else if (capabilities.deletes_manifests) {
      capabilities.untag = UntagMethod::kPlaceholder;
    }
  }
  return capabilities;
}

absl::StatusOr<Capabilities> Deletion::Probe(const Repository& repository) {
  Host& host = HostOf(repository);
  const std::lock_guard lock(host.mutex);
  if (host.known) return host.capabilities;
  absl::StatusOr<Capabilities> capabilities = Ask(repository);
  if (!capabilities.ok()) return capabilities;
  host.capabilities = *std::move(capabilities);
  host.known = true;
  return host.capabilities;
}

absl::Status Deletion::Untag(const Repository& repository, const std::string& tag,
                             const Digest& expected) {
  if (!IsValidTag(tag)) {
    return absl::InvalidArgumentError(
        fmt::format("{}: \"{}\" is no tag", repository.ToString(), tag));
  }
  const absl::StatusOr<Capabilities> capabilities = Probe(repository);
  if (!capabilities.ok()) return capabilities.status();
  switch (capabilities->untag) {
    case UntagMethod::kTag:
      return DeleteName(repository, tag, TagPath(tag), expected);
    case UntagMethod::kTagReference:
      return DeleteName(repository, tag, TagReferencePath(tag), expected);
    case UntagMethod::kPlaceholder:
      return Overwrite(repository, tag, expected);
    case UntagMethod::kNone:
      break;
  }
  return absl::UnimplementedError(fmt::format(
      "{}: the tag can't be removed: {}", ReferenceText(repository, tag), capabilities->why_not));
}

absl::Status Deletion::DeleteName(const Repository& repository, const std::string& tag,
                                  const std::string& rest, const Digest& expected) {
  const std::string what = ReferenceText(repository, tag);
  const absl::StatusOr<Call> call = DeleteCall(repository, rest, what);
  if (!call.ok()) return call.status();
  const absl::StatusOr<Resolved> there = ResolveManifest(client_, repository, tag);
  // What leads nowhere may be listed all the same.
  if (!there.ok() && !absl::IsNotFound(there.status())) return there.status();
  if (there.ok() && there->digest != expected) return Moved(what, there->digest, expected);
  const auto response = SendTagChange(client_, *call, {repository, tag, expected, Digest()});
  if (!response.ok()) return response.status();
  if (!*response || IsSuccess(**response)) return absl::OkStatus();
  if (MayBeSomebodyElses(**response)) {
    const absl::Status now = ResolveManifest(client_, repository, tag).status();
    if (now.ok()) return NothingDone(what, **response);
    if (!absl::IsNotFound(now)) return now;
  }
  return client_.StatusOf(repository, Doing::kDeleting, what, **response);
}

bool Deletion::HasPlaceholderConfig(const Repository& repository) {
  const std::lock_guard lock(mutex_);
  return with_config_.count(repository) > 0;
}

absl::Status Deletion::PushPlaceholderConfig(const Repository& repository) {
  Descriptor config;
  config.digest = Digest::OfBytes(PlaceholderConfig());
  config.size = static_cast<std::int64_t>(PlaceholderConfig().size());
  const absl::StatusOr<PushOutcome> pushed =
      PushRemoteBlob(client_, repository, config,
                     []() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
                       return MakeStringReader(std::string(PlaceholderConfig()));
                     },
                     {});
  if (!pushed.ok()) return pushed.status();
  const std::lock_guard lock(mutex_);
  with_config_.insert(repository);
  return absl::OkStatus();
}

// What the tag names; Aborted if that isn't `expected`. Empty if it is listed but names nothing:
// distribution 2.8 removes a manifest first and its tags then, so that a server that was stopped in
// between keeps a name that leads nowhere.
absl::StatusOr<Resolved> Deletion::LookBehind(const Repository& repository, const std::string& tag,
                                              const Digest& expected) {
  absl::StatusOr<Resolved> there = ResolveManifest(client_, repository, tag);
  if (there.ok() && there->digest != expected) {
    return Moved(ReferenceText(repository, tag), there->digest, expected);
  }
  if (!absl::IsNotFound(there.status())) return there;
  const absl::StatusOr<TagList> list = ListTagPages(client_, repository);
  if (!list.ok()) return list.status();
  if (!std::binary_search(list->tags.begin(), list->tags.end(), tag)) return there;
  return Resolved();
}

absl::Status Deletion::Overwrite(const Repository& repository, const std::string& tag,
                                 const Digest& expected) {
  absl::StatusOr<Resolved> there = LookBehind(repository, tag, expected);
  if (there.ok() && !HasPlaceholderConfig(repository)) {
    if (absl::Status pushed = PushPlaceholderConfig(repository); !pushed.ok()) return pushed;
    // That took its time.
    there = LookBehind(repository, tag, expected);
  }
  if (!there.ok()) return there.status();
  const bool docker = there->media_type == media_type::kDockerList ||
                      there->media_type == media_type::kDockerManifest;
  absl::Status deleted;
  for (int tries = 0; tries < kMaxPlaceholders; ++tries) {
    const ManifestBytes placeholder = MakePlaceholder(tag, RandomText(), docker);
    const absl::StatusOr<bool> put =
        StoreManifest(client_, repository, tag, placeholder, there->digest);
    if (!put.ok()) return put.status();
    deleted = DeletePlaceholder(repository, placeholder.digest);
    if (!absl::IsNotFound(deleted)) break;
    // Not there though it was just stored: the server was stopped within its deletion, and may have
    // kept the name.
    there = LookBehind(repository, tag, placeholder.digest);
    if (absl::IsNotFound(there.status())) return absl::OkStatus();
    if (!there.ok()) return there.status();
  }
  if (deleted.ok()) return absl::OkStatus();
  return absl::Status(
      absl::IsNotFound(deleted) ? absl::StatusCode::kUnavailable : deleted.code(),
      fmt::format(
          "{}: the tag was overwritten with a placeholder, which could then not be deleted; "
          "the next run removes it: {}",
          ReferenceText(repository, tag), std::string(deleted.message())));
}

absl::Status Deletion::DeleteManifest(const Repository& repository, const Digest& digest) {
  const absl::StatusOr<Resolved> there = ResolveManifest(client_, repository, digest.str());
  if (!there.ok()) return there.status();
  const std::string what = ReferenceText(repository, digest.str());
  absl::StatusOr<Call> call = DeleteCall(repository, "manifests/" + digest.str(), what);
  if (!call.ok()) return call.status();
  call->request.idempotent = false;
  Retries retries = client_.StartRetries();
  while (true) {
    const absl::StatusOr<HttpResponse> response = client_.Send(*call);
    if (response.ok()) retries.Heard(*response);
    const bool unheard = MayBeSomebodyElses(response);
    if (!unheard && !MayPass(response)) return JudgeDeleted(repository, what, response);
    if (!retries.WaitForNext()) {
      return unheard ? NothingDone(what, *response) : JudgeDeleted(repository, what, response);
    }
    const absl::Status now = ResolveManifest(client_, repository, digest.str()).status();
    if (absl::IsNotFound(now)) return absl::OkStatus();
    if (!now.ok() || !(unheard || WasTurnedAway(response))) {
      return absl::UnavailableError(
          fmt::format("{}: whether the registry deleted it is unknown ({}), and what is there now "
                      "may have been pushed since; run again",
                      what, DescribeOutcome(response)));
    }
  }
}

absl::Status Deletion::DeletePlaceholder(const Repository& repository, const Digest& digest) {
  const std::string what = ReferenceText(repository, digest.str());
  return JudgeDeleted(repository, what, Delete(repository, "manifests/" + digest.str(), what));
}

absl::Status Deletion::JudgeDeleted(const Repository& repository, const std::string& what,
                                    const absl::StatusOr<HttpResponse>& response) const {
  if (!response.ok()) return response.status();
  if (IsSuccess(*response)) return absl::OkStatus();
  if (HasErrorCode(*response, {"UNSUPPORTED"})) {
    return absl::UnimplementedError(
        fmt::format("{}: deletion is disabled on this registry: it "
                    "answered {}",
                    what, DescribeAnswer(*response)));
  }
  if (response->status == 400 || response->status == 409) {
    return absl::FailedPreconditionError(
        fmt::format("{}: the registry keeps it: it answered {}", what, DescribeAnswer(*response)));
  }
  return client_.StatusOf(repository, Doing::kDeleting, what, *response);
}

}  // namespace imglife
