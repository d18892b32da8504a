#include <string>

#include "fmt/format.h"

#include "engine/apply/archive_note.h"
#include "engine/apply/copy_referrers.h"
#include "engine/apply/executors.h"
#include "engine/apply/journaled.h"
#include "engine/apply/precondition.h"
#include "engine/apply/transfer_turn.h"
#include "engine/observe/archive_gaps.h"
#include "engine/observe/observe_archives.h"

namespace imglife {
namespace {

class Archiving {
 public:
  Archiving(const Action& action, const ExecutionContext& context)
      : action_(action), context_(context), target_(action.TargetReference()) {}

  ActionResult Run() {
    const auto now = TagNow(Fresh(), target_);
    if (!now.ok()) return Failed(now.status());
    const bool there = *now == action_.after;
    if (!there && *now != action_.before) return BlockedByDrift(action_.before, *now);
    if (there) {
      const auto whole = IsWhole();
      if (!whole.ok()) return Failed(whole.status());
      if (*whole) return {.state = ResultState::kSatisfied, .message = "", .now = *now};
    }
    if (context_.dry_run) return {.state = ResultState::kOk, .message = "would be archived"};
    const auto replaced = Replaced(*now);
    if (!replaced.ok()) return Failed(replaced.status());
    return turn_.Outcome(last_look_.Outcome(
        Journaled(action_, context_, *now, *replaced, [&] { return ArchiveOrFind(there); })));
  }

 private:
  Registry& Fresh() { return context_.registry->Fresh(); }

  // What a deletion left there that was killed.
  absl::StatusOr<std::vector<ManifestBytes>> Replaced(const std::string& now) {
    if (now == action_.after || now == kAbsent) return std::vector<ManifestBytes>();
    return ManifestsOf(*context_.registry, target_.repository, now);
  }

  // Is there a note that is new, and all of the image and of what refers to it? Or is the image
  // gone from where it was, as after this very plan: then there is nothing to copy.
  absl::StatusOr<bool> IsWhole() {
    const auto source =
        Fresh().Resolve(action_.copy.source.repository, action_.copy.source.digest.str());
    if (absl::IsNotFound(source.status())) return true;
    if (!source.ok()) return source.status();
    const auto dated = IsDated();
    if (!dated.ok() || !*dated) return dated;
    const auto gaps = Gaps();
    if (!gaps.ok()) return gaps.status();
    return gaps->IsWhole();
  }

  // What the archive lacks, both as they are now.
  absl::StatusOr<ArchiveGaps> Gaps() {
    const auto source = MakeRegistryMemo(Fresh());
    return FindArchiveGaps(*source, action_.copy.source.repository, action_.copy.source.digest,
                           Fresh(), target_.repository);
  }

  absl::StatusOr<std::vector<Digest>> Subjects() {
    return SubjectsOf(*context_.registry, action_.copy.source.repository,
                      action_.copy.source.digest, {});
  }

  absl::StatusOr<bool> IsDated() {
    const auto referrers = Fresh().ListReferrers(target_.repository, action_.copy.source.digest);
    if (!referrers.ok()) return referrers.status();
    const auto at = ArchivedAt(*referrers);
    return at && context_.world->clock->PolicyNow() - *at <= OldestArchiveDate(*context_.config);
  }

  // What failed may be there all the same: another run has archived it meanwhile.
  absl::StatusOr<std::string> ArchiveOrFind(bool there) {
    auto archived = Archive(there);
    if (archived.ok()) return archived;
    const auto whole = IsWhole();
    if (!whole.ok() || !*whole) return archived;
    const absl::Status made = last_look_.TakeAfter(archived.status());
    if (!made.ok()) return made;
    return action_.after;
  }

  // All of the image, then what refers to it, then its date, then its name: a name in the archive
  // is never without them.
  absl::StatusOr<std::string> Archive(bool there) {
    const auto image = context_.registry->GetManifest(action_.copy.source.repository,
                                                      action_.copy.source.digest.str());
    if (!image.ok()) return image.status();
    // Also of one that is there: that its name is says nothing of its parts.
    absl::Status copied = Copy(action_.copy.source.digest);
    if (copied.ok()) copied = CopyWhatRefersToIt();
    if (copied.ok()) copied = CompleteReferrers();
    if (!copied.ok()) return copied;
    Descriptor subject;
    subject.media_type = image->media_type;
    subject.digest = image->digest;
    subject.size = static_cast<std::int64_t>(image->content.size());
    const absl::Status noted =
        NoteArchived(*context_.registry, *context_.manifests, target_.repository, subject,
                     context_.world->clock->PolicyNow());
    if (!noted.ok()) return noted;
    if (!there) {
      const absl::Status named = Name(*image);
      if (!named.ok() && !last_look_.FoundSatisfied()) return named;
    }
    return Check();
  }

  absl::Status CopyWhatRefersToIt() {
    const auto subjects = Subjects();
    if (!subjects.ok()) return subjects.status();
    const ReferrersRequest request{.source = action_.copy.source.repository,
                                   .target = target_.repository,
                                   .subjects = *subjects,
                                   .overwrite = JournaledOverwrites(action_, context_)};
    const auto conflicts = CopyReferrers(*context_.registry, *context_.blobs, *context_.manifests,
                                         request, *context_.stop);
    if (!conflicts.ok() || conflicts->empty()) return conflicts.status();
    return absl::FailedPreconditionError(conflicts->front());
  }

  absl::Status Name(const ManifestBytes& image) {
    const absl::Status free = last_look_.Take();
    if (!free.ok()) return free;
    return context_.registry->PutManifest(target_.repository, target_.tag, image);
  }

  // Those that the archive has by name.
  absl::Status CompleteReferrers() {
    const auto gaps = Gaps();
    if (!gaps.ok()) return gaps.status();
    for (const IncompleteCopy& copy : gaps->incomplete) {
      absl::Status copied = Copy(copy.image);
      if (!copied.ok()) return copied;
    }
    return absl::OkStatus();
  }

  // By its digest, with all that it consists of; what is there already isn't sent again.
  absl::Status Copy(const Digest& digest) {
    const CopyRequest request{.source = action_.copy.source.repository,
                              .digest = digest,
                              .target = target_.repository,
                              .target_tag = digest.str(),
                              .platforms = {},
                              .before_blobs = [&] { return turn_.Begin(); },
                              .before_tag = {}};
    return CopyImage(*context_.registry, *context_.blobs, *context_.manifests, request,
                     *context_.stop)
        .status();
  }

  absl::StatusOr<std::string> Check() {
    const auto now = TagNow(Fresh(), target_);
    if (!now.ok() || *now == action_.after) return now;
    return absl::AbortedError(
        fmt::format("{} is {} after it was archived, not {}; something else writes it",
                    action_.target, *now, action_.after));
  }

  const Action& action_;
  const ExecutionContext& context_;
  const Reference target_;
  TransferTurn turn_{action_, context_};
  LastLook last_look_{[this] { return SettledBefore(action_, TagNow(Fresh(), target_)); }};
};

}  // namespace

ActionResult ExecuteArchive(const Action& action, const ExecutionContext& context) {
  return Archiving(action, context).Run();
}

}  // namespace imglife
