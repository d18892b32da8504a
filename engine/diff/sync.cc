#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "engine/diff/diff.h"
#include "engine/diff/referrers_words.h"
#include "engine/plan/words.h"
#include "schema/image/filtered_index.h"
#include "schema/image/placeholder.h"

namespace imglife {
namespace {

class SyncDiff {
 public:
  SyncDiff(const Config& config, const Desired& desired, const Observed& observed)
      : config_(config), desired_(desired), observed_(observed) {}

  StageDiff Run() {
    for (const auto& [target, tags] : desired_.mirrors) {
      if (Listed(target) == nullptr) {
        RefuseUnlisted(target, tags);
        continue;
      }
      for (const auto& [tag, wanted] : tags) PlanTag(target, tag, wanted);
    }
    if (!observed_.last_written.ok()) {
      diff_.warnings.push_back(
          fmt::format("whether mirrors were changed elsewhere is not known: {}",
                      std::string(observed_.last_written.status().message())));
    }
    return std::move(diff_);
  }

 private:
  // Null if the list can't be read.
  const ObservedRepository* Listed(const Repository& target) const {
    const ObservedRepository* there = observed_.FindRepository(target);
    return there == nullptr || !there->status.ok() ? nullptr : there;
  }

  void RefuseUnlisted(const Repository& target, const std::map<std::string, DesiredTag>& tags) {
    const ObservedRepository* there = observed_.FindRepository(target);
    const std::string name = target.ToString();
    diff_.errors.emplace_back(fmt::format("{} could not be read", name),
                              there == nullptr ? "it was not listed" : WhyText(name, there->status),
                              Effects{{Effect::kRepositoryUnread, name}});
    for (const auto& [tag, wanted] : tags) CannotPlan(target, tag);
  }

  // After the tag that it is copied from, if that is one of the configuration's own. Each once.
  void PlanTag(const Repository& target, const std::string& tag, const DesiredTag& wanted) {
    if (!looked_at_.insert({target, tag}).second) return;
    const DesiredTag* provider = FindProvider(desired_, wanted);
    if (provider != nullptr && Listed(*wanted.provider) != nullptr) {
      PlanTag(*wanted.provider, wanted.source_tag, *provider);
    }
    const std::size_t errors = diff_.errors.size();
    const std::size_t actions = diff_.actions.size();
    Compare(target, *Listed(target), tag, wanted);
    if (diff_.actions.size() > actions) planned_[{target, tag}] = actions;
    if (diff_.errors.size() == errors) return;
    CannotPlan(target, tag);
    diff_.unplanned.insert(target);
  }

  // The copy of this plan that makes the tag that `wanted` is copied from; null if nothing changes
  // there. Not to be kept.
  const Action* ProvidingCopy(const DesiredTag& wanted) const {
    if (!wanted.provider) return nullptr;
    const auto at = planned_.find({*wanted.provider, wanted.source_tag});
    return at == planned_.end() ? nullptr : &diff_.actions[at->second];
  }

  // Because of the last error.
  void CannotPlan(const Repository& target, const std::string& tag) {
    diff_.not_planned.push_back(
        {ActionKind::kCopy, Reference{target, tag, {}}.ToString(), diff_.errors.back()});
  }

  const SyncEntry& Entry(const DesiredTag& wanted) const {
    return config_.sync->entries[wanted.entry];
  }

  void Compare(const Repository& target, const ObservedRepository& there, const std::string& tag,
               const DesiredTag& wanted) {
    if (!there.Has(tag) || observed_.IsPlaceholder(target, tag)) {
      return Missing(target, tag, wanted);
    }
    const std::size_t found = diff_.actions.size() + diff_.errors.size();
    if (wanted.check_digest) CompareDigests(target, tag, wanted);
    // A tag that is copied anew brings along what refers to it.
    const bool settled = diff_.actions.size() + diff_.errors.size() > found;
    if (!wanted.referrers || settled) return;
    if (!FollowReferrers(target, tag, wanted)) CompareReferrers(target, tag, wanted);
  }

  // What the provider's image is about to gain is known once it is there. False if it is another
  // image, or gains nothing.
  bool FollowReferrers(const Repository& target, const std::string& tag, const DesiredTag& wanted) {
    const Action* providing = ProvidingCopy(wanted);
    if (providing == nullptr || !providing->copy.referrers) return false;
    const auto source = Digest::Parse(providing->after);
    if (!observed_.IsMadeFrom(target, tag, *source, Entry(wanted).platforms)) return false;
    Action action = Copy(target, tag, wanted, *source, observed_.DigestOf(target, tag));
    action.operation = Operation::kUpdate;
    action.cause = Cause::kUpstream;
    action.before = action.after;
    action.reason = fmt::format("{} may get referrers that the mirror lacks", providing->target);
    action.remarks = {"the image stays", "with what its source gets"};
    action.bytes.reset();
    diff_.actions.push_back(std::move(action));
    return true;
  }

