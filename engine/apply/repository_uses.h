// Who uses what in a repository, read from the registry just before something there is deleted:
// guard 1 as it stands now, not as it stood when the plan was made.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/status.h"

#include "engine/observe/registry_memo.h"
#include "engine/observe/repository_use.h"
#include "schema/image/reference.h"

namespace imglife {

// One at a time for each repository: deletions there look and act alone.
//
// Thread safety: any number of threads may call.
class RepositoryUses {
 public:
  using Clock = std::chrono::steady_clock;

  // `now` dates what was read.
  explicit RepositoryUses(RegistryMemo& registry,
                          std::function<Clock::time_point()> now = Clock::now)
      : registry_(registry), now_(std::move(now)) {}

  // Calls `work` with the repository as it is while no other call for it runs: its tags, and
  // what else it holds, as they are now; what each of them names was asked within kHoldsAtMost
  // before this call, or during it: a reading that takes longer than that (some thousand tags) is
  // as old as it took. What `work` removes from the use stays removed. A tag that is listed and has
  // no manifest is an error, unless the next list lacks it. After an error, `work`'s own too, the
  // next call reads everything anew.
  absl::Status With(const Repository& repository,
                    const std::function<absl::Status(RepositoryUse&)>& work);

  // Asking every tag before every deletion would make cleanups of large repositories long: a
  // reading holds for twice as long as it took, within these limits. One that took longer than the
  // second of them is old when it ends, and the next deletion asks again.
  static constexpr std::chrono::seconds kHoldsAtLeast{1};
  static constexpr std::chrono::seconds kHoldsAtMost{5};

 private:
  struct Slot {
    std::mutex mutex;
    std::unique_ptr<RepositoryUse> use;
    Clock::time_point read_at;  // when its tags were begun to be asked
    Clock::duration took{};
  };

  absl::Status Read(const Repository& repository, Slot& slot);
  absl::Status LookAgain(const Repository& repository, Slot& slot);

  Slot& SlotOf(const Repository& repository);

  RegistryMemo& registry_;
  const std::function<Clock::time_point()> now_;
  std::mutex mutex_;
  std::map<Repository, Slot> slots_;
};

}  // namespace imglife
