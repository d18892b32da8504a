#include "engine/diff/deletion_planner.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/plan/words.h"

namespace imglife {
namespace {

// " · 2 referrers of it go too: signatures, SBOMs, notes · its tag sha256-….sbom goes too, of what
// others share". A list of referrers is none itself.
std::string GoesWithIt(const Removal& removal, const RepositoryUse& use) {
  std::set<Digest> going(removal.referrers.begin(), removal.referrers.end());
  std::vector<std::string> names;
  for (const std::string& tag : removal.referrer_tags) {
    const Digest& named = use.tags().at(tag);
    const Manifest* manifest = use.Find(named);
    const bool is_list = manifest != nullptr && manifest->is_index && !manifest->subject;
    if (removal.manifests.count(named) == 0) {
      names.push_back(tag);
    } else if (!is_list) {
      going.insert(named);
    }
  }
  std::string text;
  if (!going.empty()) {
    text = fmt::format(" · {} of it {} too: signatures, SBOMs, notes",
                       CountText(going.size(), "referrer"), going.size() == 1 ? "goes" : "go");
  }
  if (!names.empty()) {
    text += fmt::format(" · the {} {} {} too, and what {} names stays, as others use it",
                        names.size() == 1 ? "tag" : "tags", fmt::join(names, ", "),
                        names.size() == 1 ? "goes" : "go", names.size() == 1 ? "it" : "each");
  }
  return text;
}

}  // namespace

DeletionPlanner::DeletionPlanner(const Observed& observed, const Repository& repository,
                                 std::set<std::string> going, StageDiff& diff)
    : observed_(observed), repository_(repository), going_(std::move(going)), diff_(diff) {}

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
  const RepositoryUse* use = KnownUse(action);
  const std::vector<Descriptor>* referrers = KnownReferrers(digest, action);
  if (use == nullptr || referrers == nullptr) return std::nullopt;
  if (!left_) left_ = *use;
  const Removal removal = JudgeRemoval(*left_, tag, digest, *referrers);
  const std::set<std::string>& names = use->TagsOf(digest);
  std::copy_if(names.begin(), names.end(), std::back_inserter(action.removal.siblings),
               [&](const std::string& name) { return name != tag; });
  if (!ChooseWay(removal, *left_, action)) return std::nullopt;
  std::string users = UsersText(action.removal.siblings, removal, digest);
  if (action.removal.way == DeleteWork::Way::kManifest) users += GoesWithIt(removal, *left_);
  Forget(tag, removal, action);
  if (action.removal.frees) users += " · frees " + SizeText(*action.removal.frees);
  action.details.push_back({' ', users});
  return action;
}

const RepositoryUse* DeletionPlanner::KnownUse(const Action& action) {
  const auto read = observed_.uses.find(repository_);
  if (read != observed_.uses.end() && read->second.ok()) return &*read->second;
  diff_.errors.push_back(
      fmt::format("{} is not deleted, as what else uses it could not be read: {}", action.target,
                  read == observed_.uses.end() ? "it was not asked"
                                               : std::string(read->second.status().message())));
  return nullptr;
}

const std::vector<Descriptor>* DeletionPlanner::KnownReferrers(const Digest& digest,
                                                               const Action& action) {
  const auto asked = observed_.referrers.find({repository_, digest});
  if (asked != observed_.referrers.end() && asked->second.ok()) return &*asked->second;
  diff_.errors.push_back(fmt::format(
      "{} is not deleted, as what refers to it could not be read: {}", action.target,
      asked == observed_.referrers.end() ? "it was not asked"
                                         : std::string(asked->second.status().message())));
  return nullptr;
}

// "3.22.4 (stays), 3.21.7 (goes too)".
std::string DeletionPlanner::OtherNames(const std::vector<std::string>& siblings,
                                        const std::string& holder) const {
  std::vector<std::string> names;
  names.reserve(siblings.size());
  for (const std::string& tag : siblings) {
    names.push_back(OtherNameText(tag, going_.count(tag) > 0));
  }
  if (!holder.empty()) names.push_back(holder + " (stays)");
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

// By its tags, as people know it by them.
std::string DeletionPlanner::NameOf(const Digest& digest) const {
  const std::set<std::string>& tags = left_->TagsOf(digest);
  return tags.empty() ? digest.Short() : fmt::format("{}", fmt::join(tags, ", "));
}

void DeletionPlanner::Forget(const std::string& tag, const Removal& removal, const Action& action) {
  if (action.blocked) return;
  left_->RemoveTag(tag);
  if (action.removal.way != DeleteWork::Way::kManifest) return;
  for (const std::string& name : removal.referrer_tags) left_->RemoveTag(name);
  for (const Digest& digest : removal.manifests) left_->Remove(digest);
}

// "also named by: none · part of another index · subject of sbom, which stay".
std::string DeletionPlanner::UsersText(const std::vector<std::string>& siblings,
                                       const Removal& removal, const Digest& digest) const {
  const RepositoryUse& use = *left_;
  std::string text = "also named by: " + OtherNames(siblings, removal.holder);
  bool is_part = false;
  std::vector<std::string> referrers;
  for (const Digest& user : removal.users) {
    const Manifest& manifest = *use.Find(user);
    if (!RefersTo(manifest, digest)) {
      is_part = true;
      continue;
    }
    const std::set<std::string>& tags = use.TagsOf(user);
    referrers.insert(referrers.end(), tags.begin(), tags.end());
    if (tags.empty()) referrers.push_back(user.Short());
  }
  std::sort(referrers.begin(), referrers.end());
  if (is_part) text += " · part of another index";
  if (!referrers.empty()) {
    text += fmt::format(" · subject of {}, which {}", fmt::join(referrers, ", "),
                        referrers.size() == 1 ? "stays" : "stay");
  }
  if (removal.subject)
    text += fmt::format(" · refers to {}, which stays", NameOf(*removal.subject));
  return text;
}

bool DeletionPlanner::ChooseWay(const Removal& removal, const RepositoryUse& use, Action& action) {
  DeleteWork& work = action.removal;
  work.way = removal.IsWhole() ? DeleteWork::Way::kManifest : DeleteWork::Way::kUntag;
  const auto asked = observed_.capabilities.find(repository_);
  if (asked == observed_.capabilities.end()) {
    diff_.errors.push_back(
        fmt::format("{} is not deleted: what its registry can do was not asked", action.target));
    return false;
  }
  if (asked->second.ok()) {
    const auto way = WayOf(removal, *asked->second);
    if (!way) {
      const std::string& why = asked->second->why_not;
      action.blocked = Block{"unsupported", why.empty() ? "this registry can't delete tags"
                                                        : "this registry can't delete it: " + why};
    }
    work.way = way.value_or(work.way);
  } else if (!JudgeUnknownCapability(asked->second.status())) {
    return false;
  }
  if (work.way == DeleteWork::Way::kUntag) return true;
  work.exclusive_children = removal.children;
  work.exclusive_referrers = removal.referrers;
  for (const std::string& name : removal.referrer_tags) {
    work.referrer_tags.push_back({name, use.tags().at(name)});
  }
  work.frees = BytesOf(removal, use);
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
