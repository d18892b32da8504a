#include "engine/cli/place_names.h"

#include <algorithm>
#include <arpa/inet.h>
#include <filesystem>
#include <netinet/in.h>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/cli/named_places.h"
#include "engine/cli/registry_endpoints.h"
#include "engine/observe/image_reference.h"
#include "engine/observe/observe_archives.h"
#include "engine/plan/words.h"
#include "providers/auth/url.h"
#include "schema/config/place_conflicts.h"
#include "schema/image/layout_directory.h"

namespace imglife {
namespace {

// With the repositories below the prefixes: what is a layout of its own.
std::vector<NamedPlace> Layouts(const Config& config) {
  std::vector<NamedPlace> layouts;
  for (const NamedPlace& place : NamedPlaces(config)) {
    if (!place.is_prefix) layouts.push_back(place);
  }
  if (config.build) {
    for (const BuildImage& image : config.build->images) {
      Repository repository = config.build->registry;
      repository.path += "/" + image.name;
      layouts.push_back({repository, PlaceUse::kWritten, false, image.rule});
    }
  }
  if (!config.retention || !config.retention->archive.enabled) return layouts;
  std::vector<Repository> named;
  for (const NamedPlace& place : layouts) named.push_back(place.repository);
  const ConfigRule rule{config.retention->defaults.rule.path + ".archive.registry",
                        config.retention->defaults.rule.at};
  for (const Repository& archive : ArchivesOf(config, named)) {
    layouts.push_back({archive, PlaceUse::kWritten, false, rule});
  }
  return layouts;
}

// What the system makes of the name; the name itself where that can't be told.
std::string RealDirectory(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  const auto real = std::filesystem::weakly_canonical(absolute, error);
  return error ? path : real.string();
}

// One spelling of an address, and one for all of loopback. Names aren't looked up.
std::string CanonicalHost(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  if (inet_aton(host.c_str(), &four) != 0) {
    const bool loopback = (ntohl(four.s_addr) >> 24U) == IN_LOOPBACKNET;
    return loopback ? "localhost" : inet_ntoa(four);
  }
  if (inet_pton(AF_INET6, host.c_str(), &six) != 1) return host;
  constexpr std::size_t kFirstOfMapped = 12;
  const bool loopback =
      IN6_IS_ADDR_LOOPBACK(&six) ||
      (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[kFirstOfMapped] == IN_LOOPBACKNET);
  std::string text(INET6_ADDRSTRLEN, '\0');
  if (loopback || inet_ntop(AF_INET6, &six, text.data(), INET6_ADDRSTRLEN) == nullptr) {
    return loopback ? "localhost" : host;
  }
  return text.c_str();
}

// The server behind a host: two hosts with the same one are one registry. The scheme doesn't count
// beyond its port.
std::string ServerOf(const std::string& host, const std::map<std::string, std::string>& endpoints,
                     const std::vector<std::string>& insecure) {
  const auto endpoint = endpoints.find(host);
  const bool plain =
      IsLoopbackHost(host) || std::find(insecure.begin(), insecure.end(), host) != insecure.end();
  std::optional<Url> url =
      ParseUrl(endpoint != endpoints.end() ? endpoint->second
                                           : (plain ? "http://" : "https://") + ApiHost(host));
  if (!url) return host;
  while (!url->path.empty() && url->path.back() == '/') url->path.pop_back();
  return fmt::format("{}:{}{}", CanonicalHost(url->host), url->port, url->path);
}

bool IsBelow(const Repository& repository, const Repository& prefix) {
  return prefix.path.empty() || repository.path.rfind(prefix.path + "/", 0) == 0;
}

// Could what is deleted at `written` be what `other` wants?
bool Touches(const NamedPlace& written, const NamedPlace& other) {
  if (written.use != PlaceUse::kWritten || other.use == PlaceUse::kRead) return false;
  if (other.use == PlaceUse::kWritten) return true;
  return written.repository.path == other.repository.path ||
         (written.is_prefix && IsBelow(other.repository, written.repository));
}

std::string Variables(const NamedPlace& a, const NamedPlace& b,
                      const std::map<std::string, std::string>& endpoints) {
  std::string names;
  for (const NamedPlace* place : {&a, &b}) {
    if (endpoints.count(place->repository.host) == 0) continue;
    names += (names.empty() ? " (" : ", ") + EndpointVariable(place->repository.host);
  }
  return names.empty() ? "" : names + ")";
}

absl::Status TwoNames(const Config& config, const NamedPlace& first, const NamedPlace& second,
                      const std::map<std::string, std::string>& endpoints) {
  return absl::FailedPreconditionError(fmt::format(
      "{} names {}, and {} names {}: they are one registry under two names{}, of which each would "
      "delete what the other wants; write it in one way",
      PlaceText(config, second.rule), second.repository.host, PlaceText(config, first.rule),
      first.repository.host, Variables(first, second, endpoints)));
}

ConfigRule RuleOf(const ConfigPlace& place, const Config& config) {
  switch (place.kind) {
    case ConfigPlace::Kind::kSource:
      return FieldOf(config.sync->entries[place.index].rule, "source");
    case ConfigPlace::Kind::kTarget:
      return FieldOf(config.sync->entries[place.index].rule, "target");
    case ConfigPlace::Kind::kImage:
      return config.build->images[place.index].rule;
    case ConfigPlace::Kind::kArchive:
      break;
  }
  return FieldOf(config.retention->defaults.rule, "archive.registry");
}

std::vector<Repository> ImageRepositories(const Config& config) {
  std::vector<Repository> repositories;
  if (!config.build) return repositories;
  for (const BuildImage& image : config.build->images) {
    repositories.push_back(ImageRepository(*config.build, image));
  }
  return repositories;
}

}  // namespace

absl::Status CheckLayoutNames(const Config& config) {
  std::map<std::string, NamedPlace> names;
  for (const NamedPlace& place : Layouts(config)) {
    const Repository& layout = place.repository;
    if (layout.kind != Repository::Kind::kOciDir) continue;
    const auto [at, is_new] =
        names.try_emplace(RealDirectory(LayoutDirectory(layout, config.directory)), place);
    if (is_new || at->second.repository == layout) continue;
    return absl::FailedPreconditionError(
        fmt::format("{} names {}, and {} names {}: they are the same directory; write it in one "
                    "way",
                    PlaceText(config, place.rule), layout.ToString(),
                    PlaceText(config, at->second.rule), at->second.repository.ToString()));
  }
  return absl::OkStatus();
}

absl::Status CheckRegistryNames(const Config& config,
                                const std::map<std::string, std::string>& endpoints) {
  std::map<std::string, std::vector<NamedPlace>> servers;
  for (NamedPlace& place : NamedPlaces(config)) {
    if (place.repository.host.empty() || place.use == PlaceUse::kRead) continue;
    auto& others = servers[ServerOf(place.repository.host, endpoints, config.insecure_registries)];
    for (const NamedPlace& other : others) {
      if (other.repository.host == place.repository.host) continue;
      if (!Touches(other, place) && !Touches(place, other)) continue;
      return TwoNames(config, other, place, endpoints);
    }
    others.push_back(std::move(place));
  }
  return absl::OkStatus();
}

absl::Status CheckPlaceConflicts(const Config& config,
                                 const std::map<std::string, std::string>& endpoints) {
  const auto identity = [&](Repository repository) {
    if (repository.kind == Repository::Kind::kOciDir) {
      repository.path = RealDirectory(LayoutDirectory(repository, config.directory));
    } else {
      repository.host = ServerOf(repository.host, endpoints, config.insecure_registries);
    }
    return repository;
  };
  const auto conflicts = PlaceConflicts(config, ImageRepositories(config), identity);
  if (conflicts.empty()) return absl::OkStatus();
  const PlaceConflict& first = conflicts.front();
  return absl::FailedPreconditionError(
      fmt::format("{}: {} ({})", PlaceText(config, RuleOf(first.where, config)), first.message,
                  PlaceText(config, RuleOf(first.other, config))));
}

}  // namespace imglife
