#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "schema/config/domain.h"
#include "schema/config/fields.h"
#include "schema/config/scalars.h"
#include "schema/config/sections.h"
#include "schema/image/reference.h"

namespace imglife {
namespace {

using Provider = PackageRegistry::Provider;

constexpr std::string_view kDefaultPath = ".imglife/records";
// The largest integer that JSON carries everywhere.
constexpr std::int64_t kMostProjectId = 9'007'199'254'740'991;

void AddHost(std::string host, std::vector<std::string>& hosts) {
  if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) hosts.push_back(std::move(host));
}

// HOST[:PORT] in the spelling that references have; nothing if references can't name it: `gitea/x`
// is a repository of docker.io.
std::optional<std::string> HostInReferences(const std::string& text) {
  if (text.find_first_of("/@") != std::string::npos) return std::nullopt;
  const absl::StatusOr<Repository> repository = ParseRepository(text + "/x/y");
  if (!repository.ok() || repository->path != "x/y") return std::nullopt;
  return repository->host;
}

std::optional<std::string> ReadHost(const Value& value) {
  const std::optional<std::string> text = ReadSomeText(value);
  if (!text) return std::nullopt;
  std::optional<std::string> host = HostInReferences(*text);
  if (!host) {
    value.ReportExpanded(
        "bad-value",
        fmt::format("expected a registry as HOST or HOST:PORT, found `{}`", value.node().text()));
  }
  return host;
}

void ReadInsecure(const Value& value, RegistrySection& section) {
  for (std::string& host : ReadEach(value, ReadHost)) {
    AddHost(std::move(host), section.insecure_registries);
  }
}

void ReadProvider(const Value& value, PackageRegistry& registry) {
  static constexpr std::array<std::pair<std::string_view, Provider>, 4> kWords = {
      {{"gitlab", Provider::kGitLab},
       {"gitea", Provider::kGitea},
       {"s3", Provider::kS3},
       {"file", Provider::kFile}}};
  Assign(registry.provider, ReadWord(value, kWords));
}

void ReadRecordsPath(const Value& value, PackageRegistry& registry) {
  if (std::optional<WrittenPath> path = ReadPath(value)) registry.path = std::move(path->joined);
}

// A column of the table for a string that means nothing more to us.
template <std::string PackageRegistry::*member>
void ReadMember(const Value& value, RegistrySection& section) {
  Assign((*section.package_registry).*member, ReadSomeText(value));
}

constexpr Field<RegistrySection> kRegistryFields[] = {
    {"provider",
     [](const Value& value, RegistrySection& s) { ReadProvider(value, *s.package_registry); }},
    {"path",
     [](const Value& value, RegistrySection& s) { ReadRecordsPath(value, *s.package_registry); }},
    {"url", [](const Value& value,
               RegistrySection& s) { Assign(s.package_registry->url, ReadUrl(value)); }},
    {"api_url", [](const Value& value,
                   RegistrySection& s) { Assign(s.package_registry->api_url, ReadUrl(value)); }},
    {"project_id",
     [](const Value& value, RegistrySection& s) {
       Assign(s.package_registry->project_id, ReadInteger(value, 1, kMostProjectId));
     }},
    {"owner", ReadMember<&PackageRegistry::owner>},
    {"repo", ReadMember<&PackageRegistry::repo>},
    {"bucket", ReadMember<&PackageRegistry::bucket>},
    {"region", ReadMember<&PackageRegistry::region>},
    {"prefix", [](const Value& value,
                  RegistrySection& s) { Assign(s.package_registry->prefix, ReadText(value)); }},
    {"insecure_registries", ReadInsecure},
    {"config_ref", ReadMember<&PackageRegistry::config_ref>},
};

void RequireFor(const Value& section, std::string_view provider, std::string_view key) {
  if (section.Find(key)) return;
  section.ReportAt(section.Rule().at, "missing-key",
                   fmt::format("`{}` is missing: provider {} needs it", key, provider));
}

void CheckProviderNeeds(const Value& section, const PackageRegistry& registry) {
  switch (registry.provider) {
    case Provider::kGitLab:
      if (!section.Find("api_url")) RequireFor(section, "gitlab", "url");
      RequireFor(section, "gitlab", "project_id");
      break;
    case Provider::kGitea:
      if (!section.Find("api_url")) RequireFor(section, "gitea", "url");
      RequireFor(section, "gitea", "owner");
      break;
    case Provider::kS3:
      RequireFor(section, "s3", "bucket");
      break;
    case Provider::kFile:
      break;
  }
}

// Does the section say anything about the Package Registry?
bool NamesPackageRegistry(const Value& section) {
  const auto& entries = section.node().entries();
  return std::any_of(entries.begin(), entries.end(), [](const YamlEntry& entry) {
    return entry.key != "insecure_registries" && !entry.key.starts_with("x-");
  });
}

std::optional<std::string> HostOfPlainUrl(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  return HostInReferences(std::string(url.substr(0, url.find_first_of("/?#"))));
}

}  // namespace

RegistrySection DecodeRegistry(const Value& value) {
  RegistrySection section;
  PackageRegistry& registry = section.package_registry.emplace();
  registry.rule = value.Rule();
  registry.path = JoinPath(value.context().directory, kDefaultPath);
  if (!ReadFields(value, kRegistryFields, section)) return section;
  if (!NamesPackageRegistry(value)) {
    section.package_registry.reset();
    return section;
  }
  CheckProviderNeeds(value, registry);
  if (registry.api_url.empty()) registry.api_url = registry.url;
  if (std::optional<std::string> host = HostOfPlainUrl(registry.url)) {
    AddHost(*std::move(host), section.insecure_registries);
  }
  return section;
}

}  // namespace imglife
