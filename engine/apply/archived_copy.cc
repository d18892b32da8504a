#include "engine/apply/archived_copy.h"

#include <string>

#include "fmt/format.h"

#include "engine/apply/precondition.h"
#include "engine/observe/missing_referrers.h"
#include "engine/observe/observe_archives.h"

namespace imglife {

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
  const auto subjects = SubjectsOf(*context_.registry, repository, archived_.digest, {});
  if (!subjects.ok()) return Failed(subjects.status());
  Registry& fresh = context_.registry->Fresh();
  const auto here = MakeRegistryMemo(fresh);
  const auto found =
      FindMissingReferrers(*here, repository, fresh, archived_.repository, *subjects);
  if (!found.ok()) return Failed(found.status());
  if (!found->conflicts.empty()) return Drifted(found->conflicts.front() + "; plan again");
  if (found->missing.empty()) return std::nullopt;
  const MissingReferrer& first = found->missing.front();
  return Drifted(fmt::format("{} refers to it and is not in the archive {}; plan again",
                             first.tag.empty() ? first.digest.Short() : first.tag,
                             archived_.repository.ToString()));
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