  void Missing(const Repository& target, const std::string& tag, const DesiredTag& wanted) {
    const auto source = SourceDigest(target, wanted);
    if (!source) return;
    const auto after = TargetDigest(wanted, *source);
    if (after && *after == observed_.DigestOf(target, tag)) return TellPlaceholder(target, wanted);
    if (!after || !KnowsReferrers(target, tag, wanted, *after)) return;
    Action action = Copy(target, tag, wanted, *source, *after);
    action.operation = Operation::kCreate;
    action.cause = Cause::kPending;
    action.before = kAbsent;
    action.reason = fmt::format("the tag is not in the mirror; {}", wanted.reason);
    action.remarks.insert(action.remarks.begin(), wanted.reason.rfind("pinned", 0) == 0
                                                      ? wanted.reason
                                                      : "new upstream tag");
    TellReferrers(wanted, target, *after, action);
    // Overwriting a placeholder is still making the tag anew, but it must be what is there.
    if (observed_.IsPlaceholder(target, tag)) {
      action.before = observed_.DigestOf(target, tag).str();
    }
    diff_.actions.push_back(std::move(action));
  }

  void CompareDigests(const Repository& target, const std::string& tag, const DesiredTag& wanted) {
    const auto source = SourceDigest(target, wanted);
    if (!source) return;
    const Digest now = observed_.DigestOf(target, tag);
    if (now.empty()) {
      diff_.errors.push_back(fmt::format(
          "{}:{} could not be read, so it was not compared with upstream", target.ToString(), tag));
      return;
    }
    if (observed_.IsMadeFrom(target, tag, *source, Entry(wanted).platforms)) return;
    const auto after = TargetDigest(wanted, *source);
    if (!after || *after == now || !KnowsReferrers(target, tag, wanted, *after)) return;
    Action action = Copy(target, tag, wanted, *source, *after);
    action.operation = Operation::kUpdate;
    action.before = now.str();
    action.remarks = {"", fmt::format("{} → {}", now.Short(), after->Short())};
    ExplainUpdate({target, tag, now}, *source, *after, action);
    TellReferrers(wanted, target, *after, action);
    diff_.actions.push_back(std::move(action));
  }

  // `there`: the mirror's tag as it is now.
  void ExplainUpdate(const Reference& there, const Digest& source, const Digest& after,
                     Action& action) const {
    const Digest& now = there.digest;
    const Digest written = LastWritten(action.target);
    if (!written.empty() && written != now) {
      action.cause = Cause::kDrift;
      action.remarks.front() = "changed elsewhere";
      action.reason = fmt::format(
          "the mirror has {}, though the last that the journal knows of is {}; upstream has {}",
          now.Short(), written.Short(), source.Short());
    } else if (now == source || IsReducedFrom(there.repository, there.tag, source)) {
      action.cause = Cause::kPending;
      action.remarks.front() = "platforms as configured";
      action.reason = fmt::format(
          "upstream is still {}; the mirror is made anew for the platforms of the configuration",
          source.Short());
    } else if (written == now) {
      action.cause = Cause::kUpstream;
      action.remarks.front() = "upstream moved";
      action.reason = fmt::format("upstream moved from {} to {}", now.Short(), after.Short());
    } else {
      action.cause = Cause::kPending;
      action.remarks.front() = "differs from upstream";
      action.reason = fmt::format(
          "the mirror has {} and upstream {}; the journal doesn't know who wrote the mirror's tag",
          now.Short(), source.Short());
    }
  }

  // Whatever the platforms are that it was reduced to.
  bool IsReducedFrom(const Repository& target, const std::string& tag, const Digest& source) const {
    const Manifest* manifest = observed_.FindManifest(target, tag);
    return manifest != nullptr && IsFilteredFrom(*manifest, source);
  }

  // Empty where that isn't known.
  Digest LastWritten(const std::string& reference) const {
    if (!observed_.last_written.ok()) return {};
    const auto written = observed_.last_written->find(reference);
    return written == observed_.last_written->end() ? Digest() : written->second;
  }

