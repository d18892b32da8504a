#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "fmt/format.h"

#include "engine/apply/archived_copy.h"
#include "engine/apply/executors.h"
#include "engine/apply/journaled.h"
#include "engine/apply/planned_removal.h"
#include "engine/apply/precondition.h"
#include "engine/diff/removal.h"
#include "engine/observe/parallel.h"
#include "engine/observe/read_referrers.h"
#include "engine/observe/read_uses.h"
#include "schema/image/placeholder.h"

namespace imglife {
namespace {

// Of what changed nothing. What could not be read may be what another run is deleting: failed only
// if the tag is still there.
ActionResult FailedUnlessGone(const Action& action, const ExecutionContext& context,
                              const absl::Status& failed) {
  if (absl::IsCancelled(failed)) return NeverStarted();
  const auto now =
      SettledBefore(action, TagNow(context.registry->Fresh(), action.TargetReference()));
  return now && now->state == ResultState::kSatisfied ? *now : Failed(failed);
}

// What a deletion leaves in the place of the tag between its two steps; nothing where `digest` is
// anything else, or can't be read.
std::optional<ManifestBytes> FindPlaceholder(const ExecutionContext& context, const Reference& tag,
                                             const std::string& digest) {
  const auto bytes = context.registry->Fresh().GetManifest(tag.repository, digest);
  if (!bytes.ok()) return std::nullopt;
  const auto manifest = ParseManifest(bytes->media_type, bytes->content);
  if (!manifest.ok() || PlaceholderOf(*manifest, bytes->digest) != tag.tag) return std::nullopt;
  return *bytes;
}

// By a deletion that was killed half-way.
std::optional<ManifestBytes> PlaceholderLeft(const ExecutionContext& context, const Reference& tag,
                                             const ActionResult& settled) {
  if (settled.state != ResultState::kBlocked) return std::nullopt;
  return FindPlaceholder(context, tag, settled.now);
}

// One deletion, alone in its repository, with the repository as it is now.
class Deletion {
 public:
  Deletion(const Action& action, const ExecutionContext& context, RepositoryUse& use)
      : action_(action),
        context_(context),
        use_(use),
        tag_(action.TargetReference()),
        digest_(Digest::Parse(action.before).value_or(Digest())),
        archived_copy_(action, context),
        planned_(context.planned_removals->In(tag_.repository)) {}

  // Is `use` no longer what the repository is?
  bool stale() const { return stale_; }

  ActionResult Run() {
    const auto settled = SettledBefore(action_, TagNow(context_.registry->Fresh(), tag_));
    if (settled) {
      const auto placeholder = PlaceholderLeft(context_, tag_, *settled);
      return placeholder ? RemovePlaceholder(*placeholder) : *settled;
    }
    if (const auto few = context_.min_keep->WhyNot(action_, use_.tags())) {
      return {.state = ResultState::kBlocked, .guard = "min_keep", .message = *few};
    }
    if (auto missing = archived_copy_.WhyNotThere()) return *std::move(missing);
    const absl::Status looked = LookAtSiblings();
    if (!looked.ok()) return Unready(looked);
    const auto referrers = ReadReferrersOf({digest_});
    if (!referrers.ok()) return Unready(referrers.status());
    if (auto same = archived_copy_.WhyNotElsewhere(referrers->own)) return *std::move(same);
    const absl::Status added = Add(*referrers);
    if (!added.ok()) return Unready(added);
    const absl::Status judged = Judge(referrers->own);
    if (!judged.ok()) return Unready(judged);
    const auto can = context_.registry->Probe(tag_.repository);
    if (!can.ok()) return Unready(can.status());
    can_untag_ = can->untag;
    const auto way = ChooseWay(*can);
    if (!way.ok()) {
      return {.state = ResultState::kBlocked,
              .guard = "unsupported",
              .message = std::string(way.status().message())};
    }
    if (*way == DeleteWork::Way::kManifest) {
      if (auto unplanned = KeepToPlan()) return *std::move(unplanned);
    }
    if (auto missing = archived_copy_.WhyNotWhole()) return *std::move(missing);
    if (context_.dry_run) return {.state = ResultState::kOk, .message = "would be deleted"};
    const auto manifests = WhatGoes(*way);
    if (!manifests.ok()) return Unready(manifests.status());
    // All that was read above took its time.
    if (!context_.may_begin(action_.kind)) {
      return NeverStarted();
    }
    return last_look_.Outcome(Journaled(action_, context_, action_.before, *manifests, [&] {
      auto deleted = Delete(*way);
      // What was taken for gone may be there.
      if (!deleted.ok()) stale_ = true;
      return deleted;
    }));
  }

