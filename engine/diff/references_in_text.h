// References within commands and other text. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "engine/observe/registry_servers.h"
#include "schema/image/reference.h"

namespace imglife {

// The tags and digests of `repository` that stand anywhere in `text` as its references, with its
// host, under any of its names, written before the path.
struct ReferencesInText {
  std::set<std::string> tags;
  std::set<std::string> digests;
};
ReferencesInText FindReferences(std::string_view text, const Repository& repository,
                                const RegistryServers& servers);

}  // namespace imglife
