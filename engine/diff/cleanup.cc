#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/diff/diff.h"
#include "engine/diff/retention.h"
#include "engine/observe/observe.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

std::string ReferrerTagPrefix(const Digest& digest) {
  return fmt::format("{}-{}", digest.algorithm(), digest.hex());
}

// Everything that a repository's tags lead to, for guard 1.
class Uses {
 public:
  Uses(const Observed& observed, const Repository& repository) {
    const ObservedRepository* there = observed.FindRepository(repository);
    for (const std::string& tag : there->tags) {
      const Digest digest = observed.DigestOf(repository, tag);
      if (digest.empty()) continue;
      tags_[digest].push_back(tag);
      const auto image = observed.images.find({repository, digest});
      if (image == observed.images.end() || !image->second.ok()) continue;
      for (const Descriptor& child : image->second->manifest.children) {
        parents_[child.digest].insert(digest);
        children_[digest].insert(child.digest);
      }
      if (image->second->manifest.subject) {
        subjects_of_[image->second->manifest.subject->digest].insert(digest);
      }
      for (const ObservedPlatform& platform : image->second->platforms) {
        for (const Descriptor& child : platform.manifest.children) {
          parents_[child.digest].insert(platform.digest);
        }
      }
    }
  }

  std::vector<std::string> OtherTags(const Digest& digest, const std::string& tag) const {
    std::vector<std::string> others;
    const auto at = tags_.find(digest);
    if (at == tags_.end()) return others;
    for (const std::string& name : at->second) {
      if (name != tag) others.push_back(name);
    }
    return others;
  }

  // Indexes that have it as a child, and tagged images whose subject it is, other than its own
  // referrer tags.
  bool IsPart(const Digest& digest) const { return parents_.count(digest) > 0; }

  std::vector<std::string> TaggedReferrers(const Digest& digest) const {
    std::vector<std::string> names;
    const auto at = subjects_of_.find(digest);
    if (at == subjects_of_.end()) return names;
    for (const Digest& referrer : at->second) {
      for (const std::string& tag : tags_.at(referrer)) {
        if (!IsReferrerTag(tag)) names.push_back(tag);
      }
    }
    return names;
  }

  std::vector<Digest> ExclusiveChildren(const Digest& digest) const {
    std::vector<Digest> exclusive;
    const auto at = children_.find(digest);
    if (at == children_.end()) return exclusive;
    for (const Digest& child : at->second) {
      if (parents_.at(child).size() == 1 && tags_.count(child) == 0) exclusive.push_back(child);
    }
    return exclusive;
  }

