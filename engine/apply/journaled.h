// Every change is announced in the journal before it is made, and its end after.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/apply/copy_referrers.h"
#include "engine/apply/executor.h"

namespace imglife {

// Writes the intent, calls `change`, and writes what came of it. `change` returns what the target
// is now; an error of the journal itself means that nothing was changed.
ActionResult Journaled(const Action& action, const ExecutionContext& context,
                       const std::string& before, const std::vector<ManifestBytes>& manifests,
                       const std::function<absl::StatusOr<std::string>()>& change);

// The tag of a signature that `action` overwrites is a change of its own in the journal, of the
// action's kind and with what the tag named. Both outlive the result.
OverwriteTag JournaledOverwrites(const Action& action, const ExecutionContext& context);

}  // namespace imglife
