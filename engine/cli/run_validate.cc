#include "fmt/format.h"

#include "engine/cli/commands.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/fail.h"
#include "engine/cli/load_config.h"
#include "engine/cli/run_files.h"
#include "engine/cli/version.h"
#include "engine/plan/plan_file.h"
#include "engine/plan/words.h"
#include "schema/text/diagnostics.h"

namespace imglife {
namespace {

int TellUnreadable(const Session& session, const absl::Status& why) {
  if (!session.options.json) return Fail(session, why, kExitError);
  Findings findings;
  findings.Add({.code = "unreadable", .message = std::string(why.message())});
  session.console.Print(FindingsAsJson(ConfigPath(session.options.common), findings));
  return kExitError;
}

// Two files of the configuration that are one, or that change an image with each run, as no other
// command would go on with them.
void AddFileConflict(const Config& config, const Options& options, Findings& findings) {
  const std::vector<HeldOutput> held = OutputsInContexts(options, config);
  for (const auto& [rule, message] : held) {
    findings.Add(
        {.code = "output-in-context", .at = rule.at, .path = rule.path, .message = message});
  }
  if (!held.empty()) return;
  const absl::Status files = CheckFiles(options, config);
  // What the command line or the shell names is no matter of the configuration.
  if (!absl::IsFailedPrecondition(files)) return;
  const std::string message(files.message());
  const bool is_status = message.find("the status file ") != std::string::npos;
  const ConfigRule& rule = is_status ? config.status.rule : config.lifecycle.rule;
  findings.Add({.code = "one-file", .at = rule.at, .path = rule.path, .message = message});
}

}  // namespace

int RunValidate(const Session& session) {
  auto checked = CheckConfig(session.options.common, session.environment);
  if (!checked.ok()) return TellUnreadable(session, checked.status());
  if (checked->config) AddFileConflict(*checked->config, session.options, checked->findings);
  if (session.options.json) {
    session.console.Print(FindingsAsJson(checked->path, checked->findings));
  } else {
    session.console.Report(checked->path, checked->content, checked->findings);
  }
  if (checked->findings.HasErrors()) return kExitError;
  const Config& config = *checked->config;
  const std::size_t entries = config.sync ? config.sync->entries.size() : 0;
  const std::size_t images = config.build ? config.build->images.size() : 0;
  if (!session.options.json) {
    session.console.Note(fmt::format("{} is valid: {} sync {}, {}.", config.file, entries,
                                     entries == 1 ? "entry" : "entries",
                                     CountText(images, "image")));
  }
  return kExitOk;
}

int RunSchema(const Session& session) {
  session.console.Print(session.options.schema_name == "plan" ? PlanJsonSchema()
                                                              : ConfigJsonSchema());
  return kExitOk;
}

int RunVersion(const Session& session) {
  session.console.Print(fmt::format("imglife {}\n", kVersion));
  return kExitOk;
}

}  // namespace imglife
