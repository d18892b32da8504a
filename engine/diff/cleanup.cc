#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "re2/re2.h"

#include "engine/diff/archives.h"
#include "engine/diff/built_on.h"
#include "engine/diff/deletion_planner.h"
#include "engine/diff/diff.h"
#include "engine/diff/referrers_words.h"
#include "engine/diff/retention.h"
#include "engine/observe/managed_repositories.h"
#include "engine/observe/observe_archives.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

class CleanupDiff {
 public:
  CleanupDiff(const Config& config, const Desired& desired, const Observed& observed,
              absl::Time policy_now, const std::set<Repository>& unplanned)
      : config_(config),
        desired_(desired),
        observed_(observed),
        now_(policy_now),
        unplanned_(unplanned) {}

  StageDiff Run() {
    auto verdicts = JudgeRetention(config_, desired_, observed_, now_);
    const std::vector<Reference> going = Going(verdicts);
    for (auto& [repository, of_repository] : verdicts) Clean(repository, std::move(of_repository));
    StageDiff archives = DiffArchives(config_, desired_, observed_, now_, diff_.actions);
    Append(diff_.errors, std::move(archives.errors));
    Append(diff_.warnings, std::move(archives.warnings));
    for (Action& action : archives.actions) diff_.actions.push_back(std::move(action));
    WarnOfUnusedOverrides();
    NoteWhatWasBuiltOn(config_, observed_, CleanupScope(config_, desired_), going, diff_.actions);
    if (!diff_.actions.empty()) WarnOfUnknownUsers();
    return std::move(diff_);
  }

 private:
  // Where a tag is archived, and what of it is missing there; null where it isn't there yet.
  struct ArchivePlace {
    Reference target;
    const ArchiveGaps* gaps = nullptr;
  };

  void WarnOfUnknownUsers() {
    if (!config_.build) return;
    if (!config_.package_registry) {
      diff_.warnings.push_back(
          "there are no build records (no `registry` section): applications that stand on a base "
          "image are not known");
    }
    if (!observed_.orphans_untold.ok()) {
      diff_.warnings.push_back(fmt::format(
          "the registry doesn't tell which repositories there are below {}, so what images of "
          "repositories that nothing declares any more stand on is not known: {}",
          config_.build->registry.ToString(), std::string(observed_.orphans_untold.message())));
    }
  }

  // Whether those that couldn't be resolved would match isn't known.
  void WarnOfUnusedOverrides() {
    if (!desired_.unresolved.empty()) return;
    const std::vector<Repository> scope = CleanupScope(config_, desired_);
    for (const RetentionOverride& override : config_.retention->repositories) {
      const RE2 match(override.match, RE2::Quiet);
      const bool is_used = std::any_of(scope.begin(), scope.end(), [&](const Repository& place) {
        return RE2::PartialMatch(place.ToString(), match);
      });
      if (is_used) continue;
      diff_.warnings.push_back(
          fmt::format("{}: match '{}' matches no repository of this "
                      "configuration, so it changes nothing",
                      RuleText(config_, override.rule.rule), override.match));
    }
  }

  // All that the policy lets go, here and in archives.
  std::vector<Reference> Going(const std::map<Repository, RetentionResult>& verdicts) const {
    std::vector<Reference> going;
    for (const auto& [repository, result] : verdicts) {
      for (const RetentionVerdict& verdict : result.tags) {
        if (verdict.candidate) going.push_back({repository, verdict.tag, {}});
      }
    }
    for (const auto& [archive, tags] : ExpiredArchives(config_, desired_, observed_, now_)) {
      for (const std::string& tag : tags) going.push_back({archive, tag, {}});
    }
    return going;
  }

  void Clean(const Repository& repository, RetentionResult verdicts) {
    Append(diff_.errors, std::move(verdicts.errors));
    Append(diff_.warnings, std::move(verdicts.warnings));
    if (std::binary_search(desired_.incomplete.begin(), desired_.incomplete.end(), repository)) {
      diff_.warnings.push_back(
          fmt::format("nothing is deleted in {}: what the configuration wants there could not be "
                      "told completely",
                      repository.ToString()));
      return;
    }
    if (unplanned_.count(repository) > 0) {
      diff_.warnings.push_back(fmt::format(
          "nothing is deleted in {}: something that the configuration wants there can't be made",
          repository.ToString()));
      return;
    }
    const ObservedRepository* there = observed_.FindRepository(repository);
    if (there == nullptr || !there->status.ok()) return;
    std::set<std::string> going;
    // In the order in which they run.
    std::map<std::string, const RetentionVerdict*> candidates;
    for (const RetentionVerdict& verdict : verdicts.tags) {
      if (!verdict.candidate) continue;
      going.insert(verdict.tag);
      candidates.emplace(verdict.tag, &verdict);
    }
    DeletionPlanner planner(observed_, repository, std::move(going), diff_);
    for (const auto& [tag, verdict] : candidates) Delete(repository, *verdict, planner);
  }

