#include "providers/registry/distribution/next_page.h"

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include <fmt/format.h>

#include "providers/auth/url.h"

namespace imglife {
namespace {

constexpr std::size_t kMaxPages = 10000;

// Where the link's parameters end: at a comma outside quotes.
std::size_t EndOfParameters(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      return i;
    }
  }
  return text.size();
}

// Do the parameters have a rel with the relation "next"?
bool IsNext(std::string_view parameters) {
  std::string text;
  for (const char c : absl::AsciiStrToLower(std::string(parameters))) {
    if (c != ' ' && c != '\t') {
      if ((c == '=' || c == ';') && text.ends_with(' ')) text.pop_back();
      text += c;
    } else if (!text.empty() && text.back() != ';' && text.back() != '=') {
      text += ' ';
    }
  }
  const std::size_t rel = text.find(";rel=");
  if (rel == std::string::npos) return false;
  std::string value = text.substr(rel + 5);
  if (!value.empty() && value.front() == '"') {
    value = value.substr(1, value.find('"', 1) - 1);
  } else {
    value = value.substr(0, value.find(';'));
  }
  return (" " + value + " ").find(" next ") != std::string::npos;
}

// A server that sits behind a prefix which it doesn't know of (Artifactory's virtual repositories,
// a proxy with a path): "/v2/app/tags/list" for our "/v2/virtual/app/tags/list".
bool IsOwnEnd(std::string_view own, std::string_view linked) {
  constexpr std::string_view kApi = "/v2";
  if (!linked.starts_with("/v2/") || own == linked) return false;
  linked.remove_prefix(kApi.size());
  return own.ends_with(linked);
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
  return page_url;
}

}  // namespace

std::optional<std::string> NextLink(std::string_view header) {
  while (true) {
    const std::size_t open = header.find('<');
    if (open == std::string_view::npos) return std::nullopt;
    header.remove_prefix(open + 1);
    const std::size_t close = header.find('>');
    if (close == std::string_view::npos) return std::nullopt;
    const std::string_view target = header.substr(0, close);
    header.remove_prefix(close + 1);
    const std::size_t end = EndOfParameters(header);
    if (IsNext(header.substr(0, end))) return std::string(target);
    header.remove_prefix(end);
  }
}

absl::Status ForEachPage(Client& client, Call call,
                         const std::function<absl::Status(const HttpResponse&)>& take) {
  std::set<std::string> seen = {call.request.url};
  while (true) {
    const absl::StatusOr<HttpResponse> page = client.Send(call);
    if (!page.ok()) return page.status();
    if (absl::Status taken = take(*page); !taken.ok()) return taken;
    std::optional<std::string> link;
    const auto [first, last] = page->headers.equal_range("link");
    for (auto header = first; header != last && !link; ++header) link = NextLink(header->second);
    if (!link) return absl::OkStatus();
    const absl::StatusOr<Url> next = FollowLink(call, *page, *link);
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
