#include "engine/order/selection.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "re2/re2.h"

#include "engine/order/groups.h"
#include "engine/order/ranking.h"

namespace imglife {
namespace {

absl::StatusOr<std::unique_ptr<RE2>> Compile(const std::string& expression,
                                             std::string_view field) {
  auto compiled = std::make_unique<RE2>(expression, RE2::Quiet);
  if (compiled->ok()) return compiled;
  return absl::InvalidArgumentError(fmt::format("{} '{}' isn't a regular expression (RE2): {}",
                                                field, expression, compiled->error()));
}

// What an entry says about names: matched, excluded.
class NameRules {
 public:
  static absl::StatusOr<NameRules> Of(const SyncEntry& entry) {
    NameRules rules;
    rules.tag_ = entry.tag;
    if (!entry.tag_regex.empty()) {
      auto compiled = Compile(entry.tag_regex, "tag_regex");
      if (!compiled.ok()) return compiled.status();
      rules.regex_ = *std::move(compiled);
    }
    for (const std::string& expression : entry.exclude) {
      auto compiled = Compile(expression, "exclude");
      if (!compiled.ok()) return compiled.status();
      rules.exclude_.push_back(*std::move(compiled));
    }
    return rules;
  }

  bool Matches(const std::string& tag) const {
    return regex_ != nullptr ? RE2::PartialMatch(tag, *regex_) : tag == tag_;
  }

  bool Excludes(const std::string& tag) const {
    return std::any_of(exclude_.begin(), exclude_.end(), [&](const std::unique_ptr<RE2>& regex) {
      return RE2::PartialMatch(tag, *regex);
    });
  }

