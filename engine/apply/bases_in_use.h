// What the images that came since the plan was made were built on: their bases stay, as the plan
// would have kept them.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/apply/executor.h"
#include "engine/plan/plan.h"

namespace imglife {

// Thread safety: any number of threads may call.
class BasesInUse {
 public:
  BasesInUse(const Plan& plan, const ExecutionContext& context) : plan_(plan), context_(context) {}

  // Why what `deletion` takes away must stay; nothing if no image that came since needs it. The
  // first call looks, once for all deletions of a run: at the list of each repository of built
  // images, at what its tags name, and at the labels of those that are new or have moved since the
  // plan. An error if one of them can't be read: then any tag may be the one that is needed.
  absl::StatusOr<std::optional<std::string>> WhyKept(const Action& deletion);

 private:
  using Reasons = std::map<std::string, std::string>;  // by the target of the deletion

  const Plan& plan_;
  const ExecutionContext& context_;
  std::mutex mutex_;
  std::optional<absl::StatusOr<Reasons>> kept_;
};

}  // namespace imglife
