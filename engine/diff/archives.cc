#include "engine/diff/archives.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "fmt/format.h"

#include "engine/diff/deletion_planner.h"
#include "engine/diff/diff.h"
#include "engine/diff/excluded_tag.h"
#include "engine/diff/retention.h"
#include "engine/observe/managed_repositories.h"
#include "engine/observe/observe_archives.h"
#include "engine/observe/referrer_tag.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

using Expired = std::map<Repository, std::vector<std::string>>;

// What the notes of one archive say.
struct ArchiveDates {
  std::map<std::string, absl::Time> dated;  // by tag
  std::vector<std::string> undated;
  std::vector<std::string> placeholders;  // left by deletions that were killed
  std::vector<Problem> errors;
};

ArchiveDates DatesOf(const Observed& observed, const Repository& archive) {
  ArchiveDates dates;
  const ObservedRepository* there = observed.FindRepository(archive);
  if (there == nullptr) return dates;
  if (!there->status.ok()) {
    const std::string name = archive.ToString();
    dates.errors.emplace_back(fmt::format("nothing is deleted in the archive {}", name),
                              WhyText(name, there->status),
                              Effects{{Effect::kNothingDeleted, name}});
    return dates;
  }
  for (const std::string& tag : there->tags) {
    if (IsReferrerTag(tag)) continue;
    const auto referrers = observed.referrers.find({archive, observed.DigestOf(archive, tag)});
    if (referrers == observed.referrers.end() || !referrers->second.ok()) {
      const std::string reference = Reference{archive, tag, {}}.ToString();
      dates.errors.push_back(fmt::format(
          "{} stays in the archive, as it could not be read when it was archived: {}", reference,
          referrers == observed.referrers.end() ? "its digest is not known"
                                                : WhyText(reference, referrers->second.status())));
    } else if (const auto at = ArchivedAt(*referrers->second)) {
      dates.dated.emplace(tag, *at);
    } else if (observed.IsPlaceholder(archive, tag)) {
      dates.placeholders.push_back(tag);
    } else {
      dates.undated.push_back(tag);
    }
  }
  return dates;
}

// What exclude_tags keeps in the archives, by the rules of the repositories that have theirs there.
class ExcludedArchives {
 public:
  ExcludedArchives(const Config& config, const std::vector<Repository>& repositories)
      : config_(config), former_names_(config, repositories) {}

  bool Keep(const Reference& archived) {
    const auto names = former_names_.Of(archived);
    return std::any_of(names.begin(), names.end(), [this](const Reference& name) {
      return RuleOf(name.repository).WhyKept(name.tag).has_value();
    });
  }

 private:
  const ExcludedTags& RuleOf(const Repository& repository) {
    const auto known = rules_.find(repository);
    if (known != rules_.end()) return known->second;
    const RetentionRule& rule = RetentionFor(*config_.retention, repository);
    return rules_.emplace(repository, rule).first->second;
  }

  const Config& config_;
  const FormerNames former_names_;
  std::map<Repository, ExcludedTags> rules_;
};

// Tags on which an image of the configuration stands, and those that are archived again.
std::map<Repository, std::set<std::string>> NeededNow(const Desired& desired,
                                                      const std::vector<Action>& archiving) {
  std::map<Repository, std::set<std::string>> needed;
  for (const DesiredImage& image : desired.images) {
    needed[image.base.repository].insert(image.base.tag);
  }
  for (const Action& action : archiving) {
    if (action.kind != ActionKind::kArchive) continue;
    const Reference target = action.TargetReference();
    needed[target.repository].insert(target.tag);
  }
  return needed;
}

template <typename Tags>
void RemoveFrom(std::vector<std::string>& tags, const Tags& kept) {
  std::erase_if(tags, [&](const std::string& tag) { return kept.count(tag) > 0; });
}

class ArchivesDiff {
 public:
  ArchivesDiff(const Config& config, const Observed& observed, absl::Time policy_now)
      : config_(config), observed_(observed), now_(policy_now) {}

  // `expired`: those that nothing keeps.
  void Clean(const Repository& archive, const std::vector<std::string>& expired) {
    ArchiveDates dates = DatesOf(observed_, archive);
    for (Problem& error : dates.errors) diff_.errors.push_back(std::move(error));
    WarnOfUndated(archive, dates.undated);
    if (!expired.empty() && AllRead(archive)) Delete(archive, dates, expired);
  }

  // Nothing of what could go does.
  void Stop(const Repository& archive, const std::vector<Problem>& reasons) {
    for (Problem why : reasons) {
      why.text =
          fmt::format("nothing is deleted in the archive {}: {}", archive.ToString(), why.text);
      why.effects = {{Effect::kNothingDeleted, archive.ToString()}};
      diff_.errors.push_back(std::move(why));
    }
  }

