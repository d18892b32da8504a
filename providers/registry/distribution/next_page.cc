#include "providers/registry/distribution/next_page.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include <fmt/format.h>

#include "providers/auth/url.h"
#include "providers/registry/distribution/link_header.h"

namespace imglife {
namespace {

constexpr std::size_t kMaxPages = 10000;

// A server that sits behind a prefix which it doesn't know of (Artifactory's virtual repositories,
// a proxy with a path): "/v2/app/tags/list" for our "/v2/virtual/app/tags/list".
bool IsOwnEnd(std::string_view own, std::string_view linked) {
  constexpr std::string_view kApi = "/v2";
  if (!linked.starts_with("/v2/") || own == linked) return false;
  linked.remove_prefix(kApi.size());
  return own.ends_with(linked);
}

// In the digest of a list of referrers.
std::string WithColons(std::string_view path) {
  return absl::StrReplaceAll(std::string(path), {{"%3A", ":"}, {"%3a", ":"}});
}

// The same repository's list, whatever a proxy has put before the path.
bool IsSameList(std::string_view own, std::string_view linked) {
  constexpr std::string_view kApi = "/v2/";
  const std::string list = WithColons(own.substr(std::min(own.find(kApi), own.size())));
  const std::string other = WithColons(linked);
  return other.ends_with(list) && other.find(kApi) == other.size() - list.size();
}

// Every header is read, also after one that has the link.
absl::StatusOr<std::optional<std::string>> LinkOf(const Call& call, const HttpResponse& page) {
  std::optional<std::string> next;
  const auto [first, last] = page.headers.equal_range("link");
  for (auto header = first; header != last; ++header) {
    absl::StatusOr<std::optional<std::string>> link = NextLink(header->second);
    if (!link.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("{}: whether more pages follow can't be told, as the registry's Link header "
                      "isn't as RFC 8288 has it: {}",
                      call.what, std::string(link.status().message())));
    }
    if (!next) next = *std::move(link);
  }
  return next;
}

absl::StatusOr<Url> FollowLink(const Call& call, const HttpResponse& page,
                               const std::string& link) {
  const std::optional<Url> from = ParseUrl(page.url);
  const std::optional<Url> next = from ? ResolveUrl(*from, link) : std::nullopt;
  if (!next) {
    return absl::InvalidArgumentError(
        fmt::format("{}: the registry's link to the next page is no URL", call.what));
  }
  if (!SameOrigin(*from, *next)) {
    return absl::InvalidArgumentError(
        fmt::format("{}: the registry's link to the next page leaves {} for {}: not followed",
                    call.what, from->Origin(), next->Origin()));
  }
  Url page_url = *next;
  if (IsOwnEnd(from->path, next->path)) page_url.path = from->path;
  if (!IsSameList(from->path, page_url.path)) {
    return absl::InvalidArgumentError(
        fmt::format("{}: the registry's link to the next page leads to another list, {}: not "
                    "followed",
                    call.what, next->path));
  }
  return page_url;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> NextLink(std::string_view header) {
  const absl::StatusOr<std::vector<WebLink>> links = ParseLinkHeader(header);
  if (!links.ok()) return links.status();
  for (const WebLink& link : *links) {
    if (link.relations.count("next") > 0) return link.target;
  }
  return std::nullopt;
}

absl::Status ForEachPage(Client& client, Call call,
                         const std::function<absl::Status(const HttpResponse&)>& take) {
  std::set<std::string> seen = {call.request.url};
  while (true) {
    const absl::StatusOr<HttpResponse> page = client.Send(call);
    if (!page.ok()) return page.status();
    if (absl::Status taken = take(*page); !taken.ok()) return taken;
    const absl::StatusOr<std::optional<std::string>> link = LinkOf(call, *page);
    if (!link.ok()) return link.status();
    if (!*link) return absl::OkStatus();
    const absl::StatusOr<Url> next = FollowLink(call, *page, **link);
    if (!next.ok()) return next.status();
    call.request.url = next->ToString();
    if (!seen.insert(call.request.url).second) {
      return absl::InvalidArgumentError(
          fmt::format("{}: the registry's pages go round in a circle", call.what));
    }
    if (seen.size() > kMaxPages) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: no end after {} pages", call.what, kMaxPages));
    }
  }
}

}  // namespace imglife
