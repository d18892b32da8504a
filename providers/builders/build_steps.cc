#include "providers/builders/build_steps.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "fmt/format.h"

#include "providers/builders/layout_view.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

constexpr std::size_t kLastLines = 20;
constexpr std::size_t kLongestLine = 400;

// Non-empty lines; of one that rewrote itself with carriage returns, what was seen last.
void AppendLines(std::string_view text, std::vector<std::string_view>& lines) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (const std::size_t start = line.rfind('\r'); start != std::string_view::npos) {
      line.remove_prefix(start + 1);
    }
    if (!line.empty()) lines.push_back(line);
  }
}

std::string CsvField(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string FailureMessage(const std::string& what, const ProcessResult& result) {
  std::string message = fmt::format("{} failed (exit code {})", what, result.exit_code);
  const std::string output = LastLines(result);
  if (output.find("xec format error") != std::string::npos) {
    message +=
        "; RUN for another platform than this machine's needs qemu-user-static and binfmt_misc";
  }
  return output.empty() ? message : message + ":\n" + output;
}

// Wrapped errors begin with what was tried and end with what went wrong.
std::string Shortened(std::string_view line) {
  if (line.size() <= kLongestLine) return EscapeControl(line);
  constexpr std::size_t kBeginning = kLongestLine / 4;
  constexpr std::size_t kEnd = kLongestLine - kBeginning;
  return EscapeControl(line.substr(0, kBeginning)) + " … " +
         EscapeControl(line.substr(line.size() - kEnd));
}

}  // namespace

absl::StatusOr<BuildDirectory> BuildDirectory::Create(const BuildRequest& request) {
  absl::StatusOr<TemporaryDirectory> directory = TemporaryDirectory::Create("imglife-build");
  if (!directory.ok()) return directory.status();
  BuildDirectory build(*std::move(directory));
  absl::Status written = WriteFileAtomically(build.Dockerfile(), request.dockerfile);
  if (written.ok() && request.layout_base) {
    written = WriteLayoutView(*request.layout_base, kBaseTag, build.BaseLayout());
  }
  if (!written.ok()) return written;
  std::error_code error;
  std::filesystem::create_directory(build.TemporaryFiles(), error);
  if (error) {
    return absl::InternalError(
        fmt::format("can't make the directory {}: {}", build.TemporaryFiles(), error.message()));
  }
  return build;
}

std::string AbsoluteContext(const BuildRequest& request) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(request.context, error);
  return error ? request.context : path.lexically_normal().string();
}

std::string JoinPlatforms(const std::vector<Platform>& platforms) {
  std::string joined;
  for (const Platform& platform : platforms) {
    joined += (joined.empty() ? "" : ",") + platform.ToString();
  }
  return joined;
}

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) line += (line.empty() ? "" : ",") + CsvField(field);
  return line;
}

void AppendPairs(const std::map<std::string, std::string>& pairs, const std::string& option,
                 const std::string& prefix, std::vector<std::string>& argv) {
  for (const auto& [key, value] : pairs) {
    argv.push_back(option);
    argv.push_back(fmt::format("{}{}={}", prefix, key, value));
  }
}

ProcessSpec Command(std::vector<std::string> argv, std::map<std::string, std::string> environment) {
  ProcessSpec spec;
  spec.argv = std::move(argv);
  spec.environment = std::move(environment);
  return spec;
}

absl::Status RunBuildStep(ProcessRunner& processes, const ProcessSpec& spec,
                          const std::string& what) {
  return ReadBuildStep(processes, spec, what).status();
}

absl::StatusOr<std::string> ReadBuildStep(ProcessRunner& processes, const ProcessSpec& spec,
                                          const std::string& what) {
  absl::StatusOr<ProcessResult> result = processes.Run(spec);
  if (absl::IsNotFound(result.status())) {
    return absl::FailedPreconditionError(
        fmt::format("{}: the program {} isn't in PATH", what, spec.argv.front()));
  }
  if (!result.ok()) return result.status();
  if (result->exit_code == 0) return std::move(result->out);
  return absl::InternalError(FailureMessage(what, *result));
}

std::string LastLines(const ProcessResult& result) {
  std::vector<std::string_view> lines;
  AppendLines(result.out, lines);
  AppendLines(result.err, lines);
  std::string text;
  for (std::size_t i = lines.size() - std::min(lines.size(), kLastLines); i < lines.size(); ++i) {
    if (!text.empty()) text += '\n';
    text += Shortened(lines[i]);
  }
  return text;
}

}  // namespace imglife
