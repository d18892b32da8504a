// URLs as far as a registry client must understand them itself: to resolve what a server sends and
// to decide where credentials may go (RFC 3986; protocol notes 3.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace imglife {

// An absolute http or https URL. Scheme and host are lower case; an IPv6 host has no brackets.
struct Url {
  std::string scheme;
  std::string host;
  int port = 0;       // the scheme's own where none is written
  std::string path;   // starts with '/'
  std::string query;  // without '?'

  // Without a fragment; the port only where it isn't the scheme's own.
  std::string ToString() const;
  // "https://registry.example.com": what messages may show, since a query can hold a signature.
  std::string Origin() const;
};

// Nothing if `text` isn't an absolute http(s) URL of at most 16 KiB, has user information, or
// contains blanks, control characters or bytes outside ASCII.
std::optional<Url> ParseUrl(std::string_view text);

// `reference` as the server at `base` means it: absolute, or relative to the base's scheme, host,
// path. Nothing where ParseUrl would say so of the result.
std::optional<Url> ResolveUrl(const Url& base, std::string_view reference);

// The same scheme, host and port.
bool SameOrigin(const Url& a, const Url& b);

// Would following `to`, told by `from`, leave TLS?
bool Downgrades(const Url& from, const Url& to);

// "localhost" or an address literal (in any form that C libraries read) of a loopback, private or
// link-local network.
bool IsInternalHost(std::string_view host);

// Everything but RFC 3986's unreserved characters as %XX.
std::string EscapeQuery(std::string_view text);

// `url` with NAME=VALUE added to its query; both are escaped.
std::string WithParameter(std::string url, std::string_view name, std::string_view value);

}  // namespace imglife
