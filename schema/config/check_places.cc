#include <optional>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "schema/config/place_conflicts.h"
#include "schema/config/sections.h"

namespace imglife {
namespace {

// The item of a list that became what has this rule.
std::optional<Value> ItemOf(const std::optional<Value>& list, const ConfigRule& rule) {
  if (!list || !list->node().IsSequence()) return std::nullopt;
  for (std::size_t i = 0; i < list->node().items().size(); ++i) {
    if (Value item = list->Item(i); item.path() == rule.path) return item;
  }
  return std::nullopt;
}

std::optional<Value> FindIn(const std::optional<Value>& mapping, std::string_view key) {
  return mapping ? mapping->Find(key) : std::nullopt;
}

std::optional<Value> ValueOf(const ConfigPlace& place, const Value& document,
                             const Config& config) {
  const auto entry = [&] {
    return ItemOf(FindIn(document.Find("sync"), "entries"), config.sync->entries[place.index].rule);
  };
  switch (place.kind) {
    case ConfigPlace::Kind::kSource:
      return FindIn(entry(), "source");
    case ConfigPlace::Kind::kTarget:
      return FindIn(entry(), "target");
    case ConfigPlace::Kind::kImage:
      return ItemOf(FindIn(document.Find("build"), "images"),
                    config.build->images[place.index].rule);
    case ConfigPlace::Kind::kArchive:
      return FindIn(FindIn(document.Find("retention"), "archive"), "registry");
  }
  return std::nullopt;
}

// Where tag_format gives full references, only executing it tells.
std::vector<Repository> ImagesBelowRegistry(const Config& config) {
  std::vector<Repository> images;
  if (!config.build) return images;
  for (const BuildImage& image : config.build->images) {
    Repository repository = config.build->registry;
    repository.path += (repository.path.empty() ? "" : "/") + image.name;
    images.push_back(std::move(repository));
  }
  return images;
}

}  // namespace

void CheckPlaces(const Value& document, const Config& config) {
  const auto as_written = [](const Repository& repository) { return repository; };
  for (PlaceConflict& conflict : PlaceConflicts(config, ImagesBelowRegistry(config), as_written)) {
    const auto where = ValueOf(conflict.where, document, config);
    const auto other = ValueOf(conflict.other, document, config);
    if (!where || !other) continue;
    Finding finding;
    finding.code = "same-place";
    finding.at = where->at();
    finding.message = std::move(conflict.message);
    finding.notes.push_back({other->at(), fmt::format("{} is here", other->path())});
    where->Add(std::move(finding));
  }
}

}  // namespace imglife
