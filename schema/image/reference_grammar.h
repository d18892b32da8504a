// The pieces of a reference's grammar (distribution's `reference` package).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace imglife::grammar {

inline bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
inline bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}

std::string ToLower(std::string_view text);

struct HostParts {
  std::string_view name;  // an IPv6 address with its brackets
  std::optional<std::string_view> port;
};

HostParts SplitHost(std::string_view host);

bool IsIpv4Address(std::string_view text);
// A name, an IPv4 address or a bracketed IPv6 address.
bool IsHostName(std::string_view name);
// 1 to 65535, without sign or leading zeros.
bool IsPort(std::string_view port);

// Does the first component of a name say which registry, rather than being part of the path?
bool LooksLikeHost(std::string_view component);

// Lower-case components of letters and digits, joined by one '.', one or two '_', or any number of
// '-'; with '/' between them.
bool IsPath(std::string_view path);

}  // namespace imglife::grammar
