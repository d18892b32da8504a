#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/apply/copy_referrers.h"
#include "engine/apply/executors.h"
#include "engine/apply/journaled.h"
#include "engine/apply/precondition.h"
#include "engine/apply/transfer_turn.h"
#include "engine/observe/missing_referrers.h"
#include "schema/image/placeholder.h"

namespace imglife {
namespace {

class CopyExecution {
 public:
  CopyExecution(const Action& action, const ExecutionContext& context)
      : action_(action), context_(context), target_(action.TargetReference()) {}

  ActionResult Run() { return TellConflicts(Execute()); }

 private:
  ActionResult Execute() {
    const auto now = FirstLook();
    if (now.ok() && *now == action_.after && action_.copy.referrers) return Complete();
    const auto settled = SettledBefore(action_, now);
    if (settled) return *settled;
    if (context_.dry_run) return {.state = ResultState::kOk, .message = "would be copied"};
    const absl::Status image = CheckSource();
    if (!image.ok()) return Failed(image);
    std::vector<ManifestBytes> replaced;
    if (action_.before != kAbsent) {
      auto manifests = ManifestsOf(*context_.registry, target_.repository, action_.before);
      if (!manifests.ok()) return Failed(manifests.status());
      replaced = *std::move(manifests);
    }
    ActionResult result = last_look_.Outcome(
        Journaled(action_, context_, action_.before, replaced, [&] { return CopyAndCheck(); }));
    result.sent = sent_;
    return turn_.Outcome(std::move(result));
  }

  // The plan has not warned of them where it could not know them: of what another copy brings, or
  // what came since.
  ActionResult TellConflicts(ActionResult result) const {
    const bool is_done =
        result.state == ResultState::kOk || result.state == ResultState::kSatisfied;
    if (!is_done || conflicts_.empty()) return result;
    if (!result.message.empty()) result.message += "; ";
    result.message += fmt::format("{}", fmt::join(conflicts_, "; "));
    return result;
  }

  // A placeholder is no image: copied, it would take the place of one. What can't be read the copy
  // itself tells of.
  absl::Status CheckSource() {
    const Reference& source = action_.copy.source;
    const auto bytes = context_.registry->GetManifest(source.repository, source.digest.str());
    if (!bytes.ok()) return absl::OkStatus();
    const auto manifest = ParseManifest(bytes->media_type, bytes->content);
    if (!manifest.ok() || PlaceholderOf(*manifest, source.digest) != source.tag) {
      return absl::OkStatus();
    }
    return absl::FailedPreconditionError(
        fmt::format("under {} is no image, but {}",
                    Reference{source.repository, source.tag, {}}.ToString(), kPlaceholderAdvice));
  }

  // Spares the transfer where there is nothing to do. What this process knows already is good
  // enough for that, and costs no request: the last look decides.
  absl::StatusOr<std::string> FirstLook() {
    Registry& fresh = context_.registry->Fresh();
    if (context_.dry_run || action_.before == action_.after) return TagNow(fresh, target_);
    if (action_.before != kAbsent) return TagNow(*context_.registry, target_);
    if (context_.at_start->MayHave(target_)) return TagNow(fresh, target_);
    return std::string(kAbsent);
  }

  // The image is there already: what refers to it may not be.
  ActionResult Complete() {
    const auto subjects = SubjectsOf(*context_.registry, target_.repository, After(), Platforms());
    if (!subjects.ok()) return Failed(subjects.status());
    const auto missing = MissingReferrersNow(*subjects);
    if (!missing.ok()) return Failed(missing.status());
    if (missing->empty()) {
      return {.state = ResultState::kSatisfied, .message = "", .now = action_.after};
    }
    if (context_.dry_run) return {.state = ResultState::kOk, .message = "would be copied"};
    const auto copy = [&]() -> absl::StatusOr<std::string> {
      absl::Status copied = turn_.Begin();
      if (copied.ok()) copied = CopyWhatRefersTo(*subjects);
      if (!copied.ok()) return copied;
      return Check();
    };
    return turn_.Outcome(Journaled(action_, context_, action_.after, {}, copy));
  }