  template <typename Line>
  static void Append(std::vector<Line>& to, std::vector<Line> lines) {
    to.insert(to.end(), lines.begin(), lines.end());
  }

  void Delete(const Repository& repository, const RetentionVerdict& verdict,
              DeletionPlanner& planner) {
    const bool archives = config_.retention->archive.enabled && !verdict.placeholder;
    // Before it is planned: those that are planned after it share what stays.
    std::optional<ArchivePlace> archive;
    if (archives) {
      archive = FindArchive({repository, verdict.tag, {}});
      if (!archive) return;
    }
    auto action = planner.Plan(verdict.tag, verdict.reason,
                               RetentionFor(*config_.retention, repository).rule);
    if (!action) return;
    action->removal.lasting_reason =
        verdict.lasting_reason.empty() ? verdict.reason : verdict.lasting_reason;
    if (archive) Archive(*archive, *action);
    BlockWithoutRecords(repository, *action);
    diff_.actions.push_back(*std::move(action));
  }

  // Guard 5: without the records nobody knows what stands on a base image.
  void BlockWithoutRecords(const Repository& repository, Action& action) {
    if (!config_.package_registry || !config_.build || action.blocked) return;
    const bool base = std::any_of(
        desired_.images.begin(), desired_.images.end(),
        [&](const DesiredImage& image) { return image.image.repository == repository; });
    if (!base || observed_.records_status.ok()) return;
    action.blocked =
        Block{"build_records",
              fmt::format("build records could not be read, so it is not known what stands on this "
                          "image: {}",
                          std::string(observed_.records_status.message()))};
  }

  // Nothing, and an error, if it can't be archived whole: then the tag isn't deleted.
  std::optional<ArchivePlace> FindArchive(const Reference& tag) {
    const Digest digest = observed_.DigestOf(tag.repository, tag.tag);
    if (const auto why = WhyNotArchivable({tag.repository, digest})) {
      return CannotArchive(tag, *why);
    }
    const auto target = ArchiveTarget(tag.repository, tag.tag, digest);
    if (!target.ok()) return CannotArchive(tag, std::string(target.status().message()));
    ArchivePlace place{.target = {target->repository, target->tag, digest}, .gaps = nullptr};
    if (observed_.DigestOf(target->repository, target->tag) != digest) return place;
    const auto gaps = KnownGaps({tag.repository, target->repository, digest});
    if (!gaps.ok()) return CannotArchive(tag, std::string(gaps.status().message()));
    place.gaps = *gaps;
    return place;
  }

  void Archive(const ArchivePlace& place, Action& removal) {
    const Reference tag = removal.TargetReference();
    const Digest& digest = place.target.digest;
    removal.removal.archived = place.target;
    if (place.gaps != nullptr && place.gaps->IsWhole() &&
        IsArchivedNow({place.target.repository, digest})) {
      return;
    }
    Action action;
    action.kind = ActionKind::kArchive;
    action.stage = Stage::kCleanup;
    action.operation = Operation::kCreate;
    action.cause = Cause::kExpired;
    action.target = Reference{place.target.repository, place.target.tag, {}}.ToString();
    action.reason = fmt::format("{} is about to be deleted", removal.target);
    action.rule = removal.rule;
    action.before = StateOfFree(place.target);
    action.after = digest.str();
    action.copy.source = {tag.repository, tag.tag, digest};
    action.copy.referrers = true;
    const auto image = observed_.images.find({tag.repository, digest});
    if (image != observed_.images.end() && image->second.ok()) action.bytes = image->second->bytes;
    action.remarks = {"before it is deleted", digest.Short()};
    const DeleteWork& work = removal.removal;
    if (!work.exclusive_referrers.empty() || !work.referrer_tags.empty()) {
      action.remarks.push_back("with its signatures, SBOMs and attestations");
    }
    if (place.gaps != nullptr) ArchiveAgain(*place.gaps, action);
    archived_.insert(action.target);
    diff_.actions.push_back(std::move(action));
  }

  // What belongs to it would be left behind, and lost with it.
  std::optional<std::string> WhyNotArchivable(const ImageKey& image) const {
    const auto found = observed_.unreadable_referrers.find(image);
    if (found == observed_.unreadable_referrers.end()) return std::nullopt;
    const Descriptor& first = found->second.front();
    const std::size_t more = found->second.size() - 1;
    return fmt::format(
        "{}@{} refers to it{}, of a kind that imglife can't copy ({}); attach it anew as an OCI "
        "image manifest and delete it, or keep the tag (exclude_tags)",
        image.first.ToString(), first.digest.str(),
        more > 0 ? fmt::format(", and {} more", more) : "", first.media_type);
  }

