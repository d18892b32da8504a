#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "fmt/format.h"

#include "engine/apply/executors.h"
#include "engine/apply/journaled.h"
#include "engine/apply/precondition.h"
#include "engine/observe/referrer_tag.h"

namespace imglife {
namespace {

// One deletion, alone in its repository, with the repository as it is now.
class Deletion {
 public:
  Deletion(const Action& action, const ExecutionContext& context, RepositoryUse& use)
      : action_(action),
        context_(context),
        use_(use),
        tag_(action.TargetReference()),
        digest_(Digest::Parse(action.before).value_or(Digest())) {}

  ActionResult Run() {
    const auto settled = SettledBefore(action_, TagNow(context_.registry->Fresh(), tag_));
    if (settled) return *settled;
    if (auto missing = CheckArchive()) return *std::move(missing);
    siblings_ = use_.OtherTags(digest_, tag_.tag);
    const absl::Status found = FindReferrers();
    if (!found.ok()) return Failed(found);
    const auto can = context_.registry->Probe(tag_.repository);
    if (!can.ok()) return Failed(can.status());
    const auto way = ChooseWay(*can);
    if (!way.ok()) {
      return {.state = ResultState::kBlocked,
              .guard = "unsupported",
              .message = std::string(way.status().message())};
    }
    if (context_.dry_run) return {.state = ResultState::kOk, .message = "would be deleted"};
    const auto manifests = WhatGoes(*way);
    if (!manifests.ok()) return Failed(manifests.status());
    return Journaled(action_, context_, action_.before, *manifests, [&] { return Delete(*way); });
  }

 private:
  // A result if the copy that must be in the archive isn't.
  std::optional<ActionResult> CheckArchive() {
    const Reference& archived = action_.removal.archived;
    if (archived.tag.empty()) return std::nullopt;
    const auto now = TagNow(context_.registry->Fresh(), {archived.repository, archived.tag, {}});
    if (!now.ok()) return Failed(now.status());
    if (*now == archived.digest.str()) return std::nullopt;
    return ActionResult{
        .state = ResultState::kBlocked,
        .guard = "drift",
        .message = fmt::format("it is not in the archive any more ({}:{} is {}); plan again",
                               archived.repository.ToString(), archived.tag, *now)};
  }

  // What goes with the image if its manifest does: its referrers, and the tags that hold some
  // ("sha256-….sig"), unless something else needs them.
  absl::Status FindReferrers() {
    std::vector<Digest> going = use_.ExclusiveChildren(digest_);
    going.push_back(digest_);
    for (const auto& [tag, named] : use_.tags) {
      if (BelongsToAny(going, tag)) own_tags_.push_back(tag);
    }
    const auto listed = context_.registry->Fresh().ListReferrers(tag_.repository, digest_);
    if (!listed.ok()) return listed.status();
    for (const Descriptor& referrer : *listed) {
      if (!IsUsedByOthers(referrer.digest)) referrers_.push_back(referrer.digest);
    }
    // A referrer that goes too doesn't hold its subject.
    parents_ = use_.Parents(digest_);
    std::erase_if(parents_, [&](const Digest& parent) {
      return std::find(referrers_.begin(), referrers_.end(), parent) != referrers_.end();
    });
    return absl::OkStatus();
  }

  static bool BelongsToAny(const std::vector<Digest>& digests, const std::string& tag) {
    return IsReferrerTag(tag) &&
           std::any_of(digests.begin(), digests.end(), [&](const Digest& digest) {
             return tag.rfind(fmt::format("{}-{}", digest.algorithm(), digest.hex()), 0) == 0;
           });
  }

  bool IsOwnTag(const std::string& tag) const {
    return std::find(own_tags_.begin(), own_tags_.end(), tag) != own_tags_.end();
  }