  // The image stays what it is; what refers to it upstream is added.
  void CompareReferrers(const Repository& target, const std::string& tag,
                        const DesiredTag& wanted) {
    const Digest now = observed_.DigestOf(target, tag);
    // What refers to it is not asked for before the copy that brings it.
    if (ProvidingCopy(wanted) != nullptr || !KnowsReferrers(target, tag, wanted, now)) return;
    const SyncEntry& entry = Entry(wanted);
    const MissingReferrers& referrers = *FindReferrers(entry, target, now)->second;
    if (referrers.missing.empty()) return;
    if (!completed_.insert({entry.source, target, now}).second) return;
    const Digest source = observed_.DigestOf(entry.source, wanted.source_tag);
    Action action = Copy(target, tag, wanted, source.empty() ? now : source, now);
    action.operation = Operation::kUpdate;
    action.cause = Cause::kUpstream;
    action.before = now.str();
    const std::string count = ReferrersText(referrers);
    action.reason = fmt::format("{} of {} upstream are not in the mirror", count, now.Short());
    action.remarks = {"the image stays", count + " more upstream"};
    action.details = ReferrersDetails(referrers);
    action.bytes.reset();
    diff_.actions.push_back(std::move(action));
  }

  // "2 referrers", of an image that is copied with them.
  void TellReferrers(const DesiredTag& wanted, const Repository& target, const Digest& image,
                     Action& action) const {
    const auto referrers = FindReferrers(Entry(wanted), target, image);
    if (!wanted.referrers || referrers == observed_.missing_referrers.end()) return;
    if (!referrers->second.ok()) return;
    const std::string text = ReferrersText(*referrers->second);
    if (!text.empty()) action.remarks.push_back(text);
  }

  std::map<ReferrersKey, absl::StatusOr<MissingReferrers>>::const_iterator FindReferrers(
      const SyncEntry& entry, const Repository& target, const Digest& image) const {
    return observed_.missing_referrers.find({entry.source, target, image});
  }

  // False, and an error, where the entry copies referrers and they could not be read.
  bool KnowsReferrers(const Repository& target, const std::string& tag, const DesiredTag& wanted,
                      const Digest& image) {
    // What refers to it comes with the copy before this one.
    if (!wanted.referrers || ProvidingCopy(wanted) != nullptr) return true;
    const SyncEntry& entry = Entry(wanted);
    const auto asked = FindReferrers(entry, target, image);
    if (asked != observed_.missing_referrers.end() && asked->second.ok()) {
      const std::vector<std::string>& conflicts = asked->second->conflicts;
      diff_.warnings.insert(diff_.warnings.end(), conflicts.begin(), conflicts.end());
      return true;
    }
    const std::string reference = Reference{target, tag, {}}.ToString();
    diff_.errors.emplace_back(fmt::format("{}: what refers to {} could not be read",
                                          PlaceText(config_, entry.rule), reference),
                              asked == observed_.missing_referrers.end()
                                  ? UnreadText(target, tag)
                                  : std::string(asked->second.status().message()),
                              Effects{{Effect::kTagUnread, reference}});
    return false;
  }

  std::string UnreadText(const Repository& target, const std::string& tag) const {
    const ObservedRepository* there = observed_.FindRepository(target);
    const auto* answer = there == nullptr ? nullptr : Find(there->resolved, tag);
    if (answer == nullptr || answer->ok()) return "it was not asked";
    return std::string(answer->status().message());
  }

  // A placeholder is no image: copied, it would take the place of one.
  void TellPlaceholder(const Repository& target, const DesiredTag& wanted) {
    const Reference source{Entry(wanted).source, wanted.source_tag, {}};
    if (IsBuilt(source)) return TellNotBuilt(target, wanted);
    diff_.errors.emplace_back(fmt::format("{}: {} is not there upstream: under that tag is {}",
                                          PlaceText(config_, Entry(wanted).rule), source.ToString(),
                                          kPlaceholderAdvice));
  }

  void TellNotBuilt(const Repository& target, const DesiredTag& wanted) {
    diff_.unplanned.insert(target);
    diff_.warnings.push_back(
        fmt::format("{}: {} is not built yet; it is copied in the first run after it is",
                    RuleText(config_, Entry(wanted).rule),
                    Reference{Entry(wanted).source, wanted.source_tag, {}}.ToString()));
  }

  // Will this configuration build what isn't there yet?
  bool IsBuilt(const Reference& source) const {
    const Repository place = observed_.servers.IdentityOf(source.repository);
    return std::any_of(desired_.images.begin(), desired_.images.end(),
                       [&](const DesiredImage& image) {
                         return image.image.tag == source.tag &&
                                observed_.servers.IdentityOf(image.image.repository) == place;
                       });
  }