 private:
  std::string tag_;
  std::unique_ptr<RE2> regex_;
  std::vector<std::unique_ptr<RE2>> exclude_;
};

std::size_t PlacesIn(const SyncEntry& entry, const RankedGroup& group) {
  if (!entry.keep_last) return group.newest_first.size();
  const auto keep = static_cast<std::uint64_t>(std::max<std::int64_t>(*entry.keep_last, 0));
  return keep < group.newest_first.size() ? static_cast<std::size_t>(keep)
                                          : group.newest_first.size();
}

// Others come last in a group: some are chosen and some not if the last place is one of theirs.
bool ChoosesAmongOthers(const RankedGroup& group, std::size_t places) {
  const auto is_other = [&](std::size_t i) {
    return group.newest_first[i]->parsed.kind == TagKind::kOther;
  };
  return places > 0 && places < group.newest_first.size() && is_other(places - 1);
}

// One of the others that has no date, or null.
const RankedTag* UndatedOther(const RankedGroup& group) {
  const auto undated = std::find_if(
      group.newest_first.begin(), group.newest_first.end(),
      [](const RankedTag* tag) { return tag->parsed.kind == TagKind::kOther && !tag->pushed; });
  return undated == group.newest_first.end() ? nullptr : *undated;
}

absl::Status CheckDates(const SyncEntry& entry, const std::vector<RankedGroup>& groups,
                        const absl::Status& dates) {
  if (entry.source.host != kDockerHub) return absl::OkStatus();
  for (const RankedGroup& group : groups) {
    const std::size_t places = PlacesIn(entry, group);
    if (!ChoosesAmongOthers(group, places)) continue;
    const RankedTag* undated = UndatedOther(group);
    if (undated == nullptr) continue;
    const std::size_t count = group.newest_first.size();
    return absl::FailedPreconditionError(fmt::format(
        "keep_last {} has to choose among tags of {} that are neither versions nor dates ('{}', "
        "'{}'), and when they were pushed can't be read ({}); narrow tag_regex to versions, or try "
        "again later",
        *entry.keep_last, entry.source.ToString(), group.newest_first[places - 1]->parsed.tag,
        group.newest_first[count - 1]->parsed.tag,
        dates.ok() ? fmt::format("Docker Hub has no date of '{}'", undated->parsed.tag)
                   : std::string(dates.message())));
  }
  return absl::OkStatus();
}

std::string ReasonOf(const SyncEntry& entry, const RankedGroup& group, std::size_t places) {
  const std::size_t count = group.newest_first.size();
  const std::string of_group =
      entry.keep_last_per == KeepLastPer::kAll ? "" : fmt::format(" of group {}", group.name);
  if (places < count)
    return fmt::format("newest {} of {} matching tags{}", places, count, of_group);
  if (count == 1) return fmt::format("the only matching tag{}", of_group);
  return fmt::format("all {} matching tags{}", count, of_group);
}

std::string PinReason(const std::vector<std::string>& by) {
  std::string reason = "pinned by ";
  for (std::size_t i = 0; i < by.size(); ++i) reason += (i > 0 ? ", " : "") + by[i];
  return reason;
}

using Reasons = std::unordered_map<std::string_view, std::string>;

Reasons ChooseNewest(const SyncEntry& entry, const std::vector<RankedGroup>& groups) {
  Reasons reasons;
  for (const RankedGroup& group : groups) {
    const std::size_t places = PlacesIn(entry, group);
    const std::string reason = ReasonOf(entry, group, places);
    for (std::size_t i = 0; i < places; ++i) {
      reasons.emplace(group.newest_first[i]->parsed.tag, reason);
    }
  }
  return reasons;
}

// The names that builds stand on, each with all who do.
std::map<std::string, std::vector<std::string>> PinnersByTag(const std::vector<PinnedTag>& pins) {
  std::map<std::string, std::vector<std::string>> pinners;
  for (const PinnedTag& pin : pins) pinners[pin.tag].push_back(pin.by);
  return pinners;
}

}  // namespace

std::vector<TagGroup> GroupTags(const std::vector<ListedTag>& tags, KeepLastPer per) {
  std::vector<RankedTag> parsed = ParseTags(tags);
  std::vector<TagGroup> groups;
  for (const RankedGroup& ranked : RankGroups(PointersTo(parsed), per)) {
    TagGroup group{ranked.name, {}};
    for (const RankedTag* tag : ranked.newest_first) group.newest_first.push_back(tag->parsed.tag);
    groups.push_back(std::move(group));
  }
  return groups;
}

absl::StatusOr<Selection> SelectTags(const SyncEntry& entry, const std::vector<ListedTag>& listed,
                                     const std::vector<PinnedTag>& pins,
                                     const absl::Status& dates) {
  const auto rules = NameRules::Of(entry);
  if (!rules.ok()) return rules.status();
  auto pinners = PinnersByTag(pins);

  std::vector<ListedTag> listed_matching;
  std::vector<ListedTag> listed_pins;  // those that match nothing
  for (const ListedTag& tag : listed) {
    if (rules->Matches(tag.tag) && !rules->Excludes(tag.tag)) {
      listed_matching.push_back(tag);
    } else if (pinners.count(tag.tag) > 0) {
      listed_pins.push_back(tag);
    }
  }
  std::vector<RankedTag> matching = ParseTags(listed_matching);
  std::vector<RankedTag> unmatched_pins = ParseTags(listed_pins);
  const std::vector<RankedGroup> groups = RankGroups(PointersTo(matching), entry.keep_last_per);
  if (absl::Status dated = CheckDates(entry, groups, dates); !dated.ok()) return dated;
  const Reasons newest = ChooseNewest(entry, groups);

  std::vector<RankedTag*> selected = PointersTo(unmatched_pins);
  for (RankedTag& tag : matching) {
    const std::string& name = tag.parsed.tag;
    if (newest.count(name) > 0 || pinners.count(name) > 0) selected.push_back(&tag);
  }
  SortRanked(selected);

  Selection selection;
  for (const RankedTag* tag : selected) {
    const std::string& name = tag->parsed.tag;
    const auto pinned = pinners.find(name);
    const auto reason = newest.find(name);
    selection.tags.push_back(name);
    selection.reasons.push_back(reason != newest.end() ? reason->second
                                                       : PinReason(pinned->second));
    if (reason == newest.end()) selection.pinned_only.insert(name);
    if (pinned == pinners.end()) continue;
    if (rules->Excludes(name)) selection.excluded_pins.push_back(name);
    pinners.erase(pinned);
  }
  for (const auto& [tag, by] : pinners) selection.missing_pins.push_back(tag);
  return selection;
}

}  // namespace imglife
