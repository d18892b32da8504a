#include "schema/config/place_conflicts.h"

#include <optional>
#include <string_view>

#include "fmt/format.h"

namespace imglife {
namespace {

using Kind = ConfigPlace::Kind;

bool IsKnown(const Repository& repository) {
  return !repository.path.empty();
}

bool LiesWithin(const Repository& inner, const Repository& outer) {
  if (inner.kind != outer.kind || inner.host != outer.host) return false;
  return outer.path.empty() || inner.path == outer.path || inner.path.starts_with(outer.path + "/");
}

std::optional<PlaceConflict> MirrorOfItself(const SyncEntry& entry, std::size_t index,
                                            const PlaceIdentity& identity) {
  if (!IsKnown(entry.source) || identity(entry.source) != identity(entry.target)) {
    return std::nullopt;
  }
  return PlaceConflict{
      {Kind::kTarget, index},
      {Kind::kSource, index},
      fmt::format("the target {} is the same repository as the source {}; mirror to another one",
                  entry.target.ToString(), entry.source.ToString())};
}

class ArchiveConflicts {
 public:
  ArchiveConflicts(const Config& config, const std::vector<Repository>& images,
                   const PlaceIdentity& identity)
      : config_(config),
        images_(images),
        identity_(identity),
        archive_(*config.retention->archive.registry),
        identified_(identity(archive_)),
        shown_(archive_.path.empty() ? archive_.host : archive_.ToString()) {}

  std::optional<PlaceConflict> First() const {
    for (std::size_t i = 0; config_.sync && i < config_.sync->entries.size(); ++i) {
      const SyncEntry& entry = config_.sync->entries[i];
      if (Overlap(entry.target)) return Deleted("sync target", entry.target, {Kind::kTarget, i});
      if (!entry.tag_regex.empty() && Holds(entry.source)) return MirroredAgain(entry, i);
    }
    for (std::size_t i = 0; i < images_.size(); ++i) {
      if (Overlap(images_[i])) return Deleted("image", images_[i], {Kind::kImage, i});
    }
    return std::nullopt;
  }

 private:
  bool Holds(const Repository& repository) const {
    return IsKnown(repository) && LiesWithin(identity_(repository), identified_);
  }

  bool Overlap(const Repository& repository) const {
    return Holds(repository) ||
           (IsKnown(repository) && LiesWithin(identified_, identity_(repository)));
  }

  PlaceConflict Deleted(std::string_view what, const Repository& repository,
                        ConfigPlace place) const {
    return {{Kind::kArchive, 0},
            place,
            fmt::format("the archive {} and the {} {} lie one within the other, so that what is "
                        "archived would be deleted; archive to a place of its own",
                        shown_, what, repository.ToString())};
  }

  PlaceConflict MirroredAgain(const SyncEntry& entry, std::size_t index) const {
    return {{Kind::kArchive, 0},
            {Kind::kSource, index},
            fmt::format("the archive {} holds the source {}, so that what is archived would be "
                        "mirrored again; archive to a place of its own, or mirror one `tag`",
                        shown_, entry.source.ToString())};
  }

  const Config& config_;
  const std::vector<Repository>& images_;
  const PlaceIdentity& identity_;
  const Repository& archive_;
  const Repository identified_;
  const std::string shown_;
};

}  // namespace

std::vector<PlaceConflict> PlaceConflicts(const Config& config,
                                          const std::vector<Repository>& images,
                                          const PlaceIdentity& identity) {
  std::vector<PlaceConflict> conflicts;
  for (std::size_t i = 0; config.sync && i < config.sync->entries.size(); ++i) {
    if (auto itself = MirrorOfItself(config.sync->entries[i], i, identity)) {
      conflicts.push_back(*std::move(itself));
    }
  }
  if (!config.retention || !config.retention->archive.enabled) return conflicts;
  if (!config.retention->archive.registry) return conflicts;
  if (auto first = ArchiveConflicts(config, images, identity).First()) {
    conflicts.push_back(*std::move(first));
  }
  return conflicts;
}

}  // namespace imglife
