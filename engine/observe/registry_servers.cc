#include "engine/observe/registry_servers.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <charconv>
#include <netinet/in.h>
#include <system_error>
#include <utility>

#include "fmt/format.h"

namespace imglife {
namespace {

constexpr int kHttpPort = 80;
constexpr int kHttpsPort = 443;

std::string CanonicalHost(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  if (inet_aton(host.c_str(), &four) != 0) {
    const bool loopback = (ntohl(four.s_addr) >> 24U) == IN_LOOPBACKNET;
    char text[INET_ADDRSTRLEN] = {};
    if (loopback || inet_ntop(AF_INET, &four, text, sizeof(text)) == nullptr) return "localhost";
    return text;
  }
  if (inet_pton(AF_INET6, host.c_str(), &six) != 1) return host;
  constexpr std::size_t kFirstOfMapped = 12;
  const bool loopback =
      IN6_IS_ADDR_LOOPBACK(&six) ||
      (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[kFirstOfMapped] == IN_LOOPBACKNET);
  char text[INET6_ADDRSTRLEN] = {};
  if (loopback || inet_ntop(AF_INET6, &six, text, sizeof(text)) == nullptr) return "localhost";
  return text;
}

std::string Unbracketed(std::string host) {
  const bool bracketed = host.size() > 1 && host.front() == '[' && host.back() == ']';
  return bracketed ? host.substr(1, host.size() - 2) : std::move(host);
}

struct HostAndPort {
  std::string host;  // without brackets
  int port = 0;      // 0: none is written
};

HostAndPort Split(std::string text) {
  HostAndPort result;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + colon + 1, end, result.port);
    // A host in brackets has colons of its own.
    if (read.ec != std::errc() || read.ptr != end) return {Unbracketed(std::move(text)), 0};
    text.resize(colon);
  }
  result.host = Unbracketed(std::move(text));
  return result;
}

}  // namespace

std::string EndpointVariable(const std::string& host) {
  std::string name = "IMGLIFE_REGISTRY_ENDPOINT_";
  for (const char c : host) {
    const auto byte = static_cast<unsigned char>(c);
    name += std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return name;
}

std::string ServerName(const std::string& host, int port, std::string path) {
  while (!path.empty() && path.back() == '/') path.pop_back();
  return fmt::format("{}:{}{}", CanonicalHost(host), port, path);
}

RegistryServers::RegistryServers(std::map<std::string, std::string> endpoints,
                                 std::vector<std::string> insecure)
    : endpoints_(std::move(endpoints)), insecure_(std::move(insecure)) {}

bool RegistryServers::HasEndpoint(const std::string& host) const {
  return endpoints_.count(EndpointVariable(host)) > 0;
}

std::string RegistryServers::ServerOf(const std::string& host) const {
  if (host.empty()) return "";
  const auto endpoint = endpoints_.find(EndpointVariable(host));
  if (endpoint != endpoints_.end()) return endpoint->second;
  const bool plain = IsLoopbackHost(host) ||
                     std::find(insecure_.begin(), insecure_.end(), host) != insecure_.end();
  const HostAndPort spoken_to = Split(ApiHost(host));
  const int own = plain ? kHttpPort : kHttpsPort;
  return ServerName(spoken_to.host, spoken_to.port == 0 ? own : spoken_to.port, "");
}

Repository RegistryServers::IdentityOf(Repository repository) const {
  repository.host = ServerOf(repository.host);
  return repository;
}

}  // namespace imglife
