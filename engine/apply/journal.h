// The journal: what was there before each change, written before the change (plan-apply.md,
// "Journal").
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "engine/plan/action.h"
#include "providers/clock.h"
#include "schema/image/manifest.h"

namespace imglife {

// Thread safety: any number of threads may call.
class Journal {
 public:
  virtual ~Journal() = default;
  // On disk when it returns; an error means that the change must not be made. `manifests`: what a
  // delete or an overwrite takes away, children included.
  virtual absl::Status Intent(const Action& action, const std::string& before,
                              const std::vector<ManifestBytes>& manifests) = 0;
  virtual absl::Status Done(const Action& action, const std::string& now) = 0;
  virtual absl::Status Failed(const Action& action, const std::string& message) = 0;
};

// One JSON line for each call, appended to `path`.
std::unique_ptr<Journal> MakeFileJournal(std::string path, Clock& clock);

}  // namespace imglife
