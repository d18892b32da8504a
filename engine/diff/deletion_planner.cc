#include "engine/diff/deletion_planner.h"

#include <string>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/plan/words.h"

namespace imglife {

DeletionPlanner::DeletionPlanner(const Observed& observed, const Repository& repository,
                                 std::set<std::string> going, StageDiff& diff)
    : observed_(observed),
      repository_(repository),
      uses_(observed, repository),
      going_(std::move(going)),
      diff_(diff) {}

std::optional<Action> DeletionPlanner::Plan(const std::string& tag, const std::string& reason,
                                            const ConfigRule& rule) {
  const Digest digest = observed_.DigestOf(repository_, tag);
  Action action;
  action.kind = ActionKind::kDelete;
  action.stage = Stage::kCleanup;
  action.operation = Operation::kDelete;
  action.cause = Cause::kExpired;
  action.target = Reference{repository_, tag, {}}.ToString();
  action.reason = reason;
  action.rule = rule;
  action.before = digest.str();
  action.after = kAbsent;
  action.remarks = {reason, digest.Short()};
  if (!FindUsers(tag, digest, action)) return std::nullopt;
  return action;
}

bool DeletionPlanner::FindUsers(const std::string& tag, const Digest& digest, Action& action) {
  const auto referrers = observed_.referrers.find({repository_, digest});
  if (referrers == observed_.referrers.end() || !referrers->second.ok()) {
    diff_.errors.push_back(
        fmt::format("{} is not deleted, as what refers to it could not be read: {}", action.target,
                    referrers == observed_.referrers.end()
                        ? "it was not asked"
                        : std::string(referrers->second.status().message())));
    return false;
  }
  DeleteWork& work = action.removal;
  work.siblings = uses_.OtherTags(digest, tag);
  const std::vector<std::string> tagged = uses_.TaggedReferrers(digest);
  const bool unused = work.siblings.empty() && tagged.empty() && !uses_.IsPart(digest);
  work.way = unused ? DeleteWork::Way::kManifest : DeleteWork::Way::kUntag;
  if (unused) {
    work.exclusive_children = uses_.ExclusiveChildren(digest);
    work.referrer_tags = uses_.ReferrerTags(digest);
    for (const Descriptor& referrer : *referrers->second) {
      work.exclusive_referrers.push_back(referrer.digest);
    }
  }
  DescribeUsers(tagged, uses_.IsPart(digest), action);
  return CheckCapability(unused, action);
}

// "3.22.4 (stays), 3.21.7 (goes too)".
std::string DeletionPlanner::OtherNames(const std::vector<std::string>& siblings) const {
  std::vector<std::string> names;
  names.reserve(siblings.size());
  for (const std::string& tag : siblings) {
    names.push_back(fmt::format("{} ({})", tag, going_.count(tag) > 0 ? "goes too" : "stays"));
  }
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

void DeletionPlanner::DescribeUsers(const std::vector<std::string>& tagged_referrers, bool is_part,
                                    Action& action) const {
  const DeleteWork& work = action.removal;
  std::string text = "also named by: " + OtherNames(work.siblings);
  if (is_part) text += " · part of another index";
  if (!tagged_referrers.empty()) {
    text += fmt::format(" · subject of {}, which stay", fmt::join(tagged_referrers, ", "));
  }
  const std::size_t with_it = work.exclusive_referrers.size() + work.referrer_tags.size();
  if (with_it > 0)
    text += fmt::format(" · {} of it {} too: signatures, SBOMs, notes",
                        CountText(with_it, "referrer"), with_it == 1 ? "goes" : "go");
  action.details.push_back({' ', text});
}

bool DeletionPlanner::CheckCapability(bool unused, Action& action) {
  const auto asked = observed_.capabilities.find(repository_);
  if (asked == observed_.capabilities.end()) {
    diff_.errors.push_back(
        fmt::format("{} is not deleted: what its registry can do was not asked", action.target));
    return false;
  }
  if (!asked->second.ok()) return JudgeUnknownCapability(asked->second.status());
  const Capabilities& can = *asked->second;
  if ((unused && can.deletes_manifests) || can.untag != UntagMethod::kNone) return true;
  action.blocked =
      Block{"unsupported", can.why_not.empty()
                               ? "this registry can't delete tags"
                               : fmt::format("this registry can't delete it: {}", can.why_not)};
  return true;
}

// A merge-request pipeline that may only read still gets its plan.
bool DeletionPlanner::JudgeUnknownCapability(const absl::Status& status) {
  if (absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status)) {
    diff_.warnings.push_back(fmt::format(
        "{}: these credentials may not delete, so it is not known whether the registry can: {}",
        repository_.ToString(), std::string(status.message())));
    return true;
  }
  diff_.errors.push_back(fmt::format("nothing is deleted in {}: {}", repository_.ToString(),
                                     std::string(status.message())));
  return false;
}

}  // namespace imglife
