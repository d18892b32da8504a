// The sections of imglife.yaml, one function each. What is wrong is reported, and has its default
// in what is returned.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schema/config/config.h"
#include "schema/config/value.h"

namespace imglife {

struct RegistrySection {
  // None if nothing in the section is about the Package Registry.
  std::optional<PackageRegistry> package_registry;
  std::vector<std::string> insecure_registries;
};

RegistrySection DecodeRegistry(const Value& value);
SyncSection DecodeSync(const Value& value);
BuildSection DecodeBuild(const Value& value);
Retention DecodeRetention(const Value& value);
LifecycleSection DecodeLifecycle(const Value& value);
StatusSection DecodeStatus(const Value& value);
NotifySection DecodeNotify(const Value& value);

// What sections say of each other: reports PlaceConflicts, by the names as they are written.
void CheckPlaces(const Value& document, const Config& config);

// Shared by several sections.
GitSettings DecodeGit(const Value& value);
std::vector<Hook> DecodeHooks(const Value& value);
// The mapping `hooks`, whose only key is `when`.
void DecodePostSyncHooks(const Value& value, std::vector<Hook>& hooks);
void DecodePostImageBuildHooks(const Value& value, std::vector<Hook>& hooks);
std::optional<LifecycleRef> DecodeLifecycleRef(const Value& value);
// build.tag_format (config.md, build): a Go template, or a string with {tokens}.
std::optional<std::string> DecodeTagFormat(const Value& value);

}  // namespace imglife
