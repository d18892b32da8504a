#include "engine/cli/command_line.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include <CLI/CLI.hpp>

#include "engine/cli/console.h"
#include "engine/cli/exit_code.h"
#include "schema/text/escape.h"
#include "schema/text/suggest.h"

namespace imglife {
namespace {

// The counts that stand for what doesn't fit need some room; GitLab takes 1,000,000.
constexpr std::int64_t kLeastMarkdown = 1'000;
constexpr std::int64_t kMostMarkdown = 100'000'000;
constexpr int kMostFailures = 1'000'000;
constexpr int kMostParallel = 256;

const std::map<std::string, LogFormat> kLogFormats = {{"text", LogFormat::kText},
                                                      {"json", LogFormat::kJson}};
const std::map<std::string, LogLevel> kLogLevels = {{"debug", LogLevel::kDebug},
                                                    {"info", LogLevel::kInfo},
                                                    {"warn", LogLevel::kWarn},
                                                    {"error", LogLevel::kError}};
const std::map<std::string, ColorChoice> kColors = {
    {"auto", ColorChoice::kAuto}, {"always", ColorChoice::kAlways}, {"never", ColorChoice::kNever}};

std::string NoneOf(const std::string& text, const std::vector<std::string>& names) {
  return fmt::format("{} is none of {}", text, fmt::join(names, ", "));
}

CLI::Validator OneOf(const std::vector<std::string>& names) {
  return CLI::Validator(
      [names](const std::string& text) {
        const bool known = std::find(names.begin(), names.end(), text) != names.end();
        return known ? "" : NoneOf(text, names);
      },
      "");
}

template <typename Value>
std::vector<std::string> NamesOf(const std::map<std::string, Value>& values) {
  std::vector<std::string> names;
  for (const auto& [name, value] : values) names.push_back(name);
  return names;
}

CLI::Validator NumberWithin(std::int64_t least, std::int64_t most) {
  return CLI::Validator(
      [least, most](const std::string& text) {
        std::int64_t number = 0;
        const char* end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, number);
        const bool fits =
            read.ec == std::errc() && read.ptr == end && least <= number && number <= most;
        return fits ? "" : fmt::format("{} is no number from {} to {}", text, least, most);
      },
      "");
}

// One of the names, and no number in its place (as CLI::CheckedTransformer would take).
template <typename Value>
CLI::Validator OneOf(const std::map<std::string, Value>& values) {
  const auto choose = [values](std::string& text) {
    const auto chosen = values.find(text);
    if (chosen == values.end()) {
      return NoneOf(text, NamesOf(values));
    }
    text = std::to_string(static_cast<int>(chosen->second));
    return std::string();
  };
  return CLI::Validator(choose, "");
}

constexpr char kCommands[] = "Commands";
constexpr char kOthers[] = "The options of every command are those of `imglife --help`.";

// Nobody means an empty value: it is a shell variable that isn't set.
constexpr char kEmpty[] = "the value is empty; is a shell variable unset?";

CLI::Validator NotEmpty() {
  return CLI::Validator([](std::string& text) { return text.empty() ? kEmpty : ""; }, "");
}

// To other programs it is a standard stream: here it would be a file of that name.
CLI::Validator NoDash() {
  return CLI::Validator(
      [](std::string& text) {
        return text == "-" ? "- is no file, and standard output has the result already; ./- is a "
                             "file of that name"
                           : "";
      },
      "");
}

// CLI11 takes `--out= next` for `--out next`.
std::string OptionWithoutValue(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--") break;
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
      return std::string(argument.substr(0, argument.size() - 1));
    }
  }
  return "";
}

// What the line asks for, also where it can't be understood: no more than a search for the words.
bool AsksForJson(int argc, const char* const* argv) {
  const char* variable = std::getenv("IMGLIFE_LOG_FORMAT");
  std::string_view format = variable == nullptr ? "" : variable;
  constexpr std::string_view kOption = "--log-format";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == kOption && i + 1 < argc) format = argv[i + 1];
    if (argument.starts_with("--log-format=")) format = argument.substr(kOption.size() + 1);
  }
  return format == "json";
}

