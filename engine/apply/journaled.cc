#include "engine/apply/journaled.h"

#include "fmt/format.h"

#include "engine/apply/precondition.h"

namespace imglife {

ActionResult Journaled(const Action& action, const ExecutionContext& context,
                       const std::string& before, const std::vector<ManifestBytes>& manifests,
                       const std::function<absl::StatusOr<std::string>()>& change) {
  const absl::Status announced = context.journal->Intent(action, before, manifests);
  if (!announced.ok()) {
    return Failed(
        absl::InternalError(fmt::format("nothing was changed, as the journal can't be written: {}",
                                        std::string(announced.message()))));
  }
  const auto now = change();
  const absl::Status noted =
      now.ok() ? context.journal->Done(action, *now)
               : context.journal->Failed(action, std::string(now.status().message()));
  if (!now.ok()) return Failed(now.status());
  if (!noted.ok()) {
    return Failed(
        absl::InternalError(fmt::format("the change was made, but the journal can't be written: {}",
                                        std::string(noted.message()))));
  }
  return {.state = ResultState::kOk, .message = "", .now = *now};
}

}  // namespace imglife
