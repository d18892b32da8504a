// The places of images that a configuration names, and what for.
#pragma once

#include <string>
#include <vector>

#include "schema/config/config.h"

namespace imglife {

enum class PlaceUse {
  kRead,     // the source of a sync entry
  kBase,     // mirror_image: what must stay as long as an image stands on it
  kWritten,  // a sync target, build.registry, the archive: imglife writes and deletes there
};

struct NamedPlace {
  // As the configuration writes it; for build.registry and the archive the prefix.
  Repository repository;
  PlaceUse use = PlaceUse::kRead;
  bool is_prefix = false;
  // What names it, for messages: "sync.entries[0].target" at the place of the entry.
  ConfigRule rule;
};

// In the order: sync, build, archive.
std::vector<NamedPlace> NamedPlaces(const Config& config);

// "sync.entries[0].target", at the place of the entry.
ConfigRule FieldOf(const ConfigRule& rule, const std::string& field);

}  // namespace imglife
