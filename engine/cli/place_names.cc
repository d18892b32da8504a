#include "engine/cli/place_names.h"

#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/cli/named_places.h"
#include "engine/observe/image_reference.h"
#include "engine/observe/observe_archives.h"
#include "engine/plan/words.h"
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

bool IsBelow(const Repository& repository, const Repository& prefix) {
  return prefix.path.empty() || repository.path.rfind(prefix.path + "/", 0) == 0;
}

bool Holds(const NamedPlace& place, const Repository& written, const Repository& other) {
  return written.path == other.path || (place.is_prefix && IsBelow(other, written));
}

// Could what is deleted at `written` be what `other` wants? Both are on one server.
bool Touches(const NamedPlace& written, const NamedPlace& other, const RegistryServers& servers) {
  if (written.use != PlaceUse::kWritten || other.use == PlaceUse::kRead) return false;
  const bool is_one_registry =
      servers.ServerOf(written.repository.host) == servers.ServerOf(other.repository.host);
  if (!is_one_registry) {
    // Registries below other paths of the server: what each has may be a repository of the other.
    return Holds(written, servers.IdentityOf(written.repository),
                 servers.IdentityOf(other.repository));
  }
  return other.use == PlaceUse::kWritten || Holds(written, written.repository, other.repository);
}

std::string Variables(const NamedPlace& a, const NamedPlace& b, const RegistryServers& servers) {
  std::string names;
  for (const NamedPlace* place : {&a, &b}) {
    if (!servers.HasEndpoint(place->repository.host)) continue;
    names += (names.empty() ? " (" : ", ") + EndpointVariable(place->repository.host);
  }
  return names.empty() ? "" : names + ")";
}

absl::Status TwoNames(const Config& config, const NamedPlace& first, const NamedPlace& second,
                      const RegistryServers& servers) {
  return absl::FailedPreconditionError(fmt::format(
      "{} names {}, and {} names {}: they are one registry under two names{}, of which each would "
      "delete what the other wants; write it in one way",
      PlaceText(config, second.rule), second.repository.host, PlaceText(config, first.rule),
      first.repository.host, Variables(first, second, servers)));
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

absl::Status CheckRegistryNames(const Config& config, const RegistryServers& servers) {
  std::map<std::string, std::vector<NamedPlace>> places;
  for (NamedPlace& place : NamedPlaces(config)) {
    if (place.repository.host.empty() || place.use == PlaceUse::kRead) continue;
    auto& others = places[servers.IdentityOf(place.repository).host];
    for (const NamedPlace& other : others) {
      if (other.repository.host == place.repository.host) continue;
      if (!Touches(other, place, servers) && !Touches(place, other, servers)) continue;
      return TwoNames(config, other, place, servers);
    }
    others.push_back(std::move(place));
  }
  return absl::OkStatus();
}

absl::Status CheckPlaceConflicts(const Config& config, const RegistryServers& servers) {
  const auto identity = [&](Repository repository) {
    if (repository.kind == Repository::Kind::kOciDir) {
      repository.path = RealDirectory(LayoutDirectory(repository, config.directory));
      return repository;
    }
    return servers.IdentityOf(std::move(repository));
  };
  const auto conflicts = PlaceConflicts(config, ImageRepositories(config), identity);
  if (conflicts.empty()) return absl::OkStatus();
  const PlaceConflict& first = conflicts.front();
  return absl::FailedPreconditionError(
      fmt::format("{}: {} ({})", PlaceText(config, RuleOf(first.where, config)), first.message,
                  PlaceText(config, RuleOf(first.other, config))));
}

}  // namespace imglife
