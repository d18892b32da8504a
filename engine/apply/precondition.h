// What an action finds when it looks again, just before it changes anything (plan-apply.md,
// "observed now").
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/apply/executor.h"
#include "engine/apply/result.h"
#include "engine/plan/action.h"

namespace imglife {

// What `action` finds: a result if there is nothing to do or nothing may be done, nothing if it
// shall run.
std::optional<ActionResult> SettledBefore(const Action& action,
                                          const absl::StatusOr<std::string>& now);

// The look that decides: directly before a tag is written, when all that takes long is done. What
// others did to the tag meanwhile ends the change there.
class LastLook {
 public:
  // `look` is as SettledBefore.
  explicit LastLook(std::function<std::optional<ActionResult>()> look) : look_(std::move(look)) {}

  // OK: write it. Aborted: it must not be written, or somebody has written it already.
  absl::Status Take();
  // After a change that failed: OK if somebody else, such as another run of the same plan, has made
  // it meanwhile, as one more look proves; else `failed`. A run that is stopped looks no more.
  absl::Status TakeAfter(const absl::Status& failed);
  // Has somebody written it already? Of the look that was taken last.
  bool FoundSatisfied() const;
  // What the action comes to: `journaled`, unless the look ended it.
  ActionResult Outcome(ActionResult journaled) const;

 private:
  const std::function<std::optional<ActionResult>()> look_;
  std::optional<ActionResult> settled_;
};

// Digest of the tag now, or kAbsent; an error if that can't be told.
absl::StatusOr<std::string> TagNow(Registry& registry, const Reference& reference);

// Digest of the file's content now, or kAbsent.
absl::StatusOr<std::string> FileNow(const std::string& path);

// The manifest behind a digest and those below it, for the journal. Those below that aren't there
// are left out. ResourceExhausted where it is more than an image may consist of (image_limits.h).
absl::StatusOr<std::vector<ManifestBytes>> ManifestsOf(RegistryMemo& registry,
                                                       const Repository& repository,
                                                       const std::string& digest);

// Results as executors give them.
ActionResult Failed(const absl::Status& status);
ActionResult Drifted(const std::string& message);
ActionResult BlockedByDrift(const std::string& expected, const std::string& found);

}  // namespace imglife
