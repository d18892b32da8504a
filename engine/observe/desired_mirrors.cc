#include "engine/observe/desired_mirrors.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/observe/entry_tags.h"
#include "engine/observe/listed_sources.h"
#include "engine/order/os_variant.h"
#include "engine/order/selection.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

bool SamePlatforms(const SyncEntry& a, const SyncEntry& b) {
  return std::set<Platform>(a.platforms.begin(), a.platforms.end()) ==
         std::set<Platform>(b.platforms.begin(), b.platforms.end());
}

std::string PlatformsText(const SyncEntry& entry) {
  if (entry.platforms.empty()) return "all platforms";
  std::set<std::string> platforms;
  for (const Platform& platform : entry.platforms) platforms.insert(platform.ToString());
  return fmt::format("{}", fmt::join(platforms, ", "));
}

class Mirrors {
 public:
  Mirrors(const Config& config, const Listings& listed, const OsNames& os_names,
          const SourceChains& chains, Desired& desired)
      : config_(config), listed_(listed), os_names_(os_names), chains_(chains), desired_(desired) {}

  void Compute() {
    if (!config_.sync) return;
    AssignPins();
    for (const std::vector<std::size_t>& round : chains_.rounds()) {
      for (const std::size_t i : round) Select(i);
      // What upstream itself names so comes first.
      for (const Renamed& renamed : renamed_) WantRenamed(renamed);
      renamed_.clear();
    }
    for (const std::size_t i : chains_.cyclic()) {
      Fail(i, fmt::format("entries copy what each other copies: {}", chains_.cycle()),
           "it can't be told what it copies");
    }
  }

 private:
  struct Renamed {
    std::size_t entry = 0;
    std::string name;
    std::string source_tag;
    std::string reason;
  };

  const SyncEntry& Entry(std::size_t i) const { return config_.sync->entries[i]; }

  const TagList* ListOf(const SyncEntry& entry) const {
    const auto at = listed_.find(entry.source);
    return at != listed_.end() && at->second.ok() ? &*at->second : nullptr;
  }

  // A pinned tag that no entry of its repository selects by itself is copied by the first that
  // names it or selects names like it, else by the first whose source has it.
  void AssignPins() {
    if (!config_.build) return;
    for (const BuildImage& image : config_.build->images) {
      if (image.mirror_tag.empty()) continue;
      const auto entry = EntryForPin(image);
      if (entry) pins_[*entry].push_back({image.mirror_tag, image.rule.path});
    }
  }

  std::optional<std::size_t> EntryForPin(const BuildImage& image) const {
    std::optional<std::size_t> matching;
    std::optional<std::size_t> available;
    for (std::size_t i = 0; i < config_.sync->entries.size(); ++i) {
      const SyncEntry& entry = Entry(i);
      if (entry.target != image.mirror_image) continue;
      if (SelectsByItself(entry, image.mirror_tag)) return std::nullopt;
      if (!CanCopy(entry, image.mirror_tag)) continue;
      if (!available) available = i;
      if (!matching && Matches(entry, image.mirror_tag)) matching = i;
    }
    return matching ? matching : available;
  }

  bool SelectsByItself(const SyncEntry& entry, const std::string& tag) const {
    const TagList* list = ListOf(entry);
    if (entry.tag.empty() && list == nullptr) return false;
    const auto selection =
        SelectTags(entry, entry.tag.empty() ? SelectableTags(entry, *list) : NamedTags(entry), {});
    return selection.ok() &&
           std::find(selection->tags.begin(), selection->tags.end(), tag) != selection->tags.end();
  }

  bool CanCopy(const SyncEntry& entry, const std::string& tag) const {
    if (entry.tag == tag) return true;
    const TagList* list = ListOf(entry);
    return list != nullptr && std::binary_search(list->tags.begin(), list->tags.end(), tag);
  }

  void Select(std::size_t i) {
    const SyncEntry& entry = Entry(i);
    if (!entry.tag.empty()) return SelectNamed(i);
    const auto at = listed_.find(entry.source);
    if (at == listed_.end()) return Fail(i, "the source was not listed");
    if (!at->second.ok()) {
      return Fail(i, WhyText(entry.source.ToString(), at->second.status()),
                  fmt::format("{} could not be read", entry.source.ToString()));
    }
    const std::optional<Repository>& mirror = chains_.MirrorBehind(i);
    if (!mirror) return SelectFrom(i, *at->second);
    const auto unselected = desired_.unselected.find(*mirror);
    if (unselected == desired_.unselected.end()) return SelectFrom(i, Later(*at->second, *mirror));
    Fail(i, unselected->second,
         fmt::format("what {} will have is not known", entry.source.ToString()));
  }

