#include "engine/cli/run_files.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/cli/context_outputs.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/load_config.h"
#include "engine/plan/words.h"
#include "providers/file_identity.h"

namespace imglife {
namespace {

enum class NamedBy { kCommandLine, kConfiguration };
enum class Access { kRead, kWrite };

struct RunFile {
  std::string name;  // "--out plan.json"
  std::string path;
  NamedBy by = NamedBy::kConfiguration;
  Access access = Access::kRead;
};

using RunFiles = std::vector<RunFile>;

void AddOption(const char* option, const std::string& path, RunFiles& files) {
  if (path.empty()) return;
  files.push_back(
      {fmt::format("{} {}", option, path), path, NamedBy::kCommandLine, Access::kWrite});
}

bool Changes(Command command) {
  return command == Command::kApply || command == Command::kSync || command == Command::kBuild ||
         command == Command::kEolUpdate || command == Command::kCleanup;
}

void AddCommandLine(const Options& options, RunFiles& files) {
  if (!options.plan_file.empty()) {
    files.push_back({fmt::format("the plan {}", options.plan_file), options.plan_file,
                     NamedBy::kCommandLine, Access::kRead});
  }
  // A file that the shell opened for what is printed.
  files.push_back({"standard output", "/dev/stdout", NamedBy::kCommandLine, Access::kWrite});
  AddOption("--out", options.out, files);
  AddOption("--markdown", options.outputs.markdown, files);
  AddOption("--gitlab-report", options.outputs.gitlab_report, files);
  AddOption("--output", options.output, files);
  AddOption("--data-file", options.data_file, files);
  if (Changes(options.command)) AddOption("--journal", options.journal, files);
}

void AddTemplates(const Config& config, RunFiles& files) {
  if (!config.build) return;
  for (const BuildImage& image : config.build->images) {
    files.push_back({fmt::format("the template of {}", PlaceText(config, image.rule)),
                     fmt::format("{}/{}", image.folder, image.tmpl), NamedBy::kConfiguration,
                     Access::kRead});
  }
}

// Whichever run writes it: what others have noted there is needed to undo it.
void AddJournal(const std::string& journal, RunFiles& files) {
  files.push_back(
      {fmt::format("the journal {}", journal), journal, NamedBy::kConfiguration, Access::kWrite});
}

// Otherwise nothing writes EOL data.
bool TracksProducts(const Config& config) {
  const auto tracks = [](const auto& one) { return one.lifecycle.has_value(); };
  return (config.sync &&
          std::any_of(config.sync->entries.begin(), config.sync->entries.end(), tracks)) ||
         (config.build &&
          std::any_of(config.build->images.begin(), config.build->images.end(), tracks));
}

std::string DefaultJournal(const std::string& directory) {
  return fmt::format("{}/.imglife/journal.ndjson", directory.empty() ? "." : directory);
}

void AddConfiguration(const Options& options, const Config& config, RunFiles& files) {
  files.push_back({fmt::format("the configuration {}", config.file), config.file,
                   NamedBy::kConfiguration, Access::kRead});
  AddTemplates(config, files);
  // Where an option names another file, that one is written instead.
  if (options.data_file.empty()) {
    files.push_back({fmt::format("the EOL data file {}", config.lifecycle.eol_data_file_as_written),
                     config.lifecycle.eol_data_file, NamedBy::kConfiguration,
                     TracksProducts(config) ? Access::kWrite : Access::kRead});
  }
  if (!config.status.output.empty() && options.output.empty()) {
    files.push_back({fmt::format("the status file {}", config.status.output_as_written),
                     config.status.output, NamedBy::kConfiguration, Access::kWrite});
  }
  if (options.journal.empty()) AddJournal(JournalPath(options, config), files);
}

absl::Status OneFile(const RunFile& first, const RunFile& second) {
  const std::string what = fmt::format(
      "{} and {} are one file, which would be overwritten; name another", first.name, second.name);
  const bool usage = first.by == NamedBy::kCommandLine || second.by == NamedBy::kCommandLine;
  return usage ? absl::InvalidArgumentError(what) : absl::FailedPreconditionError(what);
}

// Several may read one file.
absl::Status CheckDistinct(const RunFiles& files) {
  std::map<FileIdentity, const RunFile*> known;
  for (const RunFile& file : files) {
    const auto identity = IdentifyFile(file.path);
    if (!identity) continue;
    const auto [at, is_new] = known.emplace(*identity, &file);
    if (is_new) continue;
    if (file.access == Access::kWrite || at->second->access == Access::kWrite) {
      return OneFile(*at->second, file);
    }
  }
  return absl::OkStatus();
}

// A directory that isn't there is a typing error more often than a wish.
absl::Status CheckDirectories(const Options& options) {
  const std::string journal = Changes(options.command) ? options.journal : "";
  for (const auto& [option, file] :
       {std::pair<const char*, const std::string&>{"--out", options.out},
        {"--markdown", options.outputs.markdown},
        {"--gitlab-report", options.outputs.gitlab_report},
        {"--output", options.output},
        {"--data-file", options.data_file},
        {"--journal", journal}}) {
    const std::filesystem::path directory = std::filesystem::path(file).parent_path();
    std::error_code ignored;
    if (directory.empty() || std::filesystem::exists(directory, ignored)) continue;
    return absl::FailedPreconditionError(
        fmt::format("{} {}: there is no directory {}; make it first, or name another file", option,
                    file, directory.string()));
  }
  return absl::OkStatus();
}

std::vector<OutputFile> OutputsNamed(NamedBy by, const RunFiles& files) {
  std::vector<OutputFile> outputs;
  for (const RunFile& file : files) {
    // What is printed may go to a device.
    const bool is_file = IdentifyFile(file.path).has_value();
    if (file.by == by && file.access == Access::kWrite && is_file) {
      outputs.push_back({file.name, file.path});
    }
  }
  return outputs;
}

std::vector<HeldOutput> HeldByConfiguration(const Config& config, const RunFiles& files) {
  auto held = FindHeldOutputs(config, OutputsNamed(NamedBy::kConfiguration, files));
  for (HeldOutput& repository : FindHeldRepositories(config)) held.push_back(std::move(repository));
  return held;
}

std::string HeldText(const Config& config, const HeldOutput& held) {
  return fmt::format("{}: {}", PlaceText(config, held.rule), held.message);
}

absl::Status CheckBuildInputs(const Config& config, const RunFiles& files) {
  const auto usage = FindHeldOutputs(config, OutputsNamed(NamedBy::kCommandLine, files));
  if (!usage.empty()) return absl::InvalidArgumentError(HeldText(config, usage.front()));
  const auto held = HeldByConfiguration(config, files);
  if (!held.empty()) return absl::FailedPreconditionError(HeldText(config, held.front()));
  return absl::OkStatus();
}

// `build --output-dir` replaces DIRECTORY/NAME as a whole.
absl::Status CheckContexts(const Options& options, const Config& config, const RunFiles& files) {
  if (options.output_dir.empty() || !config.build) return absl::OkStatus();
  for (const BuildImage& image : config.build->images) {
    const std::string place = fmt::format("{}/{}", options.output_dir, image.name);
    for (const RunFile& file : files) {
      if (!LiesWithin(file.path, place)) continue;
      return absl::InvalidArgumentError(
          fmt::format("--output-dir {} would replace {}, which holds {}; name another directory",
                      options.output_dir, place, file.name));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string JournalPath(const Options& options, const Config& config) {
  return options.journal.empty() ? DefaultJournal(config.directory) : options.journal;
}

std::vector<HeldOutput> OutputsInContexts(const Options& options, const Config& config) {
  RunFiles files;
  AddConfiguration(options, config, files);
  return HeldByConfiguration(config, files);
}

absl::Status CheckFiles(const Options& options, const Config& config) {
  RunFiles files;
  AddCommandLine(options, files);
  AddConfiguration(options, config, files);
  absl::Status checked = CheckDistinct(files);
  checked.Update(CheckContexts(options, config, files));
  checked.Update(CheckBuildInputs(config, files));
  checked.Update(CheckDirectories(options));
  return checked;
}

absl::Status CheckFiles(const Options& options) {
  RunFiles files;
  AddCommandLine(options, files);
  const std::string configuration = ConfigPath(options.common);
  files.push_back({fmt::format("the configuration {}", configuration), configuration,
                   NamedBy::kConfiguration, Access::kRead});
  AddJournal(DefaultJournal(std::filesystem::path(configuration).parent_path().string()), files);
  absl::Status checked = CheckDistinct(files);
  checked.Update(CheckDirectories(options));
  return checked;
}

int FilesExitCode(const absl::Status& failed) {
  return absl::IsInvalidArgument(failed) ? kExitUsage : kExitError;
}

}  // namespace imglife