class Parser {
 public:
  Parser(Options& options, bool errors_as_json)
      : options_(options), errors_as_json_(errors_as_json) {
    app_.require_subcommand(0, 1);
    app_.fallthrough();
    app_.set_help_all_flag();
    app_.get_formatter()->label("SUBCOMMAND", "COMMAND");
    AddCommon();
    app_.add_flag("--check", check_, "The same as `imglife validate`; takes no command");
    app_.add_flag("--version", version_, "The same as `imglife version`; takes no command");
    AddReadingCommands();
    AddPlan();
    AddApply();
    AddStages();
  }

  ParsedCommandLine Run(int argc, const char* const* argv) {
    const std::string without_value = OptionWithoutValue(argc, argv);
    if (!without_value.empty()) return Refuse(fmt::format("{}: {}", without_value, kEmpty));
    try {
      app_.parse(argc, argv);
      return Finish();
    } catch (const CLI::CallForHelp& help) {
      // CLI11 looks for what it doesn't know only where nobody asks for help.
      const std::vector<std::string> unknown = app_.remaining(true);
      if (!unknown.empty()) return Refuse(Unexpected(unknown));
      return {.options = {}, .exit_code = PrintHelp()};
    } catch (const CLI::ExtrasError&) {
      return Refuse(Unexpected(app_.remaining(true)));
    } catch (const CLI::ParseError& error) {
      return Refuse(NamingTheVariable(error.what(), argc, argv));
    }
  }

 private:
  // CLI11 names the option also where its value is an environment variable's.
  std::string NamingTheVariable(const std::string& what, int argc, const char* const* argv) const {
    for (const CLI::Option* option : app_.get_options()) {
      const std::string name = option->get_name();
      if (option->get_envname().empty() || !what.starts_with(name + ":")) continue;
      const bool is_written = std::any_of(argv + 1, argv + argc, [&](std::string_view argument) {
        return argument == name || argument.starts_with(name + "=");
      });
      if (!is_written) return option->get_envname() + what.substr(name.size());
    }
    return what;
  }

  ParsedCommandLine Refuse(const std::string& what) const {
    if (errors_as_json_) {
      std::cerr << LogLineAsJson(LogLevel::kError, what) << "\n";
    } else {
      std::cerr << "imglife: " << EscapeControl(what) << "\n\n" << app_.help();
    }
    return {.options = {}, .exit_code = kExitUsage};
  }

  // The innermost command that was named.
  const CLI::App* Named() const {
    const CLI::App* named = &app_;
    while (!named->get_subcommands().empty()) named = named->get_subcommands().front();
    return named;
  }

  static std::string NameOf(const CLI::App* app) {
    const CLI::App* parent = app->get_parent();
    return parent == nullptr ? app->get_name() : NameOf(parent) + " " + app->get_name();
  }

  std::string Unexpected(const std::vector<std::string>& arguments) const {
    const CLI::App* app = Named();
    const auto option =
        std::find_if(arguments.begin(), arguments.end(),
                     [](const std::string& argument) { return argument.starts_with("-"); });
    std::vector<std::string> known;
    if (option != arguments.end()) {
      for (const CLI::App* at = app; at != nullptr; at = at->get_parent()) {
        for (const CLI::Option* one : at->get_options()) known.push_back(one->get_name());
      }
      return fmt::format("`{}` has no option {}{}", NameOf(app), *option, Meant(*option, known));
    }
    const std::string& word = arguments.front();
    for (const CLI::App* one : app->get_subcommands({})) known.push_back(one->get_name());
    if (known.empty()) return fmt::format("{} is one argument too many", word);
    return fmt::format("{} is no command of `{}`{}", word, NameOf(app), Meant(word, known));
  }

  static std::string Meant(const std::string& word, const std::vector<std::string>& known) {
    const auto nearest = NearestWord(word, known);
    return nearest ? fmt::format("; did you mean {}?", *nearest) : "";
  }