  // The tags of a mirror once all that it shall have is there.
  TagList Later(const TagList& now, const Repository& mirror) const {
    TagList later = now;
    const auto wanted = desired_.mirrors.find(mirror);
    if (wanted == desired_.mirrors.end() || wanted->second.empty()) return later;
    later.repository_exists = true;
    for (const auto& [tag, how] : wanted->second) later.tags.push_back(tag);
    std::sort(later.tags.begin(), later.tags.end());
    later.tags.erase(std::unique(later.tags.begin(), later.tags.end()), later.tags.end());
    return later;
  }

  void SelectNamed(std::size_t i) {
    const SyncEntry& entry = Entry(i);
    const auto selection = SelectTags(entry, NamedTags(entry, pins_[i]), pins_[i]);
    if (!selection.ok()) return Fail(i, std::string(selection.status().message()));
    WarnOfExcludedPins(i, *selection);
    bool selected = false;
    for (std::size_t n = 0; n < selection->tags.size(); ++n) {
      const std::string& tag = selection->tags[n];
      const std::string& reason = selection->reasons[n];
      selected = selected || tag == entry.tag;
      const bool pinned_only = selection->pinned_only.count(tag) > 0;
      WantSelected(i, tag, pinned_only ? reason : "named by the configuration");
    }
    if (!selected) Warn(i, fmt::format("tag {} is excluded here: it is not mirrored", entry.tag));
    WarnOfUnreadPins(i);
  }

  // The tag itself needs no list; a pin that might be there does.
  void WarnOfUnreadPins(std::size_t i) {
    const auto list = listed_.find(Entry(i).source);
    if (!MayHaveToProvidePins(config_, Entry(i)) || list == listed_.end() || list->second.ok()) {
      return;
    }
    Warn(i, fmt::format("whether {} has the tags that builds stand on is not known: {}",
                        Entry(i).source.ToString(), std::string(list->second.status().message())));
  }

  void WarnOfExcludedPins(std::size_t i, const Selection& selection) {
    for (const std::string& tag : selection.excluded_pins) {
      Warn(i, fmt::format("tag {} is excluded here but a build stands on it: it is mirrored", tag));
    }
  }

  void SelectFrom(std::size_t i, const TagList& list) {
    const SyncEntry& entry = Entry(i);
    if (!list.repository_exists) {
      return Fail(
          i, fmt::format("there is no repository {}; check `source`", entry.source.ToString()));
    }
    if (list.tags.empty()) desired_.empty_sources.emplace(entry.target, entry.source);
    const auto selection = SelectTags(entry, SelectableTags(entry, list), pins_[i], list.dates);
    if (!selection.ok()) return Fail(i, std::string(selection.status().message()));
    for (const std::string& warning : list.warnings) Warn(i, warning);
    WarnOfExcludedPins(i, *selection);
    if (selection->tags.empty()) {
      Warn(i, fmt::format("no tag of {} matches {}", entry.source.ToString(), entry.tag_regex));
    }
    for (std::size_t n = 0; n < selection->tags.size(); ++n) {
      const std::string& tag = selection->tags[n];
      if (selection->pinned_only.count(tag) > 0) {
        Want(i, tag, tag, selection->reasons[n]);
      } else {
        WantSelected(i, tag, selection->reasons[n]);
      }
    }
  }

  // Under its own name, or under the one that os_normalize gives it.
  void WantSelected(std::size_t i, const std::string& tag, const std::string& reason) {
    const bool pinned = IsPinned(Entry(i).target, tag);
    if (!Entry(i).os_normalize || !NamesOnlyOsVariant(tag)) {
      return Want(i, tag, tag, reason);
    }
    if (pinned) Want(i, tag, tag, reason);
    const auto name = os_names_.find({i, tag});
    if (name == os_names_.end()) return FailUnlisted(i, tag);
    if (name->second.ok()) {
      renamed_.push_back({i, *name->second, tag, fmt::format("{}; upstream's {}", reason, tag)});
    } else if (absl::IsNotFound(name->second.status())) {
      Warn(i, fmt::format("{}: it keeps its name", std::string(name->second.status().message())));
      if (!pinned) Want(i, tag, tag, reason);
    } else {
      Fail(i, fmt::format("which version {} is could not be read: {}", tag,
                          std::string(name->second.status().message())));
    }
  }

  void FailUnlisted(std::size_t i, const std::string& tag) {
    const auto list = listed_.find(Entry(i).source);
    Fail(i, fmt::format("which version {} is can't be told: {}", tag,
                        list == listed_.end() || list->second.ok()
                            ? "it was not asked"
                            : std::string(list->second.status().message())));
  }

