#include "schema/text/dockerfile_reader.h"

#include <algorithm>
#include <cctype>

#include <re2/re2.h>

namespace imglife {
namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool IsComment(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos || line[first] == '#';
}

// `# escape=`` at the top changes the character that continues lines.
char EscapeOf(std::string_view dockerfile) {
  while (dockerfile.substr(0, 1) == "#") {
    const std::string_view line = dockerfile.substr(0, dockerfile.find('\n'));
    static const RE2 kDirective(R"(#[ \t]*(?i:escape)[ \t]*=[ \t]*([`\\])[ \t\r]*)");
    std::string character;
    if (RE2::FullMatch(re2::StringPiece(line.data(), line.size()), kDirective, &character)) {
      return character.front();
    }
    dockerfile.remove_prefix(std::min(line.size() + 1, dockerfile.size()));
  }
  return '\\';
}

std::string_view LineAt(std::string_view text, std::size_t at) {
  return text.substr(at, text.substr(at).find('\n'));
}

}  // namespace

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

DockerfileReader::DockerfileReader(std::string_view dockerfile)
    : rest_(dockerfile), escape_(EscapeOf(dockerfile)) {}

// With its end of line, if it has one.
std::string_view DockerfileReader::TakeLine() {
  const std::size_t end = rest_.find('\n');
  const std::string_view line = rest_.substr(0, end == std::string_view::npos ? end : end + 1);
  rest_.remove_prefix(line.size());
  return line;
}

bool DockerfileReader::Continues(std::string_view line) const {
  const std::size_t last = line.find_last_not_of(" \t\r\n");
  return last != std::string_view::npos && line[last] == escape_;
}

std::string_view DockerfileReader::TakeInstruction() {
  const std::string_view all = rest_;
  std::string_view line = TakeLine();
  bool continues = !IsComment(line) && Continues(line);
  while (continues && !rest_.empty()) {
    line = TakeLine();
    if (!IsComment(line)) continues = Continues(line);
  }
  return all.substr(0, all.size() - rest_.size());
}

// Is there nothing but an end of line behind the escape character at `at`?
bool DockerfileReader::EndsLine(std::string_view text, std::size_t at) const {
  if (text[at] != escape_) return false;
  const std::size_t next = text.find_first_not_of(" \t\r", at + 1);
  return next == std::string_view::npos || text[next] == '\n';
}

std::string_view DockerfileReader::NextWord(std::string_view instruction, std::size_t& at) const {
  while (at < instruction.size() && (IsBlank(instruction[at]) || EndsLine(instruction, at))) {
    const bool new_line = instruction[at] == '\n';
    ++at;
    while (new_line && at < instruction.size() && IsComment(LineAt(instruction, at))) {
      at = std::min(at + LineAt(instruction, at).size() + 1, instruction.size());
    }
  }
  const std::size_t start = at;
  while (at < instruction.size() && !IsBlank(instruction[at]) && !EndsLine(instruction, at)) ++at;
  return instruction.substr(start, at - start);
}

std::string DockerfileReader::JoinLines(std::string_view instruction) const {
  std::string joined;
  for (std::size_t at = 0; at < instruction.size(); ++at) {
    std::string_view line = LineAt(instruction, at);
    at += line.size();
    if (IsComment(line)) continue;
    const bool continues = Continues(line);
    line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
    joined += continues ? line.substr(0, line.size() - 1) : line;
  }
  return joined;
}

std::size_t DockerfileReader::OpenEnd(std::string_view instruction) const {
  std::size_t open = instruction.size();
  for (std::size_t at = 0; at < instruction.size();) {
    const std::string_view line = LineAt(instruction, at);
    if (!IsComment(line)) {
      open = Continues(line) ? at + line.find_last_of(escape_) : instruction.size();
    }
    at += line.size() + 1;
  }
  return open;
}

std::string_view DockerfileReader::TakeDocuments(std::string_view instruction) {
  std::size_t at = 0;
  const std::string_view name = NextWord(instruction, at);
  const std::string_view all = rest_;
  if (!EqualIgnoringCase(name, "RUN") && !EqualIgnoringCase(name, "COPY") &&
      !EqualIgnoringCase(name, "ADD")) {
    return {};
  }
  static const RE2 kStart(R"((?:^|\s)\d*<<(-?)(["']?)([A-Za-z0-9_.-]+)["']?)");
  re2::StringPiece text(instruction.data(), instruction.size());
  std::string dash;
  std::string quote;
  std::string document;
  while (RE2::FindAndConsume(&text, kStart, &dash, &quote, &document)) {
    TakeDocument(document, !dash.empty());
  }
  return all.substr(0, all.size() - rest_.size());
}

void DockerfileReader::TakeDocument(const std::string& name, bool strips_tabs) {
  while (!rest_.empty()) {
    const std::string_view line = TakeLine();
    std::string_view text = line.substr(0, line.find_last_not_of("\r\n") + 1);
    while (strips_tabs && text.substr(0, 1) == "\t") text.remove_prefix(1);
    if (text == name) return;
  }
}

}  // namespace imglife