  StageDiff Take() { return std::move(diff_); }

 private:
  struct Reasons {
    std::string now;
    std::string lasting;  // DeleteWork::lasting_reason
  };

  void WarnOfUndated(const Repository& archive, const std::vector<std::string>& tags) {
    if (tags.empty()) return;
    diff_.warnings.push_back(fmt::format(
        "{}: {} without a date of archiving ({}{}): never deleted by itself", archive.ToString(),
        CountText(tags.size(), "tag"), tags.front(), tags.size() > 1 ? ", …" : ""));
  }

  // An image that can't be read may use what another one has.
  bool AllRead(const Repository& archive) {
    const ObservedRepository& there = *observed_.FindRepository(archive);
    for (const std::string& tag : there.tags) {
      const auto image = observed_.images.find({archive, observed_.DigestOf(archive, tag)});
      if (image != observed_.images.end() && image->second.ok()) continue;
      const std::string reference = Reference{archive, tag, {}}.ToString();
      const auto asked = there.resolved.find(tag);
      diff_.errors.push_back(
          fmt::format("{} could not be read, so nothing is deleted in its archive: {}", reference,
                      asked == there.resolved.end() ? "it was not asked"
                                                    : WhyText(reference, asked->second.status())));
      return false;
    }
    return true;
  }

  void Delete(const Repository& archive, const ArchiveDates& dates,
              const std::vector<std::string>& expired) {
    DeletionPlanner planner(observed_, archive, {expired.begin(), expired.end()}, diff_);
    for (const std::string& tag : expired) {
      const Reasons reasons = WhyGone(tag, dates);
      auto action = planner.Plan(tag, reasons.now, config_.retention->defaults.rule);
      if (!action) continue;
      action->removal.lasting_reason = reasons.lasting;
      diff_.actions.push_back(*std::move(action));
    }
  }

  Reasons WhyGone(const std::string& tag, const ArchiveDates& dates) const {
    const auto dated = dates.dated.find(tag);
    if (dated == dates.dated.end()) return {kLeftBehind, kLeftBehind};
    const std::int64_t keep_days = config_.retention->archive.keep_days;
    return {fmt::format("archived {} days ago (archive.keep_days {})",
                        (now_ - dated->second) / absl::Hours(24), keep_days),
            fmt::format("archived {} (archive.keep_days {})", DayText(dated->second), keep_days)};
  }

  const Config& config_;
  const Observed& observed_;
  const absl::Time now_;
  StageDiff diff_;
};

}  // namespace

std::map<Repository, std::vector<std::string>> ExpiredArchives(const Config& config,
                                                               const Desired& desired,
                                                               const Observed& observed,
                                                               absl::Time policy_now) {
  std::map<Repository, std::vector<std::string>> expired;
  const std::vector<Repository> archived = CleanupScope(config, desired);
  ExcludedArchives excluded(config, archived);
  for (const Repository& archive : ArchivesOf(config, archived)) {
    const absl::Duration limit = absl::Hours(24) * config.retention->archive.keep_days;
    const ArchiveDates dates = DatesOf(observed, archive);
    std::vector<std::string> going = dates.placeholders;
    for (const auto& [tag, at] : dates.dated) {
      const Reference name{archive, tag, observed.DigestOf(archive, tag)};
      const bool is_over = policy_now - at > limit;
      if (is_over && !excluded.Keep(name)) going.push_back(tag);
    }
    if (going.empty()) continue;
    std::sort(going.begin(), going.end());
    expired[archive] = std::move(going);
  }
  return expired;
}

StageDiff DiffArchives(const Config& config, const Desired& desired, const Observed& observed,
                       absl::Time policy_now, const std::vector<Action>& archiving) {
  Expired expired = ExpiredArchives(config, desired, observed, policy_now);
  auto needed = NeededNow(desired, archiving);
  for (auto& [archive, tags] : expired) RemoveFrom(tags, needed[archive]);
  std::erase_if(expired, [](const auto& archive) { return archive.second.empty(); });
  ArchiveUse use;
  if (!expired.empty()) use = JudgeArchives(config, desired, observed, expired);
  ArchivesDiff diff(config, observed, policy_now);
  for (const Repository& archive : ArchivesOf(config, CleanupScope(config, desired))) {
    if (expired.count(archive) > 0 && !use.unknown.empty()) {
      diff.Stop(archive, use.unknown);
      continue;
    }
    RemoveFrom(expired[archive], use.needed[archive]);
    diff.Clean(archive, expired[archive]);
  }
  return diff.Take();
}

}  // namespace imglife
