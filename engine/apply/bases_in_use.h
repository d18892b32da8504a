// What the images that came since the plan was made were built on: their bases stay, as the plan
// would have kept them.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/apply/executor.h"
#include "engine/plan/plan.h"

namespace imglife {

// Thread safety: any number of threads may call.
class BasesInUse {
 public:
  using Clock = std::chrono::steady_clock;

  // `now` dates what was read.
  BasesInUse(const Plan& plan, const ExecutionContext& context,
             std::function<Clock::time_point()> now = Clock::now)
      : plan_(plan), context_(context), now_(std::move(now)) {}

  // Asking before every deletion would make large cleanups endless: a look holds for kOldest, or
  // twice as long as it took where that is longer, kOldestOfLong at most; but for kOldest after it
  // has ended, however long it took.
  static constexpr std::chrono::seconds kOldest{30};
  static constexpr std::chrono::seconds kOldestOfLong{300};

  // Why what `deletion` takes away must stay; nothing if no image that came since needs it. Looks
  // when nothing of the run is copied or built any more, and again where the last look doesn't
  // hold any more: at the list of each repository that this configuration fills and of each orphan,
  // at what the tags name, and at the labels of those that are new, have moved since the plan or
  // were unreadable then. An error if one of them can't be read, or lists nothing where the plan
  // saw tags: then any tag may be the one that is needed.
  absl::StatusOr<std::optional<std::string>> WhyKept(const Action& deletion);

 private:
  using Reasons = std::map<std::string, std::string>;  // by the target of the deletion

  static Clock::duration HoldsFor(Clock::duration took);

  const Plan& plan_;
  const ExecutionContext& context_;
  const std::function<Clock::time_point()> now_;
  std::mutex mutex_;
  Clock::time_point looked_at_;
  Clock::duration took_{};
  std::optional<absl::StatusOr<Reasons>> kept_;
};

}  // namespace imglife
