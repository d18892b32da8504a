// What people ask for, after the command line and the environment were read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "engine/plan/filter.h"
#include "engine/plan/guards.h"
#include "engine/report/plan_markdown.h"

namespace imglife {

enum class LogFormat { kText, kJson };
enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class ColorChoice { kAuto, kAlways, kNever };

// Every command has these.
struct CommonOptions {
  std::string config;
  LogFormat log_format = LogFormat::kText;
  LogLevel log_level = LogLevel::kInfo;
  ColorChoice color = ColorChoice::kAuto;
  int parallelism = 8;
  int copies_per_host_pair = 4;
  bool quiet = false;
};

enum class Command {
  kHelp,  // or wrong usage: everything was said already
  kValidate,
  kSchema,
  kVersion,
  kPlan,
  kShow,
  kApply,
  kSync,
  kBuild,
  kEolUpdate,
  kStatus,
  kCleanup,
};

// Where renderings of a plan go; empty: nowhere.
struct PlanOutputs {
  bool json = false;  // instead of text on stdout
  std::string markdown;
  std::size_t markdown_limit = kMarkdownLimit;
  std::string gitlab_report;
};

struct Options {
  Command command = Command::kHelp;
  CommonOptions common;

  bool json = false;           // validate, --list
  std::string schema_name;     // schema: config or plan
  std::string plan_file;       // show, apply
  std::string out;             // plan
  bool refresh_cache = false;  // plan
  PlanOutputs outputs;         // plan, show
  bool detailed_exitcode = false;
  absl::Duration expires = absl::Hours(24);
  PlanFilter filter;
  GuardOverrides overrides;
  bool auto_approve = false;
  int max_failures = 0;
  std::string journal;
  bool dry_run = false;
  bool list = false;
  std::vector<std::string> rebuild;  // build
  std::string output_dir;            // build
  std::string data_file;             // eol update
  bool commit = false;               // eol update
  bool push = false;                 // eol update
  std::string output;                // status
  std::string format = "markdown";   // status
};

}  // namespace imglife
