#include "engine/diff/retention.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "engine/diff/diff.h"
#include "engine/diff/excluded_tag.h"
#include "engine/observe/referrer_tag.h"
#include "engine/order/selection.h"
#include "engine/order/tag_order.h"
#include "engine/plan/words.h"
#include "schema/image/manifest.h"

namespace imglife {
namespace {

constexpr std::size_t kNamedTags = 5;

class RepositoryJudge {
 public:
  RepositoryJudge(const Config& config, const Desired& desired, const Observed& observed,
                  const Repository& repository, absl::Time policy_now, const TagReasons& needed)
      : config_(config),
        desired_(desired),
        observed_(observed),
        repository_(repository),
        rule_(RetentionFor(*config.retention, repository)),
        excluded_(rule_),
        now_(policy_now),
        needed_(needed) {}

  RetentionResult Run() {
    const ObservedRepository* there = observed_.FindRepository(repository_);
    if (there == nullptr || !there->status.ok()) {
      const std::string name = repository_.ToString();
      result_.errors.emplace_back(
          fmt::format("{} could not be read, so nothing is deleted there", name),
          there == nullptr ? "it was not listed" : WhyText(name, there->status),
          Effects{{Effect::kRepositoryUnread, name}, {Effect::kNothingDeleted, name}});
      return std::move(result_);
    }
    ReadTags(*there);
    if (!result_.errors.empty()) return std::move(result_);
    Protect();
    Judge();
    return std::move(result_);
  }

 private:
  // Age and placeholder of every tag; one that can't be read makes the whole repository unreadable.
  void ReadTags(const ObservedRepository& there) {
    for (const std::string& tag : there.tags) {
      const absl::Status status = StatusOf(there, tag);
      if (!status.ok()) {
        AddUnreadable(tag, status);
      } else if (!IsReferrerTag(tag)) {
        AddTag(tag, *there.resolved.at(tag));
      }
    }
  }

  static absl::Status StatusOf(const ObservedRepository& there, const std::string& tag) {
    const auto asked = there.resolved.find(tag);
    return asked == there.resolved.end() ? absl::InternalError("it was not asked")
                                         : asked->second.status();
  }

  void AddUnreadable(const std::string& tag, const absl::Status& status) {
    const std::string reference = Reference{repository_, tag, {}}.ToString();
    const std::string why = WhyText(reference, status);
    if (absl::IsNotFound(status)) {
      result_.errors.emplace_back(fmt::format(
          "{} is listed but can't be found, so nothing is deleted in its repository; if it stays "
          "so (a registry that was stopped within a deletion leaves such names), push any image to "
          "it and run again: {}",
          reference, why));
      return;
    }
    result_.errors.emplace_back(
        fmt::format("{} could not be read, so nothing is deleted in its repository", reference),
        why,
        Effects{{Effect::kTagUnread, reference},
                {Effect::kNothingDeleted, repository_.ToString()}});
  }

  void AddTag(const std::string& tag, const ObservedTag& found) {
    RetentionVerdict verdict;
    verdict.tag = tag;
    const auto image = observed_.images.find({repository_, found.digest});
    if (image != observed_.images.end() && image->second.ok()) {
      verdict.placeholder = image->second->placeholder_of == tag;
      verdict.made = image->second->created;
    }
    if (found.pushed) verdict.made = found.pushed;
    index_[tag] = result_.tags.size();
    result_.tags.push_back(std::move(verdict));
  }

  void Protect() {
    ProtectDesired();
    for (const auto& [tag, why] : needed_) ProtectTag(tag, why);
    for (const RetentionVerdict& verdict : result_.tags) ProtectExcluded(verdict.tag);
  }

  void ProtectTag(const std::string& tag, const std::string& why) { kept_.try_emplace(tag, why); }

  void ProtectDesired() {
    const auto mirror = desired_.mirrors.find(repository_);
    if (mirror != desired_.mirrors.end()) {
      for (const auto& [tag, wanted] : mirror->second) {
        ProtectTag(tag, fmt::format("wanted by {}: {}",
                                    config_.sync->entries[wanted.entry].rule.path, wanted.reason));
      }
    }
    for (const DesiredImage& image : desired_.images) {
      const std::string& path = config_.build->images[image.index].rule.path;
      if (image.image.repository == repository_) {
        ProtectTag(image.image.tag, fmt::format("built by {}", path));
      }
      if (image.base.repository == repository_) {
        ProtectTag(image.base.tag, fmt::format("{} stands on it", path));
      }
    }
  }

