#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"

#include "providers/build_context.h"
#include "providers/builders/context/path_pattern.h"

namespace imglife {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string_view> SplitAtSlashes(std::string_view path) {
  std::vector<std::string_view> names;
  for (;;) {
    const std::size_t slash = path.find('/');
    names.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return names;
    path.remove_prefix(slash + 1);
  }
}

// As Go's filepath.Clean, and without a leading slash: the context is the root.
std::string Clean(std::string_view path) {
  const bool rooted = path.substr(0, 1) == "/";
  std::vector<std::string_view> kept;
  for (const std::string_view name : SplitAtSlashes(path)) {
    if (name.empty() || name == ".") continue;
    if (name != "..") {
      kept.push_back(name);
    } else if (!kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (!rooted) {
      kept.push_back(name);
    }
  }
  std::string clean;
  for (const std::string_view name : kept) {
    if (!clean.empty()) clean += '/';
    clean += name;
  }
  return clean;
}

// Does the pattern match the path or a directory above it?
bool MatchesPathOrParent(const PathPattern& pattern, std::string_view path) {
  if (pattern.Matches(path)) return true;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    if (pattern.Matches(path.substr(0, slash))) return true;
  }
  return false;
}

absl::Status Malformed(int line, const std::string& what) {
  return absl::InvalidArgumentError(fmt::format(".dockerignore, line {}: {}", line, what));
}

}  // namespace

absl::StatusOr<DockerIgnore> DockerIgnore::Parse(std::string_view content) {
  if (content.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    content.remove_prefix(kByteOrderMark.size());
  }
  DockerIgnore ignore;
  for (int number = 1; !content.empty(); ++number) {
    const std::size_t end = std::min(content.find('\n'), content.size());
    const std::string_view line = content.substr(0, end);
    content.remove_prefix(std::min(end + 1, content.size()));
    // Only in the first column; spaces before it make it a name.
    if (line.substr(0, 1) == "#") continue;
    std::string_view text = Trim(line);
    if (text.empty()) continue;
    const bool negated = text.front() == '!';
    if (negated) text = Trim(text.substr(1));
    const std::string clean = Clean(text);
    // As Docker: `.` is ignored, `!` and `!/` are errors.
    if (clean.empty() && negated && (text.empty() || text.front() == '/')) {
      return Malformed(number, "! needs a pattern");
    }
    if (clean.empty()) continue;
    absl::StatusOr<PathPattern> pattern = PathPattern::Parse(clean);
    if (!pattern.ok()) {
      return Malformed(number, fmt::format("\"{}\": {}", std::string(text),
                                           std::string(pattern.status().message())));
    }
    ignore.patterns_.push_back({std::make_shared<const PathPattern>(*std::move(pattern)), negated});
  }
  return ignore;
}

bool DockerIgnore::Ignores(std::string_view path) const {
  bool ignored = false;
  for (const Pattern& pattern : patterns_) {
    // Only `!` changes what is ignored, and only the others what isn't.
    if (pattern.negated != ignored) continue;
    if (MatchesPathOrParent(*pattern.path, path)) ignored = !pattern.negated;
  }
  return ignored;
}

bool DockerIgnore::IgnoresAllBelow(std::string_view directory) const {
  bool ignored = false;
  for (const Pattern& pattern : patterns_) {
    if (pattern.negated != ignored) continue;
    const bool matches = MatchesPathOrParent(*pattern.path, directory);
    ignored = pattern.negated ? !matches && !pattern.path->MayMatchBelow(directory) : matches;
  }
  return ignored;
}

}  // namespace imglife