 private:
  // Before anything was changed.
  ActionResult Unready(const absl::Status& failed) {
    return FailedUnlessGone(action_, context_, failed);
  }

  // The deletion that left it is brought to its end.
  ActionResult RemovePlaceholder(const ManifestBytes& placeholder) {
    if (context_.dry_run) return {.state = ResultState::kOk, .message = "would be deleted"};
    if (!context_.may_begin(action_.kind)) return NeverStarted();
    const auto remove = [&]() -> absl::StatusOr<std::string> {
      const bool is_shared = use_.TagsOf(placeholder.digest).size() > 1;
      const absl::Status status =
          is_shared ? Untag(tag_.tag, placeholder.digest) : DeleteOne(placeholder.digest);
      if (!status.ok()) return status;
      auto now = TagNow(context_.registry->Fresh(), tag_);
      if (!now.ok()) return now;
      if (*now != kAbsent) {
        return absl::AbortedError(
            fmt::format("{} names {} after its placeholder was deleted", action_.target, *now));
      }
      use_.RemoveTag(tag_.tag);
      return now;
    };
    return Journaled(action_, context_, placeholder.digest.str(), {placeholder}, remove);
  }

  // What the tags of the repository name may be some seconds old; those that named the digest when
  // the plan was made are asked now.
  absl::Status LookAtSiblings() {
    for (const std::string& sibling : action_.removal.siblings) {
      if (use_.tags().count(sibling) == 0) continue;
      const auto now = TagNow(context_.registry->Fresh(), {tag_.repository, sibling, {}});
      if (!now.ok()) return now.status();
      if (*now == digest_.str()) Set(sibling, digest_);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<FoundReferrers> ReadReferrersOf(const std::vector<Digest>& subjects) {
    return ReadReferrers(*context_.registry, context_.registry->Fresh(), tag_.repository, subjects);
  }

  absl::Status Add(const FoundReferrers& referrers) {
    const absl::Status read = ReadLinked(*context_.registry, tag_.repository, referrers.all, use_);
    // What was read before it failed has gaps.
    if (!read.ok()) stale_ = true;
    return read;
  }

  // What refers to its parts has to be known where they go with the image.
  absl::Status Judge(const std::vector<Descriptor>& referrers) {
    removal_ = JudgeRemoval(use_, tag_.tag, digest_, referrers);
    if (removal_.children.empty() || !planned_.Takes(digest_)) return absl::OkStatus();
    const std::vector<Digest> parts = planned_.KeepUnplannedParts(removal_.children, use_);
    const auto of_parts = ReadReferrersOf(parts);
    if (!of_parts.ok()) return of_parts.status();
    const absl::Status added = Add(*of_parts);
    if (!added.ok()) return added;
    for (const Digest& part : of_parts->untold) use_.Keep(part);
    removal_ = JudgeRemoval(use_, tag_.tag, digest_, referrers);
    return absl::OkStatus();
  }

  // Nothing goes that people didn't see in the plan. A result if the image can't go without it.
  std::optional<ActionResult> KeepToPlan() {
    const absl::Status status = LookAtReferrerTags();
    if (!status.ok()) return Unready(status);
    const auto unplanned = planned_.KeepUnplannedReferrers(use_, digest_, removal_);
    if (!unplanned) return std::nullopt;
    return Drifted(*unplanned);
  }

  // They too may be some seconds old.
  absl::Status LookAtReferrerTags() {
    const std::vector<std::string>& tags = removal_.referrer_tags;
    std::vector<absl::StatusOr<std::string>> now(tags.size(), absl::UnknownError("not asked"));
    ParallelFor(tags.size(), kQuestionsInFlight, [&](std::size_t i) {
      now[i] = TagNow(context_.registry->Fresh(), {tag_.repository, tags[i], {}});
    });
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (!now[i].ok()) return now[i].status();
      const auto digest = Digest::Parse(*now[i]);
      digest.ok() ? Set(tags[i], *digest) : use_.RemoveTag(tags[i]);
    }
    return absl::OkStatus();
  }

  void Set(const std::string& tag, const Digest& digest) {
    use_.SetTag(tag, digest);
    if (use_.Find(digest) == nullptr) stale_ = true;
  }

  static absl::Status AddManifests(const absl::StatusOr<std::vector<ManifestBytes>>& more,
                                   std::vector<ManifestBytes>& manifests) {
    if (!more.ok()) return more.status();
    manifests.insert(manifests.end(), more->begin(), more->end());
    return absl::OkStatus();
  }

  // What wasn't there when the plan was made may have been pushed again.
  absl::Status AddTop(const Digest& top, std::vector<ManifestBytes>& manifests) {
    const absl::Status status =
        AddManifests(ManifestsOf(*context_.registry, tag_.repository, top.str()), manifests);
    if (!absl::IsNotFound(status)) return status;
    const auto memo = MakeRegistryMemo(context_.registry->Fresh());
    return AddManifests(ManifestsOf(*memo, tag_.repository, top.str()), manifests);
  }

  // For the journal.
  absl::StatusOr<std::vector<ManifestBytes>> WhatGoes(DeleteWork::Way way) {
    std::vector<Digest> tops = {digest_};
    if (way == DeleteWork::Way::kManifest) {
      tops.insert(tops.end(), removal_.referrers.begin(), removal_.referrers.end());
      for (const std::string& tag : removal_.referrer_tags) tops.push_back(use_.tags().at(tag));
    }
    std::vector<ManifestBytes> manifests;
    for (const Digest& top : tops) {
      const absl::Status status = AddTop(top, manifests);
      // A list of referrers may name what is gone.
      const bool gone = absl::IsNotFound(status) && top != digest_;
      if (!status.ok() && !gone) return status;
    }
    return manifests;
  }

  absl::StatusOr<DeleteWork::Way> ChooseWay(const Capabilities& can) const {
    const auto way = WayOf(removal_, can);
    const bool more_than_planned = way == DeleteWork::Way::kManifest && !planned_.Takes(digest_);
    if (more_than_planned) return WayOfTheTagAlone(can);
    if (way) return *way;
    return absl::UnimplementedError(
        removal_.IsWhole()
            ? fmt::format("{} can't delete: {}", tag_.repository.ToString(), can.why_not)
            : fmt::format("the digest is used by others and {} can't remove a tag alone: {}",
                          tag_.repository.ToString(), can.why_not));
  }

  // People have seen that the image stays.
  absl::StatusOr<DeleteWork::Way> WayOfTheTagAlone(const Capabilities& can) const {
    if (can.untag != UntagMethod::kNone) return DeleteWork::Way::kUntag;
    return absl::UnimplementedError(
        fmt::format("when the plan was made others used the digest, and {} can't remove a tag "
                    "alone; plan again",
                    tag_.repository.ToString()));
  }

  absl::StatusOr<std::string> Delete(DeleteWork::Way way) {
    const bool whole = way == DeleteWork::Way::kManifest;
    absl::Status deleted = whole ? DeleteTop() : Untag(tag_.tag, digest_);
    if (!deleted.ok()) {
      deleted = last_look_.TakeAfter(deleted);
    } else if (whole) {
      deleted = CheckTopGone();
      if (deleted.ok()) deleted = DeleteParts();
    }
    if (!deleted.ok()) return deleted;
    const absl::Status archived = archived_copy_.CheckItSurvived();
    if (!archived.ok()) return archived;
    const absl::Status gone = CheckGone();
    if (!gone.ok()) return gone;
    absl::Status others = CheckOthers();
    if (others.ok() && whole) others = CheckTagsThatStay();
    if (!others.ok()) return others;
    return std::string(kAbsent);
  }

  absl::Status CheckGone() {
    const auto now = TagNow(context_.registry->Fresh(), tag_);
    if (!now.ok()) return last_look_.TakeAfter(now.status());
    if (*now == kAbsent) return absl::OkStatus();
    // Of another run that removes the tag too: one that a killed run has left would go as well.
    if (const auto placeholder = FindPlaceholder(context_, tag_, *now)) {
      const absl::Status removed = DeleteOne(placeholder->digest);
      if (!removed.ok()) return removed;
    }
    return last_look_.TakeAfter(absl::AbortedError(
        fmt::format("{} is still there after its deletion ({}): another run may be at work in this "
                    "repository; run again",
                    action_.target, *now)));
  }

  // A registry may accept a deletion that it carries out later, or never: until then the image
  // needs its parts.
  absl::Status CheckTopGone() {
    const bool has_parts = !removal_.children.empty() || !removal_.referrer_tags.empty() ||
                           !removal_.referrers.empty();
    if (!has_parts) return absl::OkStatus();
    const absl::Status there =
        context_.registry->Fresh().Resolve(tag_.repository, digest_.str()).status();
    if (absl::IsNotFound(there)) return absl::OkStatus();
    if (!there.ok()) return there;
    return absl::AbortedError(fmt::format(
        "{}@{} is still there, though the registry accepted its deletion: what belongs to "
        "it stays",
        tag_.repository.ToString(), digest_.str()));
  }

  absl::Status DeleteParts() {
    use_.RemoveTag(tag_.tag);
    for (const Digest& child : removal_.children) {
      const absl::Status status = DeleteOne(child);
      if (!status.ok()) return status;
    }
    for (const std::string& tag : removal_.referrer_tags) {
      const absl::Status status = DeleteReferrerTag(tag);
      if (!status.ok()) return status;
    }
    for (const Digest& referrer : removal_.referrers) {
      const absl::Status status = DeleteOne(referrer);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // Google's registries refuse to delete a digest that has a tag (protocol-notes.md, 3.4), and
  // remove a tag alone: there the tag goes first.
  absl::Status DeleteTop() {
    const absl::Status status = context_.registry->DeleteManifest(tag_.repository, digest_);
    if (status.ok() || absl::IsNotFound(status)) use_.Remove(digest_);
    // It was there a moment ago: a registry that was stopped in between may have kept the name.
    if (absl::IsNotFound(status)) return Untag(tag_.tag, digest_);
    if (!absl::IsFailedPrecondition(status) || can_untag_ != UntagMethod::kTag) return status;
    const absl::Status untagged = Untag(tag_.tag, digest_);
    return untagged.ok() ? DeleteOne(digest_) : untagged;
  }

  absl::Status DeleteReferrerTag(const std::string& tag) {
    const auto at = use_.tags().find(tag);
    if (at == use_.tags().end()) return absl::OkStatus();
    const Digest named = at->second;
    if (removal_.manifests.count(named) == 0) return Untag(tag, named);
    const absl::Status status = DeleteOne(named);
    if (status.ok()) use_.RemoveTag(tag);
    return status;
  }

  // Already gone is gone (Quay collects children by itself).
  absl::Status DeleteOne(const Digest& digest) {
    const absl::Status status = context_.registry->DeleteManifest(tag_.repository, digest);
    if (!status.ok() && !absl::IsNotFound(status)) return status;
    use_.Remove(digest);
    return absl::OkStatus();
  }

  absl::Status Untag(const std::string& tag, const Digest& expected) {
    const absl::Status status = context_.registry->Untag(tag_.repository, tag, expected);
    if (status.ok() || absl::IsNotFound(status)) {
      use_.RemoveTag(tag);
      return absl::OkStatus();
    }
    // Somebody moved the tag at the last moment: it was left as it is.
    if (absl::IsAborted(status) && tag == tag_.tag) {
      const absl::Status looked = last_look_.Take();
      if (!looked.ok()) return looked;
    }
    return status;
  }

  absl::Status CheckOthers() {
    for (const std::string& sibling : removal_.siblings) {
      const auto now = TagNow(context_.registry->Fresh(), {tag_.repository, sibling, {}});
      if (!now.ok()) return now.status();
      if (*now == kAbsent) {
        return absl::DataLossError(
            fmt::format("{}:{} named the same digest and is gone after the deletion of {}; "
                        "the journal has its manifest",
                        tag_.repository.ToString(), sibling, action_.target));
      }
    }
    for (const Digest& user : removal_.users) {
      const auto now = context_.registry->Fresh().Resolve(tag_.repository, user.str());
      if (!now.ok()) return now.status();
    }
    const bool is_held = !removal_.holder.empty();
    if (removal_.users.empty() && !removal_.subject && !is_held) return absl::OkStatus();
    return context_.registry->Fresh().Resolve(tag_.repository, digest_.str()).status();
  }

  // A tag that was moved to the image within the last seconds goes with it on registries that
  // delete all tags of a digest.
  absl::Status CheckTagsThatStay() {
    const auto list = context_.registry->Fresh().ListTags(tag_.repository);
    if (!list.ok()) return list.status();
    for (const auto& [tag, named] : use_.tags()) {
      const bool is_there = std::binary_search(list->tags.begin(), list->tags.end(), tag);
      if (is_there || planned_.Names(tag)) continue;
      return absl::DataLossError(fmt::format(
          "{}:{} is gone after the deletion of {}. Either somebody deleted it ({} is what it "
          "named), or it was moved to the same image a moment before: then push {} of the journal "
          "to it again",
          tag_.repository.ToString(), tag, action_.target, named.Short(), digest_.Short()));
    }
    return absl::OkStatus();
  }

  const Action& action_;
  const ExecutionContext& context_;
  RepositoryUse& use_;
  const Reference tag_;
  const Digest digest_;
  const ArchivedCopy archived_copy_;
  const PlannedRemoval& planned_;
  bool stale_ = false;
  Removal removal_;
  UntagMethod can_untag_ = UntagMethod::kNone;
  LastLook last_look_{
      [this] { return SettledBefore(action_, TagNow(context_.registry->Fresh(), tag_)); }};
};

}  // namespace

ActionResult ExecuteDelete(const Action& action, const ExecutionContext& context) {
  const Reference tag = action.TargetReference();
  // A tag that moved or went needs no look at its repository.
  const auto settled = SettledBefore(action, TagNow(context.registry->Fresh(), tag));
  if (settled && !PlaceholderLeft(context, tag, *settled)) return *settled;
  std::optional<ActionResult> result;
  const absl::Status read = context.uses->With(tag.repository, [&](RepositoryUse& use) {
    if (!context.may_begin(action.kind)) {
      result = NeverStarted();
      return absl::OkStatus();
    }
    Deletion deletion(action, context, use);
    result = deletion.Run();
    return deletion.stale() ? absl::AbortedError("the repository is not as it was read")
                            : absl::OkStatus();
  });
  if (result) return *std::move(result);
  if (absl::IsCancelled(read)) return NeverStarted();
  return FailedUnlessGone(action, context,
                          absl::FailedPreconditionError(fmt::format(
                              "{} can't be read completely, so nothing is deleted there: {}",
                              tag.repository.ToString(), std::string(read.message()))));
}

}  // namespace imglife