  // By a tag, or by a manifest that stays: one that isn't just the list of this image's referrers.
  bool IsUsedByOthers(const Digest& referrer) const {
    std::vector<Digest> users = use_.Parents(referrer);
    for (const auto& [tag, named] : use_.tags) {
      if (IsOwnTag(tag)) std::erase(users, named);
    }
    const bool named = std::any_of(use_.tags.begin(), use_.tags.end(), [&](const auto& name) {
      return name.second == referrer && !IsOwnTag(name.first);
    });
    return named || !users.empty();
  }

  static absl::Status AddManifests(const absl::StatusOr<std::vector<ManifestBytes>>& more,
                                   std::vector<ManifestBytes>& manifests) {
    if (!more.ok()) return more.status();
    manifests.insert(manifests.end(), more->begin(), more->end());
    return absl::OkStatus();
  }

  // For the journal.
  absl::StatusOr<std::vector<ManifestBytes>> WhatGoes(DeleteWork::Way way) {
    std::vector<Digest> tops = {digest_};
    if (way == DeleteWork::Way::kManifest) {
      tops.insert(tops.end(), referrers_.begin(), referrers_.end());
      for (const std::string& tag : own_tags_) tops.push_back(use_.tags.at(tag));
    }
    std::vector<ManifestBytes> manifests;
    for (const Digest& top : tops) {
      const absl::Status status =
          AddManifests(ManifestsOf(*context_.registry, tag_.repository, top.str()), manifests);
      // A list of referrers may name what is gone.
      const bool gone = absl::IsNotFound(status) && top != digest_;
      if (!status.ok() && !gone) return status;
    }
    return manifests;
  }

  absl::StatusOr<DeleteWork::Way> ChooseWay(const Capabilities& can) const {
    const bool unused = siblings_.empty() && parents_.empty();
    if (unused && can.deletes_manifests) return DeleteWork::Way::kManifest;
    if (can.untag != UntagMethod::kNone) return DeleteWork::Way::kUntag;
    return absl::UnimplementedError(
        unused ? fmt::format("{} can't delete: {}", tag_.repository.ToString(), can.why_not)
               : fmt::format("the digest is used by others and {} can't remove a tag alone: {}",
                             tag_.repository.ToString(), can.why_not));
  }

  absl::StatusOr<std::string> Delete(DeleteWork::Way way) {
    const absl::Status status =
        way == DeleteWork::Way::kManifest ? DeleteManifests() : Untag(tag_.tag);
    if (!status.ok()) return status;
    const auto now = TagNow(context_.registry->Fresh(), tag_);
    if (!now.ok()) return now.status();
    if (*now != kAbsent) {
      return absl::AbortedError(
          fmt::format("{} is still there after its deletion ({})", action_.target, *now));
    }
    const absl::Status others = CheckOthers();
    if (!others.ok()) return others;
    return std::string(kAbsent);
  }

  absl::Status DeleteManifests() {
    std::vector<Digest> children = use_.ExclusiveChildren(digest_);
    // Something untagged may refer to a child: its own referrers aren't known, so it stays.
    absl::Status status = context_.registry->DeleteManifest(tag_.repository, digest_);
    // It was there a moment ago: a registry that was stopped in between may have kept the name.
    if (absl::IsNotFound(status)) status = Untag(tag_.tag);
    if (!status.ok()) return status;
    use_.tags.erase(tag_.tag);
    use_.manifests.erase(digest_);
    for (const Digest& child : children) {
      status = DeleteOne(child);
      if (!status.ok()) return status;
      use_.manifests.erase(child);
    }
    for (const std::string& tag : own_tags_) {
      const auto named = use_.tags.find(tag);
      if (named == use_.tags.end()) continue;
      status = use_.OtherTags(named->second, tag).empty() && use_.Parents(named->second).empty()
                   ? DeleteOne(named->second)
                   : Untag(tag);
      if (!status.ok()) return status;
      use_.manifests.erase(named->second);
      use_.tags.erase(tag);
    }
    for (const Digest& referrer : referrers_) {
      status = DeleteOne(referrer);
      if (!status.ok()) return status;
      use_.manifests.erase(referrer);
    }
    return absl::OkStatus();
  }

