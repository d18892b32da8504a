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

struct CopiesOfEntry {
  std::vector<std::string> triggers;
  bool with_section = false;  // some of them have the hooks of the section run
};

// For the entry that makes the copy, and for all others that select the tag and have hooks.
void EnterCopy(const Config& config, const Desired& desired, const Action& copy,
               std::map<std::size_t, CopiesOfEntry>& copies) {
  CopiesOfEntry& own = copies[copy.copy.entry];
  own.triggers.push_back(copy.Address());
  own.with_section = true;
  const Reference target = copy.TargetReference();
  const auto mirror = desired.mirrors.find(target.repository);
  if (mirror == desired.mirrors.end()) return;
  const auto wanted = mirror->second.find(target.tag);
  if (wanted == mirror->second.end()) return;
  for (const std::size_t other : wanted->second.entries) {
    if (other == copy.copy.entry || config.sync->entries[other].post_sync.empty()) continue;
    copies[other].triggers.push_back(copy.Address());
  }
}

}  // namespace

std::vector<Action> PlanHooks(const Config& config, const Desired& desired,
                              const std::vector<Action>& actions) {
  std::map<std::size_t, CopiesOfEntry> copies;
  std::map<std::size_t, std::vector<std::string>> builds;
  for (const Action& action : actions) {
    if (action.kind == ActionKind::kCopy) EnterCopy(config, desired, action, copies);
    if (action.kind == ActionKind::kBuild) builds[action.build.image].push_back(action.Address());
  }
  std::vector<Action> hooks;
  for (const auto& [index, of_entry] : copies) {
    const SyncEntry& entry = config.sync->entries[index];
    const std::size_t commands =
        entry.post_sync.size() + (of_entry.with_section ? config.sync->post_sync.size() : 0);
    if (commands == 0) continue;
    hooks.push_back(HookAction(Stage::kSync, "post_sync " + EntryName(config, index), entry.rule,
                               index, of_entry.triggers, commands));
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

std::vector<Hook> HooksOf(const Config& config, const Action& hook, const Action& made) {
  if (hook.stage == Stage::kSync) {
    const std::vector<Hook>& own = config.sync->entries[hook.hook.index].post_sync;
    return made.copy.entry == hook.hook.index ? Joined(config.sync->post_sync, own) : own;
  }
  return Joined(config.build->post_image_build,
                config.build->images[hook.hook.index].post_image_build);
}

}  // namespace imglife
