// Guard 2 (min_keep) as it stands now: whoever else deletes meanwhile counts.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/plan/plan.h"
#include "schema/config/config.h"
#include "schema/image/digest.h"

namespace imglife {

// Thread safety: any number of threads may call.
class MinKeep {
 public:
  // A plan whose own deletions leave less than min_keep of what it saw was let do so: there the
  // guard is lifted.
  MinKeep(const Plan& plan, const Config& config);

  // Why `deletion` would leave too few of `tags`, which are there now; nothing if it may go.
  std::optional<std::string> WhyNot(const Action& deletion,
                                    const std::map<std::string, Digest>& tags) const;

 private:
  const Config& config_;
  std::set<std::string> lifted_;  // by Repository::ToString()
};

}  // namespace imglife
