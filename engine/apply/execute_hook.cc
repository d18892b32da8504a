#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/apply/executors.h"
#include "engine/apply/hook_command.h"
#include "engine/diff/hooks.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

constexpr std::size_t kShownOutput = 400;

// An image that the hook runs over, and what for.
struct DueHook {
  HookSubject subject;
  std::vector<Hook> commands;
};

// The images that triggers of this run made: one that was already so has had its hook.
std::vector<DueHook> DueHooks(const Action& action, const ExecutionContext& context) {
  std::vector<DueHook> due;
  for (const std::string& trigger : action.hook.triggers) {
    const ActionResult result = context.result_of(trigger);
    const Action* made = context.action_at(trigger);
    if (made == nullptr || result.state != ResultState::kOk) continue;
    const Reference image = made->TargetReference();
    due.push_back(
        {.subject = {.image = image.ToString(),
                     .repository = image.repository.ToString(),
                     .tag = image.tag,
                     .digest = result.now,
                     .stage = action.stage == Stage::kSync ? "post_sync" : "post_image_build"},
         .commands = HooksOf(*context.config, action, *made)});
  }
  return due;
}

std::string LastOutput(const ProcessResult& result) {
  const std::string& output = result.err.empty() ? result.out : result.err;
  const std::size_t start = output.size() > kShownOutput ? output.size() - kShownOutput : 0;
  return output.substr(start);
}

// Empty if the hook went well.
std::string RunHook(const Hook& hook, const HookSubject& subject, const ExecutionContext& context) {
  ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", HookCommand(hook.cmd, subject)};
  spec.directory = context.config->directory;
  spec.environment = HookEnvironment(subject);
  spec.timeout = hook.timeout;
  const auto result = context.world->processes->Run(spec);
  const std::string where =
      fmt::format("{} for {}", PlaceText(*context.config, hook.rule), subject.image);
  if (!result.ok()) return fmt::format("{}: {}", where, std::string(result.status().message()));
  if (result->exit_code == 0) return "";
  const std::string said = LastOutput(*result);
  return fmt::format("{}: exit code {}{}", where, result->exit_code,
                     said.empty() ? ", and it said nothing" : ": " + said);
}

// The commands of a hook over one image after the other: each image was made only this once, so
// what fails for one is still run for the others.
class HookRun {
 public:
  explicit HookRun(const ExecutionContext& context) : context_(context) {}

  void Over(const DueHook& due) {
    for (const Hook& command : due.commands) {
      if (!context_.may_begin(ActionKind::kHook)) return missed_.push_back(due.subject.image);
      const std::string error = RunHook(command, due.subject, context_);
      if (error.empty()) continue;
      errors_.push_back(error);
      if (!command.continue_on_error) {
        failed_ = true;
        return;
      }
    }
  }

  ActionResult Outcome() const {
    ActionResult outcome{.state = ResultState::kOk};
    std::vector<std::string> messages = errors_;
    outcome.excused = !errors_.empty() && !failed_;
    if (failed_) outcome.state = ResultState::kFailed;
    if (!missed_.empty()) {
      outcome.state = ResultState::kInterrupted;
      outcome.excused = false;
      outcome.missed = true;
      messages.push_back(MissedHook(missed_));
    }
    outcome.message = fmt::format("{}", fmt::join(messages, "; "));
    return outcome;
  }

 private:
  const ExecutionContext& context_;
  std::vector<std::string> errors_;
  std::vector<std::string> missed_;
  bool failed_ = false;
};

}  // namespace

ActionResult ExecuteHook(const Action& action, const ExecutionContext& context) {
  const auto hooks = DueHooks(action, context);
  if (hooks.empty()) {
    return {.state = ResultState::kSatisfied, .message = "nothing was changed, so nothing is run"};
  }
  if (context.dry_run) return {.state = ResultState::kOk, .message = "would be run"};
  HookRun run(context);
  for (const DueHook& due : hooks) run.Over(due);
  return run.Outcome();
}

}  // namespace imglife