  void ProtectExcluded(const std::string& tag) {
    if (const auto why = excluded_.WhyKept(tag)) ProtectTag(tag, *why);
  }

  void Judge() {
    std::vector<ListedTag> ranked;
    std::vector<std::string> ageless;
    for (RetentionVerdict& verdict : result_.tags) {
      const auto kept = kept_.find(verdict.tag);
      if (kept != kept_.end()) {
        verdict.reason = kept->second;
        continue;
      }
      if (verdict.placeholder) {
        verdict.candidate = true;
        verdict.reason = kLeftBehind;
        continue;
      }
      if (!verdict.made) ageless.push_back(verdict.tag);
      ranked.push_back({verdict.tag, std::nullopt});
    }
    for (const TagGroup& group : GroupTags(ranked, rule_.keep_last_per)) JudgeGroup(group);
    WarnOfAgeless(ageless);
  }

  const RetentionVerdict& Of(const std::string& tag) const { return result_.tags[index_.at(tag)]; }

  void JudgeGroup(const TagGroup& group) {
    std::vector<std::string> newest_first = group.newest_first;
    if (rule_.order == RetentionOrder::kAge) {
      // Stable: tags of one age stay in the order of versions. Unknown ages rank as newest.
      std::stable_sort(newest_first.begin(), newest_first.end(),
                       [this](const std::string& a, const std::string& b) {
                         return Of(a).made.value_or(absl::InfiniteFuture()) >
                                Of(b).made.value_or(absl::InfiniteFuture());
                       });
    }
    for (std::size_t place = 0; place < newest_first.size(); ++place) {
      JudgeTag(result_.tags[index_.at(newest_first[place])], group,
               static_cast<std::int64_t>(place));
    }
  }

  void JudgeTag(RetentionVerdict& verdict, const TagGroup& group, std::int64_t place) {
    const absl::Duration limit = absl::Hours(24) * rule_.max_age_days;
    if (verdict.made && now_ - *verdict.made > limit) {
      verdict.candidate = true;
      verdict.reason = fmt::format("{} days old (max_age_days {})",
                                   (now_ - *verdict.made) / absl::Hours(24), rule_.max_age_days);
      verdict.lasting_reason =
          fmt::format("made {} (max_age_days {})", DayText(*verdict.made), rule_.max_age_days);
    } else if (place >= rule_.keep_last) {
      verdict.candidate = true;
      verdict.reason =
          rule_.keep_last_per == KeepLastPer::kAll
              ? fmt::format("beyond the newest {} (keep_last {})", rule_.keep_last, rule_.keep_last)
              : fmt::format("beyond the newest {} of {} (keep_last {})", rule_.keep_last,
                            group.name, rule_.keep_last);
    } else {
      verdict.reason = fmt::format("number {} of the newest {}", place + 1, rule_.keep_last);
    }
  }

  void WarnOfAgeless(const std::vector<std::string>& tags) {
    if (tags.empty()) return;
    std::string named;
    for (std::size_t i = 0; i < std::min(tags.size(), kNamedTags); ++i) {
      named += (i == 0 ? "" : ", ") + tags[i];
    }
    if (tags.size() > kNamedTags) named += fmt::format(" and {} more", tags.size() - kNamedTags);
    result_.warnings.push_back(fmt::format(
        "{}: the age of {} is not known ({}): not deleted by age{}", repository_.ToString(),
        CountText(tags.size(), "tag"), named,
        rule_.order == RetentionOrder::kAge ? ", and counted as newest"
                                            : "; keep_last goes by their names (order: version)"));
  }

  const Config& config_;
  const Desired& desired_;
  const Observed& observed_;
  const Repository& repository_;
  const RetentionRule& rule_;
  const ExcludedTags excluded_;
  const absl::Time now_;
  const TagReasons& needed_;
  RetentionResult result_;
  std::map<std::string, std::size_t> index_;
  std::map<std::string, std::string> kept_;
};

}  // namespace

RetentionResult JudgeRepository(const Config& config, const Desired& desired,
                                const Observed& observed, const Repository& repository,
                                absl::Time policy_now, const TagReasons& needed) {
  return RepositoryJudge(config, desired, observed, repository, policy_now, needed).Run();
}

}  // namespace imglife
