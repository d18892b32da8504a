#include "providers/registry/docker_hub/hub_tags.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "providers/auth/registry_error.h"
#include "providers/auth/scrub.h"
#include "providers/auth/url.h"
#include "schema/image/reference.h"

namespace imglife {
namespace {

using Json = nlohmann::json;

// A page of 100 tags with 20 platforms each is under 1 MiB.
constexpr std::size_t kMaxPageBytes = std::size_t{8} << 20;
constexpr std::size_t kMaxPages = 10000;
// Enough to hide latency; the API allows some 180 requests a minute.
constexpr std::size_t kPagesAtOnce = 8;

class HubList {
 public:
  HubList(const HubApi& api, const Repository& repository)
      : api_(api), what_(fmt::format("{} at {}", repository.ToString(), OriginOf(api.url))) {}

  absl::StatusOr<DetailsByTag> Fetch(const std::string& list_url) {
    absl::StatusOr<HubPage> first = FirstPage(list_url);
    if (!first.ok()) return first.status();
    const std::size_t pages = PagesOf(*first);
    if (pages > kMaxPages) return Endless();
    DetailsByTag tags = std::move(first->tags);
    std::string next = std::move(first->next);
    if (pages > 1) {
      const auto last = OtherPages(list_url, pages, tags);
      if (!last.ok()) return last.status();
      next = *last;
    }
    const absl::Status rest = Follow(list_url, std::move(next), tags);
    if (!rest.ok()) return rest;
    return tags;
  }

 private:
  static std::string OriginOf(const std::string& url) {
    const auto parsed = ParseUrl(url);
    return parsed ? parsed->Origin() : "Docker Hub";
  }

  static std::size_t PagesOf(const HubPage& page) {
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(page.count.value_or(0), 0));
    return count / kTagsPerDescription + (count % kTagsPerDescription > 0 ? 1 : 0);
  }

  absl::StatusOr<HubPage> FirstPage(const std::string& list_url) {
    absl::StatusOr<HttpResponse> answer = Ask(list_url);
    if (!answer.ok()) return answer.status();
    if (answer->status == 401 || answer->status == 403 || answer->status == 404) {
      const absl::Status logged_in = LogIn();
      if (!logged_in.ok()) return logged_in;
      if (!token_.empty()) answer = Ask(list_url);
      if (!answer.ok()) return answer.status();
    }
    return Read(*answer);
  }

  // Pages 2 to `pages`, at once. Returns the link of the last one.
  absl::StatusOr<std::string> OtherPages(const std::string& list_url, std::size_t pages,
                                         DetailsByTag& tags) {
    // After one has failed no more are asked.
    std::vector<std::optional<absl::StatusOr<HubPage>>> answers(pages - 1);
    std::atomic<std::size_t> next{0};
    std::atomic<bool> failed{false};
    const auto fetch = [&] {
      for (std::size_t i = next++; i < answers.size() && !failed; i = next++) {
        answers[i] = Page(WithParameter(list_url, "page", std::to_string(i + 2)));
        if (!answers[i]->ok()) failed = true;
      }
    };
    std::vector<std::thread> helpers;
    try {
      for (std::size_t i = 1; i < std::min(kPagesAtOnce, answers.size()); ++i) {
        helpers.emplace_back(fetch);
      }
    } catch (const std::system_error&) {
      // The system has no more threads: fewer do it too.
    }
    fetch();
    for (std::thread& helper : helpers) helper.join();
    for (const auto& answer : answers) {
      if (answer && !answer->ok()) return answer->status();
    }
    for (auto& answer : answers) MergeHubTags(std::move((*answer)->tags), tags);
    return (*answers.back())->next;
  }

