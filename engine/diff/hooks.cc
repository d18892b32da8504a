#include "engine/diff/hooks.h"

#include <algorithm>
#include <map>
#include <string>

#include "fmt/format.h"

#include "engine/plan/hook_triggers.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

std::vector<Hook> Joined(const std::vector<Hook>& section, const std::vector<Hook>& own) {
  std::vector<Hook> hooks = section;
  hooks.insert(hooks.end(), own.begin(), own.end());
  return hooks;
}

// The entry's target; with its place in the file where several entries share it.
std::string EntryName(const Config& config, std::size_t index) {
  const auto& entries = config.sync->entries;
  const std::string name = entries[index].target.ToString();
  const auto sharing = std::count_if(entries.begin(), entries.end(), [&](const SyncEntry& entry) {
    return entry.target == entries[index].target;
  });
  return sharing == 1 ? name : fmt::format("{} ({})", name, entries[index].rule.path);
}

Action HookAction(Stage stage, std::string target, const ConfigRule& rule, std::size_t index,
                  std::vector<std::string> triggers, std::size_t commands) {
  Action action;
  action.kind = ActionKind::kHook;
  action.stage = stage;
  action.operation = Operation::kRun;
  action.target = std::move(target);
  action.rule = rule;
  action.before = kAbsent;
  action.remarks = {CountText(commands, "command"), ""};
  action.hook.index = index;
  SetTriggers(std::move(triggers), action);
  return action;
}

}  // namespace

std::vector<Action> PlanHooks(const Config& config, const std::vector<Action>& actions) {
  std::map<std::size_t, std::vector<std::string>> copies;
  std::map<std::size_t, std::vector<std::string>> builds;
  for (const Action& action : actions) {
    if (action.kind == ActionKind::kCopy) copies[action.copy.entry].push_back(action.Address());
    if (action.kind == ActionKind::kBuild) builds[action.build.image].push_back(action.Address());
  }
  std::vector<Action> hooks;
  for (const auto& [index, triggers] : copies) {
    const SyncEntry& entry = config.sync->entries[index];
    const auto commands = Joined(config.sync->post_sync, entry.post_sync);
    if (commands.empty()) continue;
    hooks.push_back(HookAction(Stage::kSync, "post_sync " + EntryName(config, index), entry.rule,
                               index, triggers, commands.size()));
  }
  for (const auto& [index, triggers] : builds) {
    const BuildImage& image = config.build->images[index];
    const auto commands = Joined(config.build->post_image_build, image.post_image_build);
    if (commands.empty()) continue;
    hooks.push_back(HookAction(Stage::kBuild, "post_image_build " + image.name, image.rule, index,
                               triggers, commands.size()));
  }
  return hooks;
}

std::vector<Hook> HooksOf(const Config& config, const Action& action) {
  if (action.stage == Stage::kSync) {
    return Joined(config.sync->post_sync, config.sync->entries[action.hook.index].post_sync);
  }
  return Joined(config.build->post_image_build,
                config.build->images[action.hook.index].post_image_build);
}

}  // namespace imglife