  int PrintHelp() const {
    std::cout << app_.help() << std::flush;
    if (std::cout) return kExitOk;
    std::cerr << "imglife: " << kPrintFailed << "\n";
    return kExitError;
  }

  ParsedCommandLine Finish() {
    const std::string no_companion = FlagWithCompanion();
    if (!no_companion.empty()) return Refuse(no_companion);
    if (check_) options_.command = Command::kValidate;
    if (version_) options_.command = Command::kVersion;
    if (options_.command == Command::kHelp) {
      return Refuse(eol_ ? "eol needs a command: update" : "name a command");
    }
    options_.common.quiet = quiet_;
    if (fail_fast_) options_.max_failures = 1;
    // CLI11 checks nothing of an option that may stand alone.
    for (const std::string& pattern : options_.rebuild) {
      if (pattern.empty()) return Refuse(fmt::format("--rebuild: {}", kEmpty));
    }
    for (const std::string& text : allow_deletes_) {
      auto allowed = ParseAllowDeletes(text);
      if (!allowed.ok()) return Refuse(std::string(allowed.status().message()));
      const std::string repository = allowed->first;
      if (!options_.overrides.allow_deletes.insert(*std::move(allowed)).second) {
        return Refuse(fmt::format("--allow-deletes names {} twice", repository));
      }
    }
    if (!absl::ParseDuration(expires_, &options_.expires) ||
        options_.expires <= absl::ZeroDuration()) {
      return Refuse(fmt::format("--expires {} is no duration; write 30m, 24h, …", expires_));
    }
    const std::string contradiction = Contradiction();
    if (!contradiction.empty()) return Refuse(contradiction);
    return {.options = options_, .exit_code = kExitOk};
  }

  // --check and --version are commands in the form of flags: whoever writes one beside a command
  // may expect that the command changes nothing, and it would. Empty if there is no such thing.
  std::string FlagWithCompanion() const {
    if (check_ && version_) return "--check and --version exclude each other";
    if (!check_ && !version_) return "";
    const CLI::App* named = Named();
    if (named == &app_) return "";
    const char* flag = check_ ? "--check" : "--version";
    return fmt::format("{0} takes no command: write `{1}`, or `imglife {2}` for what {0} does",
                       flag, NameOf(named), check_ ? "validate" : "version");
  }

  // What can't be meant; empty if there is nothing.
  std::string Contradiction() const {
    const bool is_stage = options_.command != Command::kValidate;
    if (options_.json && is_stage && !options_.list) return "--json needs --list";
    return "";
  }

  // An option, or an argument, that names something: a file, a directory, a pattern.
  template <typename Name>
  static CLI::Option* AddNamed(CLI::App& app, const std::string& option, Name& name,
                               const std::string& value, const std::string& description) {
    return app.add_option(option, name, description)->check(NotEmpty())->type_name(value);
  }

  // One that names a file, or a directory, to be written.
  static CLI::Option* AddWritten(CLI::App& app, const std::string& option, std::string& name,
                                 const std::string& value, const std::string& description) {
    return AddNamed(app, option, name, value, description)->check(NoDash());
  }

  void AddCommon() {
    CommonOptions& common = options_.common;
    AddNamed(app_, "--config", common.config, "FILE", "The configuration (./imglife.yaml)")
        ->envname("IMGLIFE_CONFIG");
    app_.add_option("--log-format", common.log_format, "text or json")
        ->envname("IMGLIFE_LOG_FORMAT")
        ->transform(OneOf(kLogFormats))
        ->type_name("FORMAT");
    app_.add_option("--log-level", common.log_level, "debug, info, warn or error")
        ->envname("IMGLIFE_LOG_LEVEL")
        ->transform(OneOf(kLogLevels))
        ->type_name("LEVEL");
    app_.add_option("--color", common.color, "auto, always or never")
        ->transform(OneOf(kColors))
        ->type_name("WHEN");
    app_.add_option("--parallelism", common.parallelism,
                    fmt::format("Actions at once, at most {} (8)", kMostParallel))
        ->envname("IMGLIFE_PARALLELISM")
        ->check(NumberWithin(1, kMostParallel))
        ->type_name("N");
    app_.add_option(
            "--sync-parallelism", common.copies_per_host_pair,
            fmt::format("Copies at once between two registries, at most {} (4)", kMostParallel))
        ->envname("IMGLIFE_SYNC_PARALLELISM")
        ->check(NumberWithin(1, kMostParallel))
        ->type_name("N");
    app_.add_flag("--quiet", quiet_, "No progress, no notes");
  }

