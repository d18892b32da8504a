// http and https URLs: what redirects and credentials need to know of them.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace imglife {

struct HttpUrl {
  std::string text;    // without userinfo and fragment
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case, IPv6 in brackets
  std::string port;    // also where it is the scheme's own

  // "registry.example.com" or "127.0.0.1:5000": for people.
  std::string Authority() const;
  bool SameServer(const HttpUrl& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

// InvalidArgument if it isn't an http or https URL with a host.
absl::StatusOr<HttpUrl> ParseHttpUrl(const std::string& text);

// `location` as a redirect of `from` means it (RFC 9110, 10.2.2). FailedPrecondition if it leads
// from https to http.
absl::StatusOr<HttpUrl> ResolveRedirect(const HttpUrl& from, const std::string& location);

}  // namespace imglife