  absl::Status Follow(const std::string& list_url, std::string next, DetailsByTag& tags) {
    const auto base = ParseUrl(list_url);
    std::set<std::string> seen;
    while (!next.empty()) {
      const auto url = ResolveUrl(*base, next);
      if (!url || !SameOrigin(*base, *url)) {
        return absl::InvalidArgumentError(
            fmt::format("{}: the link to the next page leaves that host: not followed", what_));
      }
      if (!seen.insert(url->ToString()).second || seen.size() > kMaxPages) return Endless();
      absl::StatusOr<HubPage> page = Page(url->ToString());
      if (!page.ok()) return page.status();
      MergeHubTags(std::move(page->tags), tags);
      next = std::move(page->next);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<HttpResponse> Ask(const std::string& url) {
    HttpRequest request;
    request.url = url;
    request.headers.emplace_back("Accept", "application/json");
    request.authorization = token_;
    request.max_body = kMaxPageBytes;
    absl::StatusOr<HttpResponse> answer = api_.transport.Send(request);
    if (!answer.ok()) return About(answer.status());
    ScrubRefusal(*answer, token_);
    return answer;
  }

  absl::StatusOr<HubPage> Page(const std::string& url) {
    const absl::StatusOr<HttpResponse> answer = Ask(url);
    if (!answer.ok()) return answer.status();
    return Read(*answer);
  }

  absl::StatusOr<HubPage> Read(const HttpResponse& answer) {
    if (answer.status != 200) return StatusOfAnswer(what_, answer);
    absl::StatusOr<HubPage> page = ParseHubPage(answer.body);
    if (!page.ok()) return About(page.status());
    return page;
  }

  // Leaves the token empty where there is no password to log in with.
  absl::Status LogIn() {
    const absl::StatusOr<Credential> credential = api_.credentials.For(std::string(kDockerHub));
    if (!credential.ok()) return credential.status();
    const auto url = ParseUrl(api_.url + "/v2/auth/token");
    const bool safe = url && (url->scheme == "https" || IsLoopbackHost(url->host));
    if (credential->username.empty() || credential->password.empty() || !safe) {
      return absl::OkStatus();
    }
    HttpRequest request;
    request.method = "POST";
    request.url = url->ToString();
    request.headers.emplace_back("Content-Type", "application/json");
    request.body =
        Json{{"identifier", credential->username}, {"secret", credential->password.Reveal()}}.dump(
            -1, ' ', false, Json::error_handler_t::replace);
    absl::StatusOr<HttpResponse> answer = api_.transport.Send(request);
    if (!answer.ok()) return About(answer.status());
    if (answer->status != 200) {
      answer->body = WithoutSecret(std::move(answer->body), credential->password);
      return StatusOfAnswer(fmt::format("{}: the login with {}", what_, credential->source),
                            *answer);
    }
    const Json document = Json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
    const auto token = document.is_object() ? document.find("access_token") : document.end();
    if (token == document.end() || !token->is_string()) {
      return absl::InvalidArgumentError(fmt::format("{}: the login gave no token", what_));
    }
    token_ = Secret("Bearer " + token->get<std::string>());
    return absl::OkStatus();
  }

  absl::Status About(const absl::Status& status) const {
    return absl::Status(status.code(), fmt::format("{}: {}", what_, std::string(status.message())));
  }

  absl::Status Endless() const {
    return absl::ResourceExhaustedError(fmt::format("{}: the list of tags has no end", what_));
  }

  const HubApi& api_;
  const std::string what_;
  Secret token_;
};

}  // namespace

absl::StatusOr<DetailsByTag> FetchHubTags(const HubApi& api, const Repository& repository) {
  if (!ParseUrl(api.url)) {
    return absl::InvalidArgumentError(
        "IMGLIFE_DOCKER_HUB_URL isn't a base URL such as https://hub.docker.com");
  }
  const std::size_t slash = repository.path.find('/');
  if (slash == std::string::npos || repository.path.find('/', slash + 1) != std::string::npos) {
    return absl::NotFoundError(
        fmt::format("{}: repositories of Docker Hub are NAMESPACE/NAME", repository.ToString()));
  }
  const std::string list_url = fmt::format("{}/v2/namespaces/{}/repositories/{}/tags?page_size={}",
                                           api.url, repository.path.substr(0, slash),
                                           repository.path.substr(slash + 1), kTagsPerDescription);
  return HubList(api, repository).Fetch(list_url);
}

}  // namespace imglife
