#include <string>
#include <vector>

#include "fmt/format.h"

#include "engine/apply/executors.h"
#include "engine/apply/journaled.h"
#include "engine/apply/precondition.h"

namespace imglife {
namespace {

absl::StatusOr<std::string> CopyAndCheck(const Action& action, const ExecutionContext& context) {
  const Reference target = action.TargetReference();
  const CopyRequest request{.source = action.copy.source.repository,
                            .digest = action.copy.source.digest,
                            .target = target.repository,
                            .target_tag = target.tag,
                            .platforms = action.copy.platforms};
  const auto copied = CopyImage(*context.registry, *context.blobs, request, *context.stop);
  if (!copied.ok()) return copied.status();
  const auto now = TagNow(context.registry->Fresh(), target);
  if (!now.ok()) return now.status();
  if (*now != action.after) {
    return absl::AbortedError(
        fmt::format("{} is {} after the copy, not {}; something else writes it", action.target,
                    *now, action.after));
  }
  return *now;
}

}  // namespace

ActionResult ExecuteCopy(const Action& action, const ExecutionContext& context) {
  const Reference target = action.TargetReference();
  const auto settled = SettledBefore(action, TagNow(context.registry->Fresh(), target));
  if (settled) return *settled;
  if (context.dry_run) return {.state = ResultState::kOk, .message = "would be copied"};
  std::vector<ManifestBytes> replaced;
  if (action.before != kAbsent) {
    auto manifests = ManifestsOf(*context.registry, target.repository, action.before);
    if (!manifests.ok()) return Failed(manifests.status());
    replaced = *std::move(manifests);
  }
  return Journaled(action, context, action.before, replaced,
                   [&] { return CopyAndCheck(action, context); });
}

}  // namespace imglife
