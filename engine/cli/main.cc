#include <string>

#include "engine/cli/check_variables.h"
#include "engine/cli/command_line.h"
#include "engine/cli/commands.h"
#include "engine/cli/console.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/signals.h"
#include "engine/cli/standard_streams.h"
#include "providers/system/system.h"

namespace imglife {
namespace {

int Run(const Session& session) {
  switch (session.options.command) {
    case Command::kHelp:
      return kExitOk;
    case Command::kValidate:
      return RunValidate(session);
    case Command::kSchema:
      return RunSchema(session);
    case Command::kVersion:
      return RunVersion(session);
    case Command::kPlan:
      return RunPlan(session);
    case Command::kShow:
      return RunShow(session);
    case Command::kApply:
      return RunApply(session);
    case Command::kSync:
    case Command::kBuild:
    case Command::kEolUpdate:
    case Command::kCleanup:
      return RunStage(session);
    case Command::kStatus:
      return RunStatus(session);
  }
  return kExitError;
}

}  // namespace
}  // namespace imglife

int main(int argc, char** argv) {
  imglife::OpenStandardStreams();
  const imglife::ParsedCommandLine parsed = imglife::ParseCommandLine(argc, argv);
  if (parsed.options.command == imglife::Command::kHelp) return parsed.exit_code;
  const imglife::Environment environment = imglife::ReadEnvironment();
  imglife::Console console(parsed.options.common, environment);
  if (const absl::Status good = imglife::CheckVariables(environment); !good.ok()) {
    console.Error(std::string(good.message()));
    return imglife::kExitUsage;
  }
  imglife::Signals signals;
  const int exit_code = imglife::Run({parsed.options, environment, console, signals});
  if (!console.print_failed()) return exit_code;
  console.Error(imglife::kPrintFailed);
  return imglife::kExitError;
}
