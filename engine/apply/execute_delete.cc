#include <algorithm>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/apply/executors.h"
#include "engine/apply/journaled.h"
#include "engine/apply/precondition.h"

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
    siblings_ = use_.OtherTags(digest_, tag_.tag);
    parents_ = use_.Parents(digest_);
    FindReferrers();
    const auto way = ChooseWay();
    if (!way.ok())
      return {.state = ResultState::kBlocked, .message = std::string(way.status().message())};
    if (context_.dry_run) return {.state = ResultState::kOk, .message = "would be deleted"};
    auto manifests = ManifestsOf(*context_.registry, tag_.repository, digest_.str());
    if (!manifests.ok()) return Failed(manifests.status());
    for (const Digest& referrer : referrers_) {
      auto below = ManifestsOf(*context_.registry, tag_.repository, referrer.str());
      if (!below.ok()) return Failed(below.status());
      manifests->insert(manifests->end(), below->begin(), below->end());
    }
    return Journaled(action_, context_, action_.before, *manifests, [&] { return Delete(*way); });
  }

 private:
  // Referrers that the plan found exclusive and that still are: nothing but this image needs them.
  // Those that only their own tags (`sha256-….sig`) name go with the tags.
  void FindReferrers() {
    const std::vector<std::string>& own_tags = action_.removal.referrer_tags;
    for (const Digest& referrer : action_.removal.exclusive_referrers) {
      bool needed = false;
      for (const auto& [tag, named] : use_.tags) {
        needed = needed || (named == referrer &&
                            std::find(own_tags.begin(), own_tags.end(), tag) == own_tags.end());
      }
      if (!needed) referrers_.push_back(referrer);
    }
    // A referrer that goes too doesn't hold its subject.
    parents_.erase(std::remove_if(parents_.begin(), parents_.end(),
                                  [&](const Digest& parent) {
                                    return std::find(referrers_.begin(), referrers_.end(),
                                                     parent) != referrers_.end();
                                  }),
                   parents_.end());
  }

  absl::StatusOr<DeleteWork::Way> ChooseWay() {
    const auto can = context_.registry->Probe(tag_.repository);
    if (!can.ok()) return can.status();
    const bool unused = siblings_.empty() && parents_.empty();
    if (unused && can->deletes_manifests) return DeleteWork::Way::kManifest;
    if (can->untag != UntagMethod::kNone) return DeleteWork::Way::kUntag;
    return absl::UnimplementedError(
        unused ? fmt::format("{} can't delete: {}", tag_.repository.ToString(), can->why_not)
               : fmt::format("the digest is used by others and {} can't remove a tag alone: {}",
                             tag_.repository.ToString(), can->why_not));
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
    absl::Status status = DeleteOne(digest_);
    if (!status.ok()) return status;
    use_.tags.erase(tag_.tag);
    use_.manifests.erase(digest_);
    for (const Digest& child : children) {
      status = DeleteOne(child);
      if (!status.ok()) return status;
      use_.manifests.erase(child);
    }
    for (const std::string& tag : action_.removal.referrer_tags) {
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
};

}  // namespace

ActionResult ExecuteDelete(const Action& action, const ExecutionContext& context) {
  const Reference tag = action.TargetReference();
  // A tag that moved or went needs no look at its repository.
  const auto settled = SettledBefore(action, TagNow(context.registry->Fresh(), tag));
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
