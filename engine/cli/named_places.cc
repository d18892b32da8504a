#include "engine/cli/named_places.h"

namespace imglife {

ConfigRule FieldOf(const ConfigRule& rule, const std::string& field) {
  return {rule.path + "." + field, rule.at};
}

std::vector<NamedPlace> NamedPlaces(const Config& config) {
  std::vector<NamedPlace> places;
  if (config.sync) {
    for (const SyncEntry& entry : config.sync->entries) {
      places.push_back({entry.source, PlaceUse::kRead, false, FieldOf(entry.rule, "source")});
      places.push_back({entry.target, PlaceUse::kWritten, false, FieldOf(entry.rule, "target")});
    }
  }
  if (config.build) {
    places.push_back({config.build->registry, PlaceUse::kWritten, true,
                      FieldOf(config.build->rule, "registry")});
    for (const BuildImage& image : config.build->images) {
      places.push_back(
          {image.mirror_image, PlaceUse::kBase, false, FieldOf(image.rule, "mirror_image")});
    }
  }
  if (config.retention && config.retention->archive.enabled) {
    places.push_back({*config.retention->archive.registry, PlaceUse::kWritten, true,
                      FieldOf(config.retention->defaults.rule, "archive.registry")});
  }
  return places;
}

}  // namespace imglife
