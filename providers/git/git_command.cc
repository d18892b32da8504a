#include "providers/git/git_command.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "fmt/format.h"

#include "schema/text/escape.h"
#include "schema/text/secrets.h"

namespace imglife {
namespace {

constexpr std::string_view kDubious = "detected dubious ownership in repository at '";

// How many settings this process was given by GIT_CONFIG_COUNT.
int InheritedSettings() {
  const char* const variable = std::getenv("GIT_CONFIG_COUNT");
  const std::string_view text = variable == nullptr ? "" : variable;
  int count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return std::max(count, 0);
}

std::map<std::string, std::string> EnvironmentFor(const GitCall& call) {
  std::map<std::string, std::string> environment = call.environment;
  environment["GIT_TERMINAL_PROMPT"] = "0";
  environment["LC_ALL"] = "C";
  int count = InheritedSettings();
  for (const auto& [key, value] : call.config) {
    environment[fmt::format("GIT_CONFIG_KEY_{}", count)] = key;
    environment[fmt::format("GIT_CONFIG_VALUE_{}", count)] = value;
    ++count;
  }
  if (!call.config.empty()) environment["GIT_CONFIG_COUNT"] = std::to_string(count);
  return environment;
}

// The first line that starts with `prefix`, without it; else empty.
std::string_view LineAfter(std::string_view text, std::string_view prefix) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(prefix)) return line.substr(prefix.size());
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

std::string_view LastLine(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos) return {};
  text = text.substr(0, last + 1);
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

absl::StatusOr<ProcessResult> GitCommand::Run(std::vector<std::string> arguments,
                                              const GitCall& call) const {
  ProcessSpec spec;
  spec.argv = {"git", "-C", directory_};
  spec.argv.insert(spec.argv.end(), std::make_move_iterator(arguments.begin()),
                   std::make_move_iterator(arguments.end()));
  spec.environment = EnvironmentFor(call);
  spec.input = call.input;
  spec.timeout = call.timeout;
  return processes_.Run(spec);
}

absl::StatusOr<std::string> GitCommand::Ask(std::vector<std::string> arguments,
                                            const GitCall& call) const {
  absl::StatusOr<ProcessResult> result = Run(std::move(arguments), call);
  if (!result.ok()) return result.status();
  if (result->exit_code != 0) return ExplainGitFailure(*result);
  std::string answer = std::move(result->out);
  if (answer.ends_with('\n')) answer.pop_back();
  return answer;
}

std::string GitComplaint(const ProcessResult& result) {
  std::string_view sentence = LineAfter(result.err, "fatal: ");
  if (sentence.empty()) sentence = LineAfter(result.err, "error: ");
  if (sentence.empty()) sentence = LastLine(result.err);
  if (sentence.empty()) sentence = LastLine(result.out);
  if (sentence.empty()) return fmt::format("it ended with exit code {}", result.exit_code);
  return EscapeControl(RedactCredentials(sentence));
}

bool IsDubiousOwnership(const ProcessResult& result) {
  return result.err.find(kDubious) != std::string::npos;
}

absl::Status ExplainGitFailure(const ProcessResult& result) {
  if (!IsDubiousOwnership(result)) {
    return absl::FailedPreconditionError(fmt::format("git failed: {}", GitComplaint(result)));
  }
  const std::size_t start = result.err.find(kDubious) + kDubious.size();
  const std::string repository = EscapeControl(
      std::string_view(result.err).substr(start, result.err.find('\'', start) - start));
  return absl::FailedPreconditionError(
      fmt::format("git doesn't use {0}, which belongs to another user; allow it with "
                  "git config --global --add safe.directory {0}",
                  repository));
}

}  // namespace imglife
