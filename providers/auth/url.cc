#include "providers/auth/url.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <netinet/in.h>

#include "absl/strings/ascii.h"
#include <fmt/format.h>

namespace imglife {
namespace {

constexpr std::size_t kMaxUrlLength = 16 << 10;
constexpr int kHttpPort = 80;
constexpr int kHttpsPort = 443;
constexpr int kMaxPort = 65535;

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '\\'; });
}

int OwnPort(std::string_view scheme) {
  return scheme == "https" ? kHttpsPort : kHttpPort;
}

std::optional<int> ParsePort(std::string_view digits) {
  if (digits.empty() || digits.size() > 5) return std::nullopt;
  int port = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    port = port * 10 + (c - '0');
  }
  if (port < 1 || port > kMaxPort) return std::nullopt;
  return port;
}

bool IsHostName(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

bool IsAddress6(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// HOST[:PORT] into `url`; false if it is neither.
bool ReadAuthority(std::string_view authority, Url& url) {
  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return false;
    url.host = absl::AsciiStrToLower(std::string(authority.substr(1, close - 1)));
    if (!IsAddress6(url.host)) return false;
    port = authority.substr(close + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    url.host = absl::AsciiStrToLower(std::string(authority.substr(0, colon)));
    if (!IsHostName(url.host)) return false;
    port = authority.substr(colon);
  }
  url.port = OwnPort(url.scheme);
  if (port.empty()) return true;
  if (port.front() != ':') return false;
  const std::optional<int> number = ParsePort(port.substr(1));
  if (!number) return false;
  url.port = *number;
  return true;
}

// PATH[?QUERY][#FRAGMENT] into `url`.
void ReadPath(std::string_view text, Url& url) {
  text = text.substr(0, text.find('#'));
  const std::size_t question = text.find('?');
  url.path = std::string(text.substr(0, question));
  url.query = question == std::string_view::npos ? "" : std::string(text.substr(question + 1));
  if (url.path.empty() || url.path.front() != '/') url.path.insert(0, 1, '/');
}

bool HasScheme(std::string_view reference) {
  const std::size_t end = reference.find_first_of(":/?#");
  return end != std::string_view::npos && end > 0 && reference[end] == ':';
}

bool IsInternalAddress4(std::uint32_t address) {
  struct Network {
    std::uint32_t prefix;
    int bits;
  };
  // RFC 6890: this network, private, shared, loopback, link-local.
  constexpr std::array<Network, 7> kNetworks = {{{0x00000000, 8},
                                                 {0x0A000000, 8},
                                                 {0x64400000, 10},
                                                 {0x7F000000, 8},
                                                 {0xA9FE0000, 16},
                                                 {0xAC100000, 12},
                                                 {0xC0A80000, 16}}};
  return std::any_of(kNetworks.begin(), kNetworks.end(), [address](const Network& network) {
    return (address ^ network.prefix) >> (32 - network.bits) == 0;
  });
}

bool IsInternalAddress6(const in6_addr& address) {
  const auto& bytes = address.s6_addr;
  const bool unique_local = (bytes[0] & 0xFE) == 0xFC;
  const bool link_local = bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80;
  if (unique_local || link_local || IN6_IS_ADDR_LOOPBACK(&address) != 0 ||
      IN6_IS_ADDR_UNSPECIFIED(&address) != 0) {
    return true;
  }
  if (IN6_IS_ADDR_V4MAPPED(&address) == 0) return false;
  const std::uint32_t mapped =
      static_cast<std::uint32_t>(bytes[12]) << 24 | static_cast<std::uint32_t>(bytes[13]) << 16 |
      static_cast<std::uint32_t>(bytes[14]) << 8 | static_cast<std::uint32_t>(bytes[15]);
  return IsInternalAddress4(mapped);
}

}  // namespace

std::string Url::Origin() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == OwnPort(scheme) ? fmt::format("{}://{}", scheme, name)
                                 : fmt::format("{}://{}:{}", scheme, name, port);
}

std::string Url::ToString() const {
  return Origin() + path + (query.empty() ? "" : "?" + query);
}

std::optional<Url> ParseUrl(std::string_view text) {
  if (text.size() > kMaxUrlLength || !IsPlain(text)) return std::nullopt;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  Url url;
  url.scheme = absl::AsciiStrToLower(std::string(text.substr(0, colon)));
  if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
  text.remove_prefix(colon + 3);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  if (!ReadAuthority(text.substr(0, end), url)) return std::nullopt;
  ReadPath(text.substr(end), url);
  return url;
}

std::optional<Url> ResolveUrl(const Url& base, std::string_view reference) {
  if (reference.empty()) return std::nullopt;
  if (HasScheme(reference)) return ParseUrl(reference);
  if (reference.substr(0, 2) == "//") return ParseUrl(base.scheme + ":" + std::string(reference));
  if (reference.front() == '/') return ParseUrl(base.Origin() + std::string(reference));
  if (reference.front() == '?') return ParseUrl(base.Origin() + base.path + std::string(reference));
  const std::string folder = base.path.substr(0, base.path.rfind('/') + 1);
  return ParseUrl(base.Origin() + folder + std::string(reference));
}

bool SameOrigin(const Url& a, const Url& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

bool Downgrades(const Url& from, const Url& to) {
  return from.scheme == "https" && to.scheme != "https";
}

bool IsInternalHost(std::string_view host) {
  std::string name = absl::AsciiStrToLower(std::string(host));
  if (!name.empty() && name.back() == '.') name.pop_back();
  constexpr std::string_view kLocal = ".localhost";
  if (name == "localhost" ||
      (name.size() > kLocal.size() && name.substr(name.size() - kLocal.size()) == kLocal)) {
    return true;
  }
  in6_addr address6{};
  if (::inet_pton(AF_INET6, name.c_str(), &address6) == 1) return IsInternalAddress6(address6);
  in_addr address4{};
  return ::inet_aton(name.c_str(), &address4) != 0 && IsInternalAddress4(ntohl(address4.s_addr));
}

std::string EscapeQuery(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      escaped += c;
    } else {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

std::string WithParameter(std::string url, std::string_view name, std::string_view value) {
  url += url.find('?') == std::string::npos ? '?' : '&';
  return url + EscapeQuery(name) + "=" + EscapeQuery(value);
}

}  // namespace imglife
