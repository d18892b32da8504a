#include "engine/diff/append_labels.h"

#include <cctype>
#include <cstddef>

#include "fmt/format.h"

#include "schema/text/dockerfile_reader.h"

namespace imglife {
namespace {

// BuildKit's parser, which kaniko and buildah have too, refuses lines of 64 KiB.
constexpr std::size_t kLineBytes = 4096;

bool IsAlphanumeric(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// A line may end only where nothing that is special there stands on either side: `#` would begin a
// comment, a blank may be lost, an escape character would be escaped.
bool MayBreak(std::string_view value, std::size_t at) {
  return at > 0 && IsAlphanumeric(value[at - 1]) && IsAlphanumeric(value[at]);
}

// Within double quotes only these mean anything.
std::string Quote(std::string_view value, char escape) {
  std::string quoted = "\"";
  std::size_t line_start = 0;
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (quoted.size() - line_start >= kLineBytes && MayBreak(value, at)) {
      quoted += escape;
      quoted += '\n';
      line_start = quoted.size();
    }
    const char c = value[at];
    if (c == '"' || c == '$' || c == escape) quoted += escape;
    quoted += c;
  }
  return quoted + '"';
}

// What reads on at the end of the text would take the instruction behind it for its own.
std::string_view WithoutOpenEnd(std::string_view dockerfile) {
  DockerfileReader reader(dockerfile);
  while (!reader.AtEnd()) {
    const std::string_view instruction = reader.TakeInstruction();
    if (!reader.TakeDocuments(instruction).empty() || !reader.AtEnd()) continue;
    const std::size_t open = reader.OpenEnd(instruction);
    dockerfile.remove_suffix(instruction.size() - open);
  }
  return dockerfile;
}

}  // namespace

absl::StatusOr<std::string> AppendLabels(std::string_view dockerfile,
                                         const std::map<std::string, std::string>& labels) {
  std::string result(WithoutOpenEnd(dockerfile));
  if (!result.empty() && result.back() != '\n') result += '\n';
  const char escape = DockerfileReader(dockerfile).escape();
  for (const auto& [name, value] : labels) {
    if (value.find('\n') != std::string::npos) {
      return absl::InvalidArgumentError(
          fmt::format("label {} has a line break, which no Dockerfile can hold", name));
    }
    result += fmt::format("LABEL {}={}\n", name, Quote(value, escape));
  }
  return result;
}

}  // namespace imglife