  std::vector<std::string> ReferrerTags(const Digest& digest) const {
    std::vector<std::string> names;
    const std::string prefix = ReferrerTagPrefix(digest);
    for (const auto& [named, tags] : tags_) {
      for (const std::string& tag : tags) {
        if (IsReferrerTag(tag) && tag.rfind(prefix, 0) == 0) names.push_back(tag);
      }
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::map<Digest, std::vector<std::string>> tags_;

 private:
  std::map<Digest, std::set<Digest>> parents_;
  std::map<Digest, std::set<Digest>> children_;
  std::map<Digest, std::set<Digest>> subjects_of_;
};

class CleanupDiff {
 public:
  CleanupDiff(const Config& config, const Desired& desired, const Observed& observed,
              absl::Time policy_now)
      : config_(config), desired_(desired), observed_(observed), now_(policy_now) {}

  StageDiff Run() {
    for (const Repository& repository : CleanupScope(config_, desired_)) Clean(repository);
    if (config_.build && !config_.package_registry && !diff_.actions.empty()) {
      diff_.warnings.push_back(
          "there are no build records (no `registry` section): applications that stand on a base "
          "image are not known");
    }
    return std::move(diff_);
  }

 private:
  void Clean(const Repository& repository) {
    RetentionResult verdicts = JudgeRepository(config_, desired_, observed_, repository, now_);
    Append(diff_.errors, std::move(verdicts.errors));
    Append(diff_.warnings, std::move(verdicts.warnings));
    if (std::binary_search(desired_.incomplete.begin(), desired_.incomplete.end(), repository)) {
      diff_.warnings.push_back(
          fmt::format("nothing is deleted in {}: what the configuration wants there could not be "
                      "told completely",
                      repository.ToString()));
      return;
    }
    const ObservedRepository* there = observed_.FindRepository(repository);
    if (there == nullptr || !there->status.ok()) return;
    const Uses uses(observed_, repository);
    going_.clear();
    for (const RetentionVerdict& verdict : verdicts.tags) {
      if (verdict.candidate) going_.insert(verdict.tag);
    }
    for (const RetentionVerdict& verdict : verdicts.tags) {
      if (verdict.candidate) Delete(repository, verdict, uses);
    }
  }

  static void Append(std::vector<std::string>& to, std::vector<std::string> lines) {
    to.insert(to.end(), lines.begin(), lines.end());
  }

  void Delete(const Repository& repository, const RetentionVerdict& verdict, const Uses& uses) {
    const Digest digest = observed_.DigestOf(repository, verdict.tag);
    Action action;
    action.kind = ActionKind::kDelete;
    action.stage = Stage::kCleanup;
    action.operation = Operation::kDelete;
    action.cause = Cause::kExpired;
    action.target = Reference{repository, verdict.tag, {}}.ToString();
    action.reason = verdict.reason;
    action.rule = RetentionFor(*config_.retention, repository).rule;
    action.before = digest.str();
    action.after = kAbsent;
    action.remarks = {verdict.reason, digest.Short()};
    if (!FindUsers(repository, verdict.tag, digest, uses, action)) return;
    if (config_.retention->archive.enabled && !verdict.placeholder &&
        !Archive(repository, verdict.tag, digest, action)) {
      return;
    }
    BlockWithoutRecords(repository, action);
    diff_.actions.push_back(std::move(action));
  }

  // Guard 1, and the way that follows from it. False if it can't be judged.
  bool FindUsers(const Repository& repository, const std::string& tag, const Digest& digest,
                 const Uses& uses, Action& action) {
    const auto referrers = observed_.referrers.find({repository, digest});
    if (referrers == observed_.referrers.end() || !referrers->second.ok()) {
      diff_.errors.push_back(fmt::format(
          "{} is not deleted, as what refers to it could not be read: {}", action.target,
          referrers == observed_.referrers.end()
              ? "it was not asked"
              : std::string(referrers->second.status().message())));
      return false;
    }
    DeleteWork& work = action.removal;
    work.siblings = uses.OtherTags(digest, tag);
    const std::vector<std::string> tagged = uses.TaggedReferrers(digest);
    const bool unused = work.siblings.empty() && tagged.empty() && !uses.IsPart(digest);
    work.way = unused ? DeleteWork::Way::kManifest : DeleteWork::Way::kUntag;
    if (unused) {
      work.exclusive_children = uses.ExclusiveChildren(digest);
      work.referrer_tags = uses.ReferrerTags(digest);
      for (const Descriptor& referrer : *referrers->second) {
        work.exclusive_referrers.push_back(referrer.digest);
      }
    }
    DescribeUsers(work, tagged, uses.IsPart(digest), action);
    return CheckCapability(repository, unused, action);
  }

  // "3.22.4 (stays), 3.21.7 (goes too)".
  std::string OtherNames(const std::vector<std::string>& siblings) const {
    std::vector<std::string> names;
    for (const std::string& tag : siblings) {
      names.push_back(fmt::format("{} ({})", tag, going_.count(tag) > 0 ? "goes too" : "stays"));
    }
    return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
  }

  void DescribeUsers(const DeleteWork& work, const std::vector<std::string>& tagged_referrers,
                     bool is_part, Action& action) const {
    std::string text = "also named by: " + OtherNames(work.siblings);
    if (is_part) text += " · part of an index that stays";
    if (!tagged_referrers.empty()) {
      text += fmt::format(" · subject of {}, which stay", fmt::join(tagged_referrers, ", "));
    }
    const std::size_t with_it = work.exclusive_referrers.size() + work.referrer_tags.size();
    if (with_it > 0)
      text +=
          fmt::format(" · {} of it (signatures, SBOMs) goes too", CountText(with_it, "referrer"));
    action.details.push_back({' ', text});
  }

  bool CheckCapability(const Repository& repository, bool unused, Action& action) {
    const auto asked = observed_.capabilities.find(repository);
    if (asked == observed_.capabilities.end()) {
      diff_.errors.push_back(
          fmt::format("{} is not deleted: what its registry can do was not asked", action.target));
      return false;
    }
    if (!asked->second.ok()) return JudgeUnknownCapability(repository, asked->second.status());
    const Capabilities& can = *asked->second;
    if ((unused && can.deletes_manifests) || can.untag != UntagMethod::kNone) return true;
    action.blocked =
        Block{"unsupported", can.why_not.empty()
                                 ? "this registry can't delete tags"
                                 : fmt::format("this registry can't delete it: {}", can.why_not)};
    return true;
  }

  // A merge-request pipeline that may only read still gets its plan.
  bool JudgeUnknownCapability(const Repository& repository, const absl::Status& status) {
    if (absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status)) {
      diff_.warnings.push_back(fmt::format(
          "{}: these credentials may not delete, so it is not known whether the registry can: {}",
          repository.ToString(), std::string(status.message())));
      return true;
    }
    diff_.errors.push_back(fmt::format("nothing is deleted in {}: {}", repository.ToString(),
                                       std::string(status.message())));
    return false;
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

  // False if the archive can't be read: then the tag isn't deleted.
  bool Archive(const Repository& repository, const std::string& tag, const Digest& digest,
               const Action& removal) {
    Reference target{ArchiveRepository(config_, repository), tag, {}};
    const auto there = ArchivedDigest(target);
    if (!there.ok()) {
      diff_.errors.push_back(fmt::format("{} is not deleted, as {} could not be read: {}",
                                         removal.target, target.ToString(),
                                         std::string(there.status().message())));
      return false;
    }
    if (*there == digest) return true;
    // Another image of that name is in the archive already: both stay.
    if (!there->empty()) target.tag = ArchiveTag(tag, digest);
    if (observed_.DigestOf(target.repository, target.tag) == digest) return true;
    Action action;
    action.kind = ActionKind::kArchive;
    action.stage = Stage::kCleanup;
    action.operation = Operation::kCreate;
    action.cause = Cause::kExpired;
    action.target = target.ToString();
    action.reason = fmt::format("{} is about to be deleted", removal.target);
    action.rule = removal.rule;
    action.before = kAbsent;
    action.after = digest.str();
    action.copy.source = {repository, tag, digest};
    const auto image = observed_.images.find({repository, digest});
    if (image != observed_.images.end() && image->second.ok()) action.bytes = image->second->bytes;
    action.remarks = {"before it is deleted", digest.Short()};
    diff_.actions.push_back(std::move(action));
    return true;
  }

  // Empty: not archived yet.
  absl::StatusOr<Digest> ArchivedDigest(const Reference& target) const {
    const auto repository = observed_.repositories.find(target.repository);
    if (repository == observed_.repositories.end()) return absl::InternalError("it was not asked");
    const auto asked = repository->second.resolved.find(target.tag);
    if (asked == repository->second.resolved.end()) return absl::InternalError("it was not asked");
    if (absl::IsNotFound(asked->second.status())) return Digest();
    if (!asked->second.ok()) return asked->second.status();
    return asked->second->digest;
  }

  const Config& config_;
  const Desired& desired_;
  const Observed& observed_;
  const absl::Time now_;
  // The tags of the repository at hand that are candidates.
  std::set<std::string> going_;
  StageDiff diff_;
};

}  // namespace

std::map<Repository, std::vector<std::string>> RetentionCandidates(const Config& config,
                                                                   const Desired& desired,
                                                                   const Observed& observed,
                                                                   absl::Time policy_now) {
  std::map<Repository, std::vector<std::string>> candidates;
  if (!config.retention) return candidates;
  for (const Repository& repository : CleanupScope(config, desired)) {
    for (const RetentionVerdict& verdict :
         JudgeRepository(config, desired, observed, repository, policy_now).tags) {
      if (verdict.candidate) candidates[repository].push_back(verdict.tag);
    }
  }
  return candidates;
}

StageDiff DiffCleanup(const Config& config, const Desired& desired, const Observed& observed,
                      absl::Time policy_now) {
  if (!config.retention) return {};
  return CleanupDiff(config, desired, observed, policy_now).Run();
}

}  // namespace imglife
