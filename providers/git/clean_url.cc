#include "providers/git/clean_url.h"

#include "absl/strings/match.h"

namespace imglife {
namespace {

constexpr std::string_view kSchemeEnd = "://";

struct UrlParts {
  std::string_view scheme;    // with "://"; empty: a path, or the form that scp takes
  std::string_view userinfo;  // without '@'
  std::string_view host;
  std::string_view rest;
};

UrlParts Split(std::string_view url) {
  const std::size_t scheme_end = url.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos) return {.rest = url};
  UrlParts parts{.scheme = url.substr(0, scheme_end + kSchemeEnd.size())};
  const std::string_view after = url.substr(parts.scheme.size());
  const std::string_view authority = after.substr(0, after.find_first_of("/?#"));
  parts.rest = after.substr(authority.size());
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) {
    parts.host = authority;
  } else {
    parts.userinfo = authority.substr(0, at);
    parts.host = authority.substr(at + 1);
  }
  return parts;
}

bool IsSshScheme(const std::string& scheme) {
  return absl::EqualsIgnoreCase(scheme, "ssh://") || absl::EqualsIgnoreCase(scheme, "git+ssh://") ||
         absl::EqualsIgnoreCase(scheme, "ssh+git://");
}

}  // namespace

bool HasHttpScheme(std::string_view url) {
  const std::string scheme(Split(url).scheme);
  return absl::EqualsIgnoreCase(scheme, "https://") || absl::EqualsIgnoreCase(scheme, "http://");
}

std::string CleanUrl(std::string_view url) {
  const UrlParts parts = Split(url);
  if (parts.scheme.empty()) return std::string(url);
  std::string clean(parts.scheme);
  const bool is_http = HasHttpScheme(url);
  if (IsSshScheme(clean) && !parts.userinfo.empty()) {
    clean += std::string(parts.userinfo.substr(0, parts.userinfo.find(':'))) + "@";
  }
  clean += parts.host;
  clean += is_http ? parts.rest.substr(0, parts.rest.find_first_of("?#")) : parts.rest;
  return clean;
}

std::string OriginOf(std::string_view clean_url) {
  const UrlParts parts = Split(clean_url);
  return std::string(parts.scheme) + std::string(parts.host);
}

}  // namespace imglife