  CLI::App* Add(CLI::App& parent, const std::string& name, const std::string& description,
                Command command) {
    CLI::App* app = parent.add_subcommand(name, description);
    app->fallthrough();
    app->group(kCommands);
    app->footer(kOthers);
    app->callback([this, command] { options_.command = command; });
    return app;
  }

  void AddReadingCommands() {
    CLI::App* validate =
        Add(app_, "validate", "Read and check imglife.yaml; contact nothing", Command::kValidate);
    validate->add_flag("--json", options_.json, "Findings as JSON");
    CLI::App* schema = Add(app_, "schema", "Print a JSON Schema", Command::kSchema);
    schema->add_option("NAME", options_.schema_name, "config or plan")
        ->required()
        ->check(OneOf({"config", "plan"}))
        ->type_name("");
    Add(app_, "version", "Print the version", Command::kVersion);
    CLI::App* show = Add(app_, "show", "Render a saved plan", Command::kShow);
    AddNamed(*show, "FILE", options_.plan_file, "", "A plan written by `imglife plan --out`")
        ->required();
    show->add_flag("--json", options_.outputs.json, "Print the plan as JSON");
    AddMarkdown(show);
  }

  void AddMarkdown(CLI::App* app) {
    CLI::Option* markdown = AddWritten(*app, "--markdown", options_.outputs.markdown, "FILE",
                                       "Write the plan as Markdown to this file");
    app->add_option("--markdown-limit", options_.outputs.markdown_limit,
                    "At most so many characters of Markdown (1000000)")
        ->check(NumberWithin(kLeastMarkdown, kMostMarkdown))
        ->type_name("N")
        ->needs(markdown);
  }

  void AddFilter(CLI::App* app) {
    AddNamed(*app, "--only", options_.filter.only, "PATTERN",
             "Plan only what matches, and what that needs: a kind, a stage, an address or a glob")
        ->take_all()
        ->allow_extra_args(false);
    AddNamed(*app, "--exclude", options_.filter.exclude, "PATTERN",
             "Leave out what matches, and what depends on it")
        ->take_all()
        ->allow_extra_args(false);
  }

  void AddOverrides(CLI::App* app) {
    app->add_flag("--force", options_.overrides.force, "Lift the guards that can be lifted");
    app->add_option(
           "--allow-deletes", allow_deletes_,
           "Lift min_keep, max_deletes and max_delete_percent there for at most N deletions")
        ->take_all()
        ->type_name("REPOSITORY=N")
        ->allow_extra_args(false);
  }

  void AddPlan() {
    CLI::App* plan = Add(app_, "plan", "Show what apply would change", Command::kPlan);
    AddWritten(*plan, "--out", options_.out, "FILE", "Write the plan for `imglife apply FILE`");
    plan->add_flag("--json", options_.outputs.json, "Print the plan as JSON");
    AddMarkdown(plan);
    AddWritten(*plan, "--gitlab-report", options_.outputs.gitlab_report, "FILE",
               "Write GitLab's report (artifacts:reports:terraform)");
    plan->add_flag("--detailed-exitcode", options_.detailed_exitcode,
                   "Exit with 2 if changes are pending, 3 if all of them are blocked");
    plan->add_flag("--refresh-cache", options_.refresh_cache,
                   "Read everything from the registries, and write the cache anew");
    plan->add_option("--expires", expires_, "How long the plan may be applied (24h)")
        ->type_name("DURATION");
    AddFilter(plan);
    AddOverrides(plan);
  }

