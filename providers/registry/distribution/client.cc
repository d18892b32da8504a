#include "providers/registry/distribution/client.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "providers/auth/registry_error.h"
#include "providers/auth/scrub.h"

namespace imglife {
namespace {

constexpr int kMaxRedirects = 10;
// Without authorization or with a token that has expired, with a new one, with more scopes.
constexpr int kMaxTries = 3;

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool MayFollow(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

absl::StatusOr<Url> RedirectTarget(const Call& call, const Url& from,
                                   const HttpResponse& response) {
  const std::optional<Url> target = ResolveUrl(from, response.Header("location"));
  if (!target) {
    return absl::InvalidArgumentError(
        fmt::format("{}: {} redirects ({}), but not to a URL that can be followed", call.what,
                    from.Origin(), response.status));
  }
  if (Downgrades(from, *target)) {
    return absl::InvalidArgumentError(
        fmt::format("{}: {} redirects to {}, which is without TLS: not followed", call.what,
                    from.Origin(), target->Origin()));
  }
  return *target;
}

std::string_view NameOf(Doing doing) {
  switch (doing) {
    case Doing::kReading:
      return "reading";
    case Doing::kWriting:
      return "writing";
    case Doing::kDeleting:
      return "deleting";
  }
  return "";
}

absl::Status About(const Call& call, const absl::Status& status) {
  return absl::Status(status.code(),
                      fmt::format("{}: {}", call.what, std::string(status.message())));
}

// Who reads the name of a host that the configuration hasn't looks for who sends there.
absl::Status SentThereBy(const Url& registry, const absl::Status& status) {
  return absl::Status(status.code(), fmt::format("{} ({} sends its clients there)",
                                                 std::string(status.message()), registry.Origin()));
}

}  // namespace

Client::Client(Transport& transport, CredentialSource& credentials, DistributionSettings settings)
    : transport_(transport), authorizer_(transport, credentials), settings_(std::move(settings)) {}

absl::StatusOr<Url> Client::Api(const std::string& host) const {
  const auto endpoint = settings_.endpoints.find(host);
  if (endpoint != settings_.endpoints.end()) {
    std::optional<Url> url = ParseUrl(endpoint->second);
    if (!url || !url->query.empty()) {
      return absl::InvalidArgumentError(fmt::format(
          "the endpoint set for {} isn't a base URL such as https://mirror.example.com", host));
    }
    while (!url->path.empty() && url->path.back() == '/') url->path.pop_back();
    return *url;
  }
  const auto& insecure = settings_.insecure_hosts;
  const bool plain =
      IsLoopbackHost(host) || std::find(insecure.begin(), insecure.end(), host) != insecure.end();
  std::optional<Url> url = ParseUrl((plain ? "http://" : "https://") + ApiHost(host));
  if (!url) {
    return absl::InvalidArgumentError(fmt::format("{} isn't the name of a registry", host));
  }
  url->path.clear();
  return *url;
}

absl::StatusOr<std::string> Client::Address(const Repository& repository,
                                            std::string_view rest) const {
  return Address(repository.host, fmt::format("{}/{}", repository.path, rest));
}

absl::StatusOr<std::string> Client::Address(const std::string& host, std::string_view rest) const {
  const absl::StatusOr<Url> api = Api(host);
  if (!api.ok()) return api.status();
  return fmt::format("{}{}/v2/{}", api->Origin(), api->path, rest);
}

absl::StatusOr<HttpResponse> Client::Send(const Call& call) {
  absl::StatusOr<HttpStream> answer =
      Exchange(call, [this](const HttpRequest& request) -> absl::StatusOr<HttpStream> {
        absl::StatusOr<HttpResponse> response = transport_.Send(request);
        if (!response.ok()) return response.status();
        HttpStream stream;
        stream.head = *std::move(response);
        return stream;
      });
  if (!answer.ok()) return answer.status();
  return std::move(answer->head);
}

absl::StatusOr<HttpStream> Client::Open(const Call& call) {
  return Exchange(call, [this](const HttpRequest& request) { return transport_.Open(request); });
}

absl::StatusOr<HttpStream> Client::Exchange(const Call& call, const SendOnce& send) {
  const absl::StatusOr<Url> api = Api(call.repository.host);
  if (!api.ok()) return api.status();
  const Access access{call.repository.host, *api, call.scopes};
  const std::optional<Url> url = ParseUrl(call.request.url);
  const bool at_home = url && SameOrigin(*url, *api);

  absl::StatusOr<Secret> authorization = at_home ? authorizer_.Before(access) : Secret();
  for (int tries = 1;; ++tries) {
    if (!authorization.ok()) return About(call, authorization.status());
    absl::StatusOr<HttpStream> answer = Follow(call, *api, *authorization, send);
    if (!answer.ok() || !Authorizer::IsChallenge(answer->head)) return answer;
    const std::optional<Url> answered = ParseUrl(answer->head.url);
    if (!answered || !SameOrigin(*answered, *api) || tries == kMaxTries) return answer;
    authorization = authorizer_.After(access, answer->head, *authorization, tries > 1);
  }
}

absl::StatusOr<HttpStream> Client::Follow(const Call& call, const Url& api,
                                          const Secret& authorization, const SendOnce& send) {
  HttpRequest request = call.request;
  request.follow_redirects = false;
  for (int redirects = 0;; ++redirects) {
    const std::optional<Url> url = ParseUrl(request.url);
    if (!url) return absl::InvalidArgumentError(fmt::format("{}: no URL to ask", call.what));
    request.authorization = SameOrigin(*url, api) ? authorization : Secret();
    std::unique_ptr<ByteReader> body;
    if (call.source) {
      absl::StatusOr<std::unique_ptr<ByteReader>> opened = call.source();
      if (!opened.ok()) return opened.status();
      body = *std::move(opened);
      request.upload = body.get();
    }
    absl::StatusOr<HttpStream> answer = send(request);
    if (!answer.ok()) {
      return About(call,
                   SameOrigin(*url, api) ? answer.status() : SentThereBy(api, answer.status()));
    }
    answer->head.url = request.url;
    ScrubRefusal(answer->head, request.authorization);
    if (!IsRedirect(answer->head.status) || !MayFollow(request)) return answer;
    if (redirects == kMaxRedirects) {
      return absl::InvalidArgumentError(
          fmt::format("{}: more than {} redirects", call.what, kMaxRedirects));
    }
    const absl::StatusOr<Url> target = RedirectTarget(call, *url, answer->head);
    if (!target.ok()) return target.status();
    request.url = target->ToString();
  }
}

std::string Client::AnsweredElsewhere(const std::string& host, const HttpResponse& response) const {
  const absl::StatusOr<Url> api = Api(host);
  const std::optional<Url> answered = ParseUrl(response.url);
  return api.ok() && answered && !SameOrigin(*answered, *api) ? answered->Origin() : "";
}

absl::Status Client::StatusOf(const Repository& repository, Doing doing, std::string_view what,
                              const HttpResponse& response) {
  const absl::Status status = StatusOfAnswer(what, response);
  std::string advice;
  if (const std::string elsewhere = AnsweredElsewhere(repository.host, response);
      !elsewhere.empty()) {
    return absl::Status(status.code(),
                        fmt::format("{}; that was {}, to which {} sends its clients",
                                    std::string(status.message()), elsewhere, repository.host));
  }
  if (response.status == 403) {
    advice = authorizer_.Advice(repository.host, NameOf(doing));
  } else if (response.status == 404 && doing == Doing::kWriting) {
    advice = fmt::format("{} may have to be made there first, or its name is another",
                         repository.ToString());
  } else if (response.status == 404) {
    advice =
        fmt::format("check the name, and that {} may see it", authorizer_.Asker(repository.host));
  }
  if (advice.empty()) return status;
  return absl::Status(status.code(), fmt::format("{}; {}", std::string(status.message()), advice));
}

void Client::NoteTooLarge(const std::string& host, std::int64_t size) {
  const std::lock_guard lock(mutex_);
  std::int64_t& smallest = too_large_.emplace(host, size).first->second;
  smallest = std::min(smallest, size);
}

bool Client::IsTooLarge(const std::string& host, std::int64_t size) const {
  const std::lock_guard lock(mutex_);
  const auto known = too_large_.find(host);
  return known != too_large_.end() && size >= known->second;
}

bool IsDigestText(std::string_view tag_or_digest) {
  return tag_or_digest.find(':') != std::string_view::npos;
}

std::string ReferenceText(const Repository& repository, const std::string& tag_or_digest) {
  return repository.ToString() + (IsDigestText(tag_or_digest) ? "@" : ":") + tag_or_digest;
}

absl::StatusOr<std::string> ManifestPath(const std::string& tag_or_digest) {
  const bool valid =
      IsDigestText(tag_or_digest) ? Digest::Parse(tag_or_digest).ok() : IsValidTag(tag_or_digest);
  if (!valid) {
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" is neither a tag nor a digest", tag_or_digest));
  }
  return "manifests/" + tag_or_digest;
}

}  // namespace imglife