  absl::Status CopyWhatRefersTo(const std::vector<Digest>& subjects) {
    const ReferrersRequest request{.source = action_.copy.source.repository,
                                   .target = target_.repository,
                                   .subjects = subjects,
                                   .overwrite = JournaledOverwrites(action_, context_)};
    auto conflicts = CopyReferrers(*context_.registry, *context_.blobs, *context_.manifests,
                                   request, *context_.stop);
    if (!conflicts.ok()) return conflicts.status();
    conflicts_ = *std::move(conflicts);
    return absl::OkStatus();
  }

  // The name comes last: with it comes everything that belongs to the image.
  absl::Status PrepareName() {
    if (action_.copy.referrers) {
      const auto subjects = SubjectsOf(*context_.registry, action_.copy.source.repository,
                                       action_.copy.source.digest, Platforms());
      if (!subjects.ok()) return subjects.status();
      const absl::Status copied = CopyWhatRefersTo(*subjects);
      if (!copied.ok()) return copied;
      EndTransfer();
    }
    return last_look_.Take();
  }

  void EndTransfer() const {
    if (context_.end_transfer) context_.end_transfer(action_);
  }

  Digest After() const { return Digest::Parse(action_.after).value(); }
  const std::vector<Platform>& Platforms() const { return action_.copy.platforms; }

  absl::StatusOr<std::string> CopyAndCheck() {
    const CopyRequest request{.source = action_.copy.source.repository,
                              .digest = action_.copy.source.digest,
                              .target = target_.repository,
                              .target_tag = target_.tag,
                              .platforms = action_.copy.platforms,
                              .expected = After(),
                              .before_blobs = [&] { return turn_.Begin(); },
                              .after_blobs =
                                  [&] {
                                    // What refers to it has blobs as well.
                                    if (!action_.copy.referrers) EndTransfer();
                                  },
                              .before_tag = [&] { return PrepareName(); }};
    const auto copied = CopyImage(*context_.registry, *context_.blobs, *context_.manifests, request,
                                  *context_.stop);
    if (copied.ok()) sent_ = copied->sent;
    if (last_look_.FoundSatisfied()) return action_.after;
    if (copied.ok()) return Check();
    const absl::Status made = MadeMeanwhile(copied.status());
    if (!made.ok()) return made;
    return action_.after;
  }

  // OK if another run has copied it; else `failed`.
  absl::Status MadeMeanwhile(const absl::Status& failed) {
    if (action_.copy.referrers && !HasAllReferrers()) return failed;
    return last_look_.TakeAfter(failed);
  }

  bool HasAllReferrers() {
    const auto subjects = SubjectsOf(*context_.registry, target_.repository, After(), Platforms());
    if (!subjects.ok()) return false;
    const auto missing = MissingReferrersNow(*subjects);
    return missing.ok() && missing->empty();
  }

  absl::StatusOr<std::vector<MissingReferrer>> MissingReferrersNow(
      const std::vector<Digest>& subjects) {
    auto found = FindMissingReferrers(*context_.registry, action_.copy.source.repository,
                                      context_.registry->Fresh(), target_.repository, subjects);
    if (!found.ok()) return found.status();
    conflicts_ = std::move(found->conflicts);
    return std::move(found->missing);
  }

  absl::StatusOr<std::string> Check() {
    const auto now = TagNow(context_.registry->Fresh(), target_);
    if (!now.ok()) return now.status();
    if (*now != action_.after) {
      return absl::AbortedError(
          fmt::format("{} is {} after the copy, not {}; something else writes it", action_.target,
                      *now, action_.after));
    }
    return *now;
  }

  const Action& action_;
  const ExecutionContext& context_;
  const Reference target_;
  std::int64_t sent_ = 0;
  // MissingReferrers::conflicts, as they were seen last.
  std::vector<std::string> conflicts_;
  TransferTurn turn_{action_, context_};
  LastLook last_look_{
      [this] { return SettledBefore(action_, TagNow(context_.registry->Fresh(), target_)); }};
};

}  // namespace

ActionResult ExecuteCopy(const Action& action, const ExecutionContext& context) {
  return CopyExecution(action, context).Run();
}

}  // namespace imglife