  void AddApply() {
    CLI::App* apply = Add(app_, "apply", "Make the changes of a plan", Command::kApply);
    AddNamed(*apply, "FILE", options_.plan_file, "",
             "A saved plan; without it a fresh one is made");
    apply->add_flag("--auto-approve", options_.auto_approve,
                    "Ask nothing; deletions count as reviewed");
    AddFilter(apply);
    AddOverrides(apply);
    AddRunning(apply);
    apply->add_flag("--dry-run", options_.dry_run, "Everything but the changes");
  }

  void AddRunning(CLI::App* app) {
    CLI::Option* fail_fast =
        app->add_flag("--fail-fast", fail_fast_, "Start nothing after the first failure");
    app->add_option("--max-failures", options_.max_failures, "Start nothing after so many failures")
        ->check(NumberWithin(1, kMostFailures))
        ->type_name("N")
        ->excludes(fail_fast);
    AddWritten(*app, "--journal", options_.journal, "FILE",
               "The journal (.imglife/journal.ndjson beside the configuration)");
  }

  void AddStage(CLI::App* app) {
    app->add_flag("--list", options_.list, "Print what would change; change nothing");
    app->add_flag("--json", options_.json, "With --list: print it as JSON");
    app->add_flag("--dry-run", options_.dry_run, "Everything but the changes");
    AddFilter(app);
    AddRunning(app);
  }

  void AddStages() {
    AddStage(Add(app_, "sync", "Copy selected upstream tags to their mirrors", Command::kSync));
    CLI::App* build = Add(app_, "build", "Build base images whose inputs changed", Command::kBuild);
    AddStage(build);
    build
        ->add_option("--rebuild", options_.rebuild,
                     "Build images though nothing changed: those of this name or glob, or all")
        ->type_name("[PATTERN]")
        ->expected(0, 1)
        ->default_str("*");
    AddWritten(*build, "--output-dir", options_.output_dir, "DIR",
               "Build nothing; write Dockerfile, context and build.json of each image there");
    eol_command_ = app_.add_subcommand("eol", "End-of-life data");
    eol_command_->fallthrough();
    eol_command_->group(kCommands);
    eol_command_->require_subcommand(0, 1);
    eol_command_->callback([this] { eol_ = true; });
    CLI::App* update = Add(*eol_command_, "update",
                           "Fetch end-of-life dates into the EOL data file", Command::kEolUpdate);
    AddStage(update);
    AddWritten(*update, "--data-file", options_.data_file, "FILE",
               "Write this file instead of lifecycle.eol_data_file");
    update->add_flag("--commit", options_.commit, "Commit the file");
    update->add_flag("--push", options_.push, "Commit the file and push");
    CLI::App* status =
        Add(app_, "status", "Report on images, mirrors and end of life", Command::kStatus);
    AddWritten(*status, "--output", options_.output, "FILE", "Write the report to this file");
    status->add_option("--format", options_.format, "markdown, html or json")
        ->check(OneOf({"markdown", "html", "json"}))
        ->type_name("FORMAT");
    status->add_flag("--list", options_.list, "Print the report; write no file");
    status->add_flag("--dry-run", options_.dry_run, "The same as --list");
    CLI::App* cleanup =
        Add(app_, "cleanup", "Delete the tags that retention lets go", Command::kCleanup);
    AddStage(cleanup);
    AddOverrides(cleanup);
  }

  Options& options_;
  const bool errors_as_json_;
  CLI::App app_{"Keeps mirrors and base images in container registries as imglife.yaml says.",
                "imglife"};
  CLI::App* eol_command_ = nullptr;
  bool check_ = false;
  bool version_ = false;
  bool quiet_ = false;
  bool fail_fast_ = false;
  bool eol_ = false;
  std::string expires_ = "24h";
  std::vector<std::string> allow_deletes_;
};

}  // namespace

ParsedCommandLine ParseCommandLine(int argc, const char* const* argv) {
  Options options;
  return Parser(options, AsksForJson(argc, argv)).Run(argc, argv);
}

}  // namespace imglife
