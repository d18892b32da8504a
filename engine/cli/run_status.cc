#include <algorithm>
#include <string>

#include "fmt/format.h"

#include "engine/cli/commands.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/fail.h"
#include "engine/cli/load_config.h"
#include "engine/cli/planning.h"
#include "engine/cli/real_world.h"
#include "engine/cli/run_files.h"
#include "engine/diff/diff.h"
#include "engine/diff/unreadable.h"
#include "engine/report/apply_text.h"
#include "engine/report/status_report.h"
#include "providers/files.h"

namespace imglife {
namespace {

std::string Render(const StatusReport& report, const std::string& format) {
  if (format == "json") return StatusAsJson(report);
  if (format == "html") return StatusAsHtml(report);
  return StatusAsMarkdown(report);
}

bool NamesProducts(const Config& config) {
  const auto names_product = [](const auto& one) { return one.lifecycle.has_value(); };
  return (config.sync &&
          std::any_of(config.sync->entries.begin(), config.sync->entries.end(), names_product)) ||
         (config.build &&
          std::any_of(config.build->images.begin(), config.build->images.end(), names_product));
}

void WarnOfMissingEolData(const Config& config, const Observed& observed, Console& console) {
  if (observed.eol_file_content || !NamesProducts(config)) return;
  console.Log(LogLevel::kWarn,
              fmt::format("there is no {}, so the end of life of everything is unknown; `imglife "
                          "eol update` writes it",
                          config.lifecycle.eol_data_file_as_written));
}

int Deliver(const StatusReport& report, const Session& session, absl::Duration took) {
  const Options& options = session.options;
  const std::string text = Render(report, options.format);
  if (options.output.empty() || options.list || options.dry_run) {
    session.console.Print(text);
    return kExitOk;
  }
  std::string content = text;
  bool same = false;
  const auto existing = ReadFile(options.output);
  if (!existing.ok() && !absl::IsNotFound(existing.status()))
    return Fail(session, existing.status(), kExitError);
  const absl::Status marks =
      options.format == "markdown" ? CheckMarks(existing.value_or("")) : absl::OkStatus();
  if (!marks.ok()) {
    return Fail(session,
                absl::FailedPreconditionError(
                    fmt::format("{}: {}", options.output, std::string(marks.message()))),
                kExitError);
  }
  if (options.format == "markdown") content = PlaceBetweenMarks(existing.value_or(""), text);
  same = existing.ok() && *existing == content;
  if (!same) {
    const absl::Status written = WriteFileAtomically(options.output, content);
    if (!written.ok()) return Fail(session, written, kExitError);
  }
  session.console.Print(SummaryTree("Status Summary", took,
                                    {{"Images", fmt::format("{}", report.images.size())},
                                     {"Mirrors", fmt::format("{}", report.mirrors.size())},
                                     {"Products", fmt::format("{}", report.products.size())},
                                     {options.output, same ? "unchanged" : "written"}}));
  return kExitOk;
}

}  // namespace

int RunStatus(const Session& session) {
  const absl::Time started = absl::Now();
  const auto loaded =
      LoadPlannableConfig(session.options.common, session.environment, session.console);
  if (!loaded) return kExitError;
  const Config& config = loaded->config;
  const absl::Status files = CheckFiles(session.options, config);
  if (!files.ok()) return Fail(session, files, FilesExitCode(files));
  auto world = RealWorld::Create(config, session);
  if (!world.ok()) return Fail(session, world.status(), kExitError);
  const absl::Time now = (*world)->world().clock->PolicyNow();
  const Observation seen = LookWithHeartbeat(config, {Stage::kStatus}, (*world)->registry(),
                                             (*world)->world(), now, session.console);
  const StageDiff cleanup = DiffCleanup(config, seen.desired, seen.observed, now);
  const auto unreadable = Unreadable(seen, cleanup);
  for (const std::string& line : unreadable) session.console.Error(line);
  if (!unreadable.empty()) {
    return Fail(session, absl::UnavailableError("the report is not written: it would have holes"),
                kExitError);
  }
  WarnOfMissingEolData(config, seen.observed, session.console);
  return Deliver(MakeStatusReport(config, seen.desired, seen.observed, now, cleanup.actions),
                 session, absl::Now() - started);
}

}  // namespace imglife