  std::optional<Digest> SourceDigest(const Repository& target, const DesiredTag& wanted) {
    const SyncEntry& entry = Entry(wanted);
    if (const Action* providing = ProvidingCopy(wanted)) return *Digest::Parse(providing->after);
    const auto repository = observed_.repositories.find(entry.source);
    const auto* answer = repository == observed_.repositories.end()
                             ? nullptr
                             : Find(repository->second.resolved, wanted.source_tag);
    if (observed_.IsPlaceholder(entry.source, wanted.source_tag)) {
      TellPlaceholder(target, wanted);
      return std::nullopt;
    }
    if (answer != nullptr && answer->ok()) return (*answer)->digest;
    const std::string reference = Reference{entry.source, wanted.source_tag, {}}.ToString();
    const std::string place = PlaceText(config_, entry.rule);
    if (answer == nullptr && FindProvider(desired_, wanted) != nullptr) {
      diff_.errors.emplace_back(fmt::format(
          "{}: {} is not there, and the copy that makes it can't be planned", place, reference));
    } else if (answer != nullptr && absl::IsNotFound(answer->status()) &&
               IsBuilt({entry.source, wanted.source_tag, {}})) {
      TellNotBuilt(target, wanted);
    } else if (answer != nullptr && absl::IsUnimplemented(answer->status())) {
      diff_.warnings.push_back(fmt::format("{}: {} is skipped: {}", RuleText(config_, entry.rule),
                                           reference, WhyText(reference, answer->status())));
    } else if (answer != nullptr && absl::IsNotFound(answer->status())) {
      diff_.errors.emplace_back(fmt::format("{}: {} is not there upstream", place, reference));
    } else {
      diff_.errors.emplace_back(
          fmt::format("{}: {} could not be read", place, reference),
          answer == nullptr ? "it was not asked" : WhyText(reference, answer->status()),
          Effects{{Effect::kTagUnread, reference}});
    }
    return std::nullopt;
  }

  static const absl::StatusOr<ObservedTag>* Find(
      const std::map<std::string, absl::StatusOr<ObservedTag>>& resolved, const std::string& tag) {
    const auto at = resolved.find(tag);
    return at == resolved.end() ? nullptr : &at->second;
  }

  std::optional<Digest> TargetDigest(const DesiredTag& wanted, const Digest& source) {
    const SyncEntry& entry = Entry(wanted);
    if (entry.platforms.empty()) return source;
    const auto filtered = observed_.filtered.find({wanted.entry, source});
    if (filtered != observed_.filtered.end() && filtered->second.ok()) return *filtered->second;
    diff_.errors.push_back(fmt::format(
        "{}: {}:{}: {}", PlaceText(config_, entry.rule), entry.source.ToString(), wanted.source_tag,
        filtered == observed_.filtered.end() ? "its platforms were not read"
                                             : std::string(filtered->second.status().message())));
    return std::nullopt;
  }

  Action Copy(const Repository& target, const std::string& tag, const DesiredTag& wanted,
              const Digest& source, const Digest& after) {
    const SyncEntry& entry = Entry(wanted);
    Action action;
    action.kind = ActionKind::kCopy;
    action.stage = Stage::kSync;
    action.target = Reference{target, tag, {}}.ToString();
    action.rule = entry.rule;
    action.after = after.str();
    action.copy.source = {entry.source, wanted.source_tag, source};
    action.copy.platforms = entry.platforms;
    action.copy.entry = wanted.entry;
    action.copy.referrers = wanted.referrers;
    if (const Action* providing = ProvidingCopy(wanted)) {
      action.needs.push_back({providing->Address(), "it copies what that makes"});
    }
    DescribeSource(wanted, source, action);
    return action;
  }

  // What was read of it, there or where its provider copies it from as it is; or null.
  const ObservedImage* SourceImage(const DesiredTag& wanted, const Digest& source) const {
    const auto image = observed_.images.find({Entry(wanted).source, source});
    if (image != observed_.images.end() && image->second.ok()) return &*image->second;
    const DesiredTag* provider = FindProvider(desired_, wanted);
    if (provider == nullptr || !Entry(*provider).platforms.empty()) return nullptr;
    return SourceImage(*provider, source);
  }

  void DescribeSource(const DesiredTag& wanted, const Digest& source, Action& action) const {
    const SyncEntry& entry = Entry(wanted);
    const ObservedImage* image = SourceImage(wanted, source);
    if (image == nullptr) return;
    const std::size_t platforms =
        entry.platforms.empty() ? image->platforms.size() : entry.platforms.size();
    if (image->manifest.is_index) action.remarks.push_back(CountText(platforms, "platform"));
    // Of a filtered index only a part is transferred, whose size was not added up.
    if (!entry.platforms.empty()) return;
    action.bytes = image->bytes;
    action.remarks.push_back(SizeText(image->bytes));
  }

  const Config& config_;
  const Desired& desired_;
  const Observed& observed_;
  // Images whose missing referrers are planned, under the first of their names.
  std::set<ReferrersKey> completed_;
  std::set<std::pair<Repository, std::string>> looked_at_;
  // Which of the actions makes a tag.
  std::map<std::pair<Repository, std::string>, std::size_t> planned_;
  StageDiff diff_;
};

}  // namespace

StageDiff DiffSync(const Config& config, const Desired& desired, const Observed& observed) {
  return SyncDiff(config, desired, observed).Run();
}

}  // namespace imglife
