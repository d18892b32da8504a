#include "engine/plan/hook_triggers.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

#include "engine/plan/graph.h"
#include "engine/plan/words.h"

namespace imglife {

void SetTriggers(std::vector<std::string> triggers, Action& hook) {
  std::sort(triggers.begin(), triggers.end());
  hook.reason = fmt::format("runs after {}", CountText(triggers.size(), "action"));
  if (!hook.remarks.empty()) hook.remarks.back() = hook.reason;
  hook.needs.clear();
  for (const std::string& trigger : triggers) {
    hook.needs.push_back({trigger, std::string(kTriggerReason)});
  }
  hook.hook.triggers = std::move(triggers);
}

}  // namespace imglife
