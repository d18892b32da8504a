#include "engine/apply/archived_copy.h"

#include <string>

#include "fmt/format.h"

#include "engine/apply/precondition.h"
#include "engine/observe/archive_gaps.h"
#include "engine/observe/observe_archives.h"

namespace imglife {
namespace {

std::string GapText(const ArchiveGaps& gaps, const Repository& archive) {
  if (!gaps.incomplete.empty()) {
    const IncompleteCopy& copy = gaps.incomplete.front();
    return fmt::format("{}@{} is not complete: {} is missing", archive.ToString(), copy.image.str(),
                       copy.missing.str());
  }
  if (!gaps.referrers.conflicts.empty()) return gaps.referrers.conflicts.front();
  const MissingReferrer& first = gaps.referrers.missing.front();
  return fmt::format("{} refers to it and is not in the archive {}",
                     first.tag.empty() ? first.digest.Short() : first.tag, archive.ToString());
}

}  // namespace

ArchivedCopy::ArchivedCopy(const Action& deletion, const ExecutionContext& context)
    : deletion_(deletion), context_(context), archived_(deletion.removal.archived) {}

std::optional<ActionResult> ArchivedCopy::WhyNotThere() const {
  if (!IsNeeded() || WouldBeMade()) return std::nullopt;
  const auto now = TagNow(context_.registry->Fresh(), {archived_.repository, archived_.tag, {}});
  if (!now.ok()) return Failed(now.status());
  if (*now == archived_.digest.str()) return std::nullopt;
  return Drifted(fmt::format("it is not in the archive any more ({}:{} is {}); plan again",
                             archived_.repository.ToString(), archived_.tag, *now));
}

std::optional<ActionResult> ArchivedCopy::WhyNotElsewhere(
    const std::vector<Descriptor>& referrers) const {
  if (!IsNeeded() || !ArchivedAt(referrers)) return std::nullopt;
  return ActionResult{
      .state = ResultState::kBlocked,
      .guard = "unsupported",
      .message = fmt::format("the note of its archive copy is a referrer of {}@{} as well, as if "
                             "{} were the same repository under another name; delete nothing "
                             "before the archive is elsewhere",
                             deletion_.TargetReference().repository.ToString(),
                             Digest::Parse(deletion_.before).value_or(Digest()).Short(),
                             archived_.repository.ToString())};
}

std::optional<ActionResult> ArchivedCopy::WhyNotWhole() const {
  if (!IsNeeded() || WouldBeMade()) return std::nullopt;
  const Repository repository = deletion_.TargetReference().repository;
  Registry& fresh = context_.registry->Fresh();
  const auto here = MakeRegistryMemo(fresh);
  const auto gaps =
      FindArchiveGaps(*here, repository, archived_.digest, fresh, archived_.repository);
  if (!gaps.ok()) return Failed(gaps.status());
  if (!gaps->IsWhole()) {
    return Drifted(fmt::format("{}; plan again", GapText(*gaps, archived_.repository)));
  }
  return WhyTooOld();
}

// A plan that dates no copy anew may be applied later than the copy is new.
std::optional<ActionResult> ArchivedCopy::WhyTooOld() const {
  const auto notes =
      context_.registry->Fresh().ListReferrers(archived_.repository, archived_.digest);
  if (!notes.ok()) return Failed(notes.status());
  const auto at = ArchivedAt(*notes);
  // Without a date it stays in the archive.
  if (!at) return std::nullopt;
  const absl::Duration age = context_.world->clock->PolicyNow() - *at;
  if (age <= 2 * OldestArchiveDate(*context_.config)) return std::nullopt;
  return Drifted(
      fmt::format("its copy in the archive {} was made {} days ago, and expires {} days after "
                  "that; plan again",
                  archived_.repository.ToString(), age / absl::Hours(24),
                  context_.config->retention->archive.keep_days));
}

absl::Status ArchivedCopy::CheckItSurvived() const {
  if (!IsNeeded()) return absl::OkStatus();
  const auto now = TagNow(context_.registry->Fresh(), {archived_.repository, archived_.tag, {}});
  if (!now.ok()) return now.status();
  if (*now == archived_.digest.str()) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("the archive copy {}:{} went with {} (it is {} now): the archive is the same "
                  "registry under another name, or something else writes it; the journal has "
                  "the manifests, push them again before the registry collects the blobs",
                  archived_.repository.ToString(), archived_.tag, deletion_.target, *now));
}

// By this very run, if it changed anything.
bool ArchivedCopy::WouldBeMade() const {
  if (!context_.dry_run) return false;
  const std::string address =
      fmt::format("{} {}", KindName(ActionKind::kArchive),
                  Reference{archived_.repository, archived_.tag, {}}.ToString());
  return context_.result_of(address).state == ResultState::kOk;
}

}  // namespace imglife