  // Already gone is gone (Quay collects children by itself).
  absl::Status DeleteOne(const Digest& digest) {
    const absl::Status status = context_.registry->DeleteManifest(tag_.repository, digest);
    return absl::IsNotFound(status) ? absl::OkStatus() : status;
  }

  absl::Status Untag(const std::string& tag) {
    const absl::Status status = context_.registry->Untag(tag_.repository, tag);
    if (status.ok() || absl::IsNotFound(status)) {
      use_.tags.erase(tag);
      return absl::OkStatus();
    }
    return status;
  }

  absl::Status CheckOthers() {
    for (const std::string& sibling : siblings_) {
      const auto now = TagNow(context_.registry->Fresh(), {tag_.repository, sibling, {}});
      if (!now.ok()) return now.status();
      if (*now == kAbsent) {
        return absl::DataLossError(
            fmt::format("{}:{} named the same digest and is gone after the deletion of {}; "
                        "the journal has its manifest",
                        tag_.repository.ToString(), sibling, action_.target));
      }
    }
    for (const Digest& parent : parents_) {
      const auto now = context_.registry->Fresh().Resolve(tag_.repository, parent.str());
      if (!now.ok()) return now.status();
    }
    if (parents_.empty()) return absl::OkStatus();
    return context_.registry->Fresh().Resolve(tag_.repository, digest_.str()).status();
  }

  const Action& action_;
  const ExecutionContext& context_;
  RepositoryUse& use_;
  const Reference tag_;
  const Digest digest_;
  std::vector<std::string> siblings_;
  std::vector<Digest> parents_;
  std::vector<Digest> referrers_;
  std::vector<std::string> own_tags_;
};

// A deletion that was killed half-way has left a placeholder where the tag was: it is brought to
// its end. Nothing if the tag names something else.
std::optional<ActionResult> RemovePlaceholder(const Action& action, const ExecutionContext& context,
                                              const ActionResult& drift) {
  const Reference tag = action.TargetReference();
  const auto bytes = context.registry->Fresh().GetManifest(tag.repository, drift.now);
  if (!bytes.ok()) return std::nullopt;
  const auto manifest = ParseManifest(bytes->media_type, bytes->content);
  if (!manifest.ok() || manifest->annotations.count(std::string(annotation::kPlaceholder)) == 0) {
    return std::nullopt;
  }
  if (context.dry_run)
    return ActionResult{.state = ResultState::kOk, .message = "would be deleted"};
  return Journaled(action, context, drift.now, {*bytes}, [&]() -> absl::StatusOr<std::string> {
    const absl::Status status = context.registry->DeleteManifest(tag.repository, bytes->digest);
    if (!status.ok() && !absl::IsNotFound(status)) return status;
    return TagNow(context.registry->Fresh(), tag);
  });
}

}  // namespace

ActionResult ExecuteDelete(const Action& action, const ExecutionContext& context) {
  const Reference tag = action.TargetReference();
  // A tag that moved or went needs no look at its repository.
  const auto settled = SettledBefore(action, TagNow(context.registry->Fresh(), tag));
  if (settled && settled->state == ResultState::kBlocked) {
    if (auto removed = RemovePlaceholder(action, context, *settled)) return *std::move(removed);
  }
  if (settled) return *settled;
  ActionResult result;
  const absl::Status read = context.uses->With(tag.repository, [&](RepositoryUse& use) {
    if (*context.stop) {
      result = {.state = ResultState::kCancelled, .message = "never started"};
    } else {
      result = Deletion(action, context, use).Run();
    }
    return absl::OkStatus();
  });
  if (read.ok()) return result;
  return Failed(absl::FailedPreconditionError(
      fmt::format("{} can't be read completely, so nothing is deleted there: {}",
                  tag.repository.ToString(), std::string(read.message()))));
}

}  // namespace imglife
