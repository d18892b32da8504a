#include "engine/observe/registry_servers.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <charconv>
#include <netinet/in.h>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "fmt/format.h"

namespace imglife {
namespace {

constexpr int kHttpPort = 80;
constexpr int kHttpsPort = 443;
constexpr std::string_view kApi = "/v2/";

std::string CanonicalHost(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  if (inet_aton(host.c_str(), &four) != 0) {
    const bool loopback =
        (ntohl(four.s_addr) >> 24U) == IN_LOOPBACKNET || four.s_addr == htonl(INADDR_ANY);
    char text[INET_ADDRSTRLEN] = {};
    if (loopback || inet_ntop(AF_INET, &four, text, sizeof(text)) == nullptr) return "localhost";
    return text;
  }
  if (inet_pton(AF_INET6, host.c_str(), &six) != 1) return host;
  constexpr std::size_t kFirstOfMapped = 12;
  const bool loopback =
      IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_UNSPECIFIED(&six) ||
      (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[kFirstOfMapped] == IN_LOOPBACKNET);
  char text[INET6_ADDRSTRLEN] = {};
  if (loopback || inet_ntop(AF_INET6, &six, text, sizeof(text)) == nullptr) return "localhost";
  return text;
}

// "/a/b" of "a//./c/../b/".
std::string CanonicalPath(const std::string& path) {
  std::vector<std::string> names;
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(path, '/'))) {
    if (name == ".." && !names.empty()) names.pop_back();
    if (name != "" && name != "." && name != "..") names.push_back(name);
  }
  return names.empty() ? "" : "/" + absl::StrJoin(names, "/");
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

// Where a server is spoken to below `prefix`, its repositories may be those of another name of it:
// PREFIX/v2/REPOSITORY is what is asked. Nothing else has a path that begins with a slash.
std::string PathOnServer(const std::string& prefix, const std::string& repository) {
  const std::string asked = fmt::format("{}/v2/{}", prefix, repository);
  return asked.starts_with(kApi) ? asked.substr(kApi.size()) : asked;
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

std::string ServerName(const std::string& host, int port, const std::string& path) {
  return fmt::format("{}:{}{}", CanonicalHost(host), port, CanonicalPath(path));
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
  const std::string server = ServerOf(repository.host);
  const std::size_t slash = std::min(server.find('/'), server.size());
  repository.host = server.substr(0, slash);
  if (slash < server.size()) repository.path = PathOnServer(server.substr(slash), repository.path);
  return repository;
}

}  // namespace imglife
