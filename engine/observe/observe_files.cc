#include "engine/observe/observe_files.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"

#include "providers/files.h"
#include "schema/documents/eol_data.h"
#include "schema/text/diagnostics.h"

namespace imglife {
namespace {

void ReadOptional(const std::string& path, std::optional<std::string>& content,
                  absl::Status& status) {
  auto read = ReadFile(path);
  if (read.ok()) {
    content = *std::move(read);
  } else if (!absl::IsNotFound(read.status())) {
    status = read.status();
  }
}

void ReadEolFile(const Config& config, Observed& observed) {
  const std::string& as_written = config.lifecycle.eol_data_file_as_written;
  ReadOptional(config.lifecycle.eol_data_file, observed.eol_file_content, observed.eol_file_status);
  if (!observed.eol_file_content) return;
  Findings findings;
  auto data = ReadEolData(*observed.eol_file_content, findings);
  if (data) {
    observed.eol_file = *std::move(data);
    return;
  }
  const std::string text =
      RenderFinding(as_written, *observed.eol_file_content, findings.Sorted().front());
  observed.eol_file_status = absl::InvalidArgumentError(text.substr(0, text.find('\n')));
}

void AskGitOfEolFile(const Config& config, const World& world, Observed& observed) {
  const std::string& path = config.lifecycle.eol_data_file;
  observed.eol_file_in_work_tree = world.git->InWorkTree(path);
  if (!observed.eol_file_in_work_tree || !config.lifecycle.git.commit) return;
  observed.eol_file_uncommitted = world.git->FileDiffersFromHead(path);
}

void AskGitOfStatusFile(const Config& config, const World& world, Observed& observed) {
  const std::string& path = config.status.output;
  observed.status_file_in_work_tree = world.git->InWorkTree(path);
  if (!observed.status_file_in_work_tree || !config.status.git.commit) return;
  observed.status_file_uncommitted = world.git->FileDiffersFromHead(path);
}

}  // namespace

void AddLocalFiles(const Config& config, Observed& observed, std::vector<Task>& tasks) {
  tasks.emplace_back([&config, &observed] {
    ReadEolFile(config, observed);
    if (config.status.output.empty()) return;
    ReadOptional(config.status.output, observed.status_file_content, observed.status_file_status);
  });
}

// Each question to git is a process, which takes longer than a registry nearby needs for its
// answer.
void AddGit(const Config& config, const std::set<Stage>& stages, const World& world,
            Observed& observed, std::vector<Task>& tasks) {
  tasks.emplace_back([&config, &world, &observed] {
    const auto head = world.git->HeadCommit(config.directory);
    observed.git_commit = head.value_or("");
    if (!absl::IsNotFound(head.status())) observed.git_commit_status = head.status();
  });
  if (stages.count(Stage::kEol) > 0) {
    tasks.emplace_back([&config, &world, &observed] { AskGitOfEolFile(config, world, observed); });
  }
  if (stages.count(Stage::kStatus) > 0 && !config.status.output.empty()) {
    tasks.emplace_back(
        [&config, &world, &observed] { AskGitOfStatusFile(config, world, observed); });
  }
}

}  // namespace imglife
