#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/apply/executors.h"
#include "engine/apply/hook_command.h"
#include "engine/diff/hooks.h"
#include "engine/plan/plan.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

constexpr std::size_t kShownOutput = 400;

// The images that triggers of this run made: one that was already so has had its hook.
std::vector<HookSubject> Subjects(const Action& action, const ExecutionContext& context) {
  std::vector<HookSubject> subjects;
  for (const std::string& trigger : action.hook.triggers) {
    const ActionResult result = context.result_of(trigger);
    const Action* made = FindAction(*context.plan, trigger);
    if (made == nullptr || result.state != ResultState::kOk) continue;
    const Reference image = made->TargetReference();
    subjects.push_back({.image = image.ToString(),
                        .repository = image.repository.ToString(),
                        .tag = image.tag,
                        .digest = result.now,
                        .stage = action.stage == Stage::kSync ? "post_sync" : "post_image_build"});
  }
  return subjects;
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
  return fmt::format("{}: exit code {}: {}", where, result->exit_code, LastOutput(*result));
}

// The commands of a hook over one image after the other: each image was made only this once, so
// what fails for one is still run for the others.
class HookRun {
 public:
  HookRun(std::vector<Hook> commands, const ExecutionContext& context)
      : commands_(std::move(commands)), context_(context) {}

  void Over(const HookSubject& subject) {
    for (const Hook& command : commands_) {
      if (!context_.may_begin(ActionKind::kHook)) return missed_.push_back(subject.image);
      const std::string error = RunHook(command, subject, context_);
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
  const std::vector<Hook> commands_;
  const ExecutionContext& context_;
  std::vector<std::string> errors_;
  std::vector<std::string> missed_;
  bool failed_ = false;
};

}  // namespace

ActionResult ExecuteHook(const Action& action, const ExecutionContext& context) {
  const auto subjects = Subjects(action, context);
  if (subjects.empty()) {
    return {.state = ResultState::kSatisfied, .message = "nothing was changed, so nothing is run"};
  }
  if (context.dry_run) return {.state = ResultState::kOk, .message = "would be run"};
  HookRun run(HooksOf(*context.config, action), context);
  for (const HookSubject& subject : subjects) run.Over(subject);
  return run.Outcome();
}

}  // namespace imglife