  // A build names the tag as it is upstream.
  bool IsPinned(const Repository& target, const std::string& tag) const {
    if (!config_.build) return false;
    const std::vector<BuildImage>& images = config_.build->images;
    return std::any_of(images.begin(), images.end(), [&](const BuildImage& image) {
      return image.mirror_image == target && image.mirror_tag == tag;
    });
  }

  void WantRenamed(const Renamed& renamed) {
    Want(renamed.entry, renamed.name, renamed.source_tag, renamed.reason);
    const SyncEntry& entry = Entry(renamed.entry);
    const DesiredTag& there = desired_.mirrors[entry.target].at(renamed.name);
    if (Entry(there.entry).source != entry.source || there.source_tag == renamed.source_tag) return;
    Warn(renamed.entry,
         fmt::format("{0}:{1} is not stored, as its name would be {2}, which is "
                     "that of {0}:{3}",
                     entry.source.ToString(), renamed.source_tag, renamed.name, there.source_tag));
  }

  void Want(std::size_t i, const std::string& tag, const std::string& source_tag,
            std::string reason) {
    const SyncEntry& entry = Entry(i);
    auto& tags = desired_.mirrors[entry.target];
    DesiredTag& wanted = tags.try_emplace(tag, DesiredTag{.entry = i,
                                                          .entries = {},
                                                          .source_tag = source_tag,
                                                          .reason = std::move(reason),
                                                          .provider = ProviderOf(i, source_tag)})
                             .first->second;
    const SyncEntry& first = Entry(wanted.entry);
    if (first.source != entry.source) {
      return FailConflict(i, tag, wanted.entry, "from " + entry.source.ToString(),
                          "from " + first.source.ToString());
    }
    if (!SamePlatforms(first, entry)) {
      return FailConflict(i, tag, wanted.entry, "with " + PlatformsText(entry),
                          "with " + PlatformsText(first));
    }
    wanted.check_digest = wanted.check_digest || entry.check_digest;
    wanted.referrers = wanted.referrers || entry.referrers;
    const auto place = std::lower_bound(wanted.entries.begin(), wanted.entries.end(), i);
    if (place == wanted.entries.end() || *place != i) wanted.entries.insert(place, i);
  }

  // The mirror of which it is one of the wanted tags.
  std::optional<Repository> ProviderOf(std::size_t i, const std::string& source_tag) const {
    const std::optional<Repository>& mirror = chains_.MirrorBehind(i);
    if (!mirror) return std::nullopt;
    const auto wanted = desired_.mirrors.find(*mirror);
    const bool is_wanted = wanted != desired_.mirrors.end() && wanted->second.count(source_tag) > 0;
    return is_wanted ? mirror : std::nullopt;
  }

  void FailConflict(std::size_t i, const std::string& tag, std::size_t first,
                    const std::string& how, const std::string& how_first) {
    Fail(i, fmt::format("would write {}:{} {}, but {} (line {}) writes it {}",
                        Entry(i).target.ToString(), tag, how, Entry(first).rule.path,
                        Entry(first).rule.at.line, how_first));
  }

  void Warn(std::size_t i, const std::string& message) {
    desired_.warnings.push_back(fmt::format("{}: {}", RuleText(config_, Entry(i).rule), message));
  }

  void Fail(std::size_t i, const std::string& message) {
    Fail(i, Problem(fmt::format("{}: {}", PlaceText(config_, Entry(i).rule), message)));
  }

  // `what` failed for a cause that others may have too.
  void Fail(std::size_t i, const std::string& cause, const std::string& what) {
    const std::string place = PlaceText(config_, Entry(i).rule);
    Fail(i, Problem(fmt::format("{}: {}", place, what), cause, {{Effect::kEntryUnplanned, place}}));
  }

  void Fail(std::size_t i, Problem problem) {
    const Repository& target = Entry(i).target;
    desired_.unselected.try_emplace(target, problem.cause);
    desired_.errors.push_back(std::move(problem));
    desired_.incomplete.push_back(target);
    // What it needs there is not known either.
    if (const auto& source = chains_.ManagedSource(i)) desired_.incomplete.push_back(*source);
    desired_.mirrors[target];
  }

  const Config& config_;
  const Listings& listed_;
  const OsNames& os_names_;
  const SourceChains& chains_;
  Desired& desired_;
  std::map<std::size_t, std::vector<PinnedTag>> pins_;
  std::vector<Renamed> renamed_;
};

}  // namespace

void AddDesiredMirrors(const Config& config, const Listings& listed, const OsNames& os_names,
                       const SourceChains& chains, Desired& desired) {
  Mirrors(config, listed, os_names, chains, desired).Compute();
}

}  // namespace imglife
