#include "engine/cli/console.h"

#include <cstdio>

#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include <unistd.h>

#include "providers/system/system.h"
#include "schema/text/escape.h"
#include "schema/text/finding_as_json.h"

namespace imglife {
namespace {

bool TerminalTakesColor(const Environment& environment) {
  const std::string term = EnvironmentValue(environment, "TERM");
  return isatty(STDOUT_FILENO) != 0 && !term.empty() && term != "dumb";
}

// --color wins, then NO_COLOR, then CLICOLOR_FORCE, then the terminal (plan-apply.md, "Text form").
bool WantsColor(ColorChoice choice, const Environment& environment) {
  if (choice != ColorChoice::kAuto) return choice == ColorChoice::kAlways;
  if (!EnvironmentValue(environment, "NO_COLOR").empty()) return false;
  const auto force = environment.find("CLICOLOR_FORCE");
  if (force != environment.end() && force->second != "0") return true;
  return TerminalTakesColor(environment);
}

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "";
}

}  // namespace

std::string LogLineAsJson(LogLevel level, std::string_view message) {
  const nlohmann::ordered_json line = {{"level", std::string(LevelName(level))},
                                       {"message", std::string(message)}};
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Console::Console(const CommonOptions& options, const Environment& environment)
    : options_(options),
      color_(WantsColor(options.color, environment)),
      interactive_(isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0) {
  const std::string term = EnvironmentValue(environment, "TERM");
  live_ = isatty(STDERR_FILENO) != 0 && !term.empty() && term != "dumb" && !options.quiet &&
          options.log_format == LogFormat::kText;
}

void Console::Print(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (live_line_) std::fputs("\r\033[K", stderr);
  live_line_ = false;
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) print_failed_ = true;
}

void Console::Log(LogLevel level, std::string_view message) {
  if (level < options_.log_level) return;
  if (options_.log_format == LogFormat::kJson) return Write(LogLineAsJson(level, message));
  std::string text;
  if (level != LogLevel::kInfo) text = std::string(LevelName(level)) + ": ";
  for (std::size_t start = 0; start <= message.size();) {
    const std::size_t end = std::min(message.find('\n', start), message.size());
    if (start > 0) text += "\n  ";
    text += EscapeControl(message.substr(start, end - start));
    start = end + 1;
  }
  Write(text);
}

void Console::Report(const std::string& file, const std::string& source, const Findings& findings) {
  for (const Finding& finding : findings.Sorted()) {
    if (options_.log_format == LogFormat::kJson) {
      Write(FindingAsJsonLine(file, finding));
      continue;
    }
    std::string text = RenderFinding(file, source, finding);
    text.pop_back();  // its newline
    Write(text);
  }
  if (findings.Omitted() == 0) return;
  Error(fmt::format("{}: {} more {} not shown: mend these first", file, findings.Omitted(),
                    findings.Omitted() == 1 ? "finding is" : "findings are"));
}

void Console::Note(std::string_view message) {
  if (!options_.quiet) Log(LogLevel::kInfo, message);
}

void Console::Write(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (live_line_) std::fputs("\r\033[K", stderr);
  live_line_ = false;
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fputc('\n', stderr);
}

void Console::Live(std::string_view line) {
  if (!live_) return;
  const std::lock_guard lock(mutex_);
  std::fputs("\r\033[K", stderr);
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
  live_line_ = !line.empty();
}

}  // namespace imglife
