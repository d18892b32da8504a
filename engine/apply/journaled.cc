#include "engine/apply/journaled.h"

#include "fmt/format.h"

#include "engine/apply/precondition.h"

namespace imglife {
namespace {

absl::StatusOr<std::string> Change(const Action& action, const ExecutionContext& context,
                                   const std::string& before,
                                   const std::vector<ManifestBytes>& manifests,
                                   const std::function<absl::StatusOr<std::string>()>& change) {
  const absl::Status announced = context.journal->Intent(action, before, manifests);
  if (!announced.ok()) {
    return absl::InternalError(
        fmt::format("nothing was changed, as the journal can't be written: {}",
                    std::string(announced.message())));
  }
  auto now = change();
  const absl::Status noted =
      now.ok() ? context.journal->Done(action, *now)
               : context.journal->Failed(action, std::string(now.status().message()));
  if (now.ok() && !noted.ok()) {
    return absl::InternalError(fmt::format(
        "the change was made, but the journal can't be written: {}", std::string(noted.message())));
  }
  return now;
}

}  // namespace

ActionResult Journaled(const Action& action, const ExecutionContext& context,
                       const std::string& before, const std::vector<ManifestBytes>& manifests,
                       const std::function<absl::StatusOr<std::string>()>& change) {
  const auto now = Change(action, context, before, manifests, change);
  if (!now.ok()) return Failed(now.status());
  return {.state = ResultState::kOk, .message = "", .now = *now};
}

OverwriteTag JournaledOverwrites(const Action& action, const ExecutionContext& context) {
  return [&](const TagOverwrite& overwrite, const std::function<absl::Status()>& write) {
    const auto manifests =
        ManifestsOf(*context.registry, overwrite.tag.repository, overwrite.before.str());
    if (!manifests.ok()) return manifests.status();
    Action of_tag;
    of_tag.kind = action.kind;
    of_tag.operation = Operation::kUpdate;
    of_tag.target = overwrite.tag.ToString();
    of_tag.before = overwrite.before.str();
    of_tag.after = overwrite.after.str();
    const auto change = [&]() -> absl::StatusOr<std::string> {
      const absl::Status written = write();
      if (!written.ok()) return written;
      return of_tag.after;
    };
    return Change(of_tag, context, of_tag.before, *manifests, change).status();
  };
}

}  // namespace imglife
