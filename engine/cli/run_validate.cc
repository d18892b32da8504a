#include "fmt/format.h"

#include "engine/cli/commands.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/load_config.h"
#include "engine/cli/version.h"
#include "engine/plan/plan_file.h"
#include "engine/plan/words.h"
#include "providers/files.h"
#include "schema/text/diagnostics.h"

namespace imglife {
namespace {

int ValidateAsJson(const Session& session) {
  const std::string path = ConfigPath(session.options.common);
  const auto content = ReadFile(path);
  if (!content.ok()) {
    session.console.Error(std::string(content.status().message()));
    return kExitError;
  }
  Findings findings;
  ReadConfig(path, *content, session.environment, findings);
  session.console.Print(FindingsAsJson(path, findings));
  return findings.HasErrors() ? kExitError : kExitOk;
}

}  // namespace

int RunValidate(const Session& session) {
  if (session.options.json) return ValidateAsJson(session);
  const auto config = LoadConfig(session.options.common, session.environment, session.console);
  if (!config) return kExitError;
  const std::size_t entries = config->sync ? config->sync->entries.size() : 0;
  const std::size_t images = config->build ? config->build->images.size() : 0;
  session.console.Note(fmt::format("{} is valid: {} sync {}, {}.", config->file, entries,
                                   entries == 1 ? "entry" : "entries", CountText(images, "image")));
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