  // What the archive lacks of an image that it has by name; an error if that can't be told or
  // mended.
  absl::StatusOr<const ArchiveGaps*> KnownGaps(const ReferrersKey& copy) const {
    const auto asked = observed_.archive_gaps.find(copy);
    if (asked == observed_.archive_gaps.end()) {
      return absl::InternalError("what its archive lacks of it was not asked");
    }
    if (!asked->second.ok()) return asked->second.status();
    const std::vector<std::string>& conflicts = asked->second->referrers.conflicts;
    if (!conflicts.empty()) return absl::AlreadyExistsError(conflicts.front());
    return &*asked->second;
  }

  static void ArchiveAgain(const ArchiveGaps& gaps, Action& action) {
    action.operation = Operation::kUpdate;
    action.before = action.after;
    action.remarks.front() = "archived again before it is deleted";
    action.details = ReferrersDetails(gaps.referrers);
    for (const IncompleteCopy& copy : gaps.incomplete) {
      const std::string what =
          copy.missing == copy.image
              ? copy.image.Short()
              : fmt::format("{} of {}", copy.missing.Short(), copy.image.Short());
      action.details.push_back({'+', what + ", which is gone from the archive"});
    }
  }

  std::nullopt_t CannotArchive(const Reference& tag, const std::string& why) {
    diff_.errors.push_back(
        fmt::format("{} is not deleted, as it can't be archived: {}", tag.ToString(), why));
    return std::nullopt;
  }

  // TAG, or TAG-HEX12 where another image has that name in the archive: both stay.
  absl::StatusOr<Reference> ArchiveTarget(const Repository& repository, const std::string& tag,
                                          const Digest& digest) const {
    Reference target{ArchiveRepository(config_, repository), tag, {}};
    if (target.repository == repository) {
      return absl::InvalidArgumentError(fmt::format(
          "the archive of {} would be {} itself; let retention.archive.registry name another place",
          repository.ToString(), repository.ToString()));
    }
    for (const std::string& name : {tag, ArchiveTag(tag, digest)}) {
      target.tag = name;
      const auto there = ArchivedDigest(target);
      if (!there.ok()) return there.status();
      const bool taken = archived_.count(target.ToString()) > 0;
      if (!taken && (there->empty() || *there == digest)) return target;
    }
    return absl::AlreadyExistsError(fmt::format("{} is another image", target.ToString()));
  }

  // Of a name that is not taken: what a deletion left there that was killed is overwritten.
  std::string StateOfFree(const Reference& target) const {
    if (!observed_.IsPlaceholder(target.repository, target.tag)) return std::string(kAbsent);
    return observed_.DigestOf(target.repository, target.tag).str();
  }

  // Empty: not archived yet.
  absl::StatusOr<Digest> ArchivedDigest(const Reference& target) const {
    const ObservedRepository* archive = observed_.FindRepository(target.repository);
    if (archive == nullptr) {
      return absl::InternalError(target.repository.ToString() + " was not asked");
    }
    if (!archive->status.ok()) return archive->status;
    if (!archive->Has(target.tag) || observed_.IsPlaceholder(target.repository, target.tag)) {
      return Digest();
    }
    const auto asked = archive->resolved.find(target.tag);
    if (asked == archive->resolved.end()) {
      return absl::InternalError(target.ToString() + " was not asked");
    }
    if (!asked->second.ok()) return asked->second.status();
    return asked->second->digest;
  }

  // Does a note in the archive say that it was archived, and only just?
  bool IsArchivedNow(const ImageKey& archived) const {
    const auto referrers = observed_.referrers.find(archived);
    if (referrers == observed_.referrers.end() || !referrers->second.ok()) return false;
    const auto at = ArchivedAt(*referrers->second);
    return at && now_ - *at <= OldestArchiveDate(config_);
  }

  const Config& config_;
  const Desired& desired_;
  const Observed& observed_;
  const absl::Time now_;
  const std::set<Repository>& unplanned_;
  // What this plan archives, by target.
  std::set<std::string> archived_;
  StageDiff diff_;
};

}  // namespace

std::map<Repository, std::vector<std::string>> RetentionCandidates(const Config& config,
                                                                   const Desired& desired,
                                                                   const Observed& observed,
                                                                   absl::Time policy_now) {
  std::map<Repository, std::vector<std::string>> candidates;
  if (!config.retention) return candidates;
  for (const auto& [repository, verdicts] : JudgeRetention(config, desired, observed, policy_now)) {
    for (const RetentionVerdict& verdict : verdicts.tags) {
      if (verdict.candidate) candidates[repository].push_back(verdict.tag);
    }
  }
  return candidates;
}

StageDiff DiffCleanup(const Config& config, const Desired& desired, const Observed& observed,
                      absl::Time policy_now, const std::set<Repository>& unplanned) {
  if (!config.retention) return {};
  return CleanupDiff(config, desired, observed, policy_now, unplanned).Run();
}

}  // namespace imglife
