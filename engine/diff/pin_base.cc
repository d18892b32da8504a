#include "engine/diff/pin_base.h"

#include <algorithm>
#include <cctype>

namespace imglife {
namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

// The next word of `line` from `at` on; `at` is then behind it.
std::string_view NextWord(std::string_view line, std::size_t& at) {
  while (at < line.size() && IsBlank(line[at])) ++at;
  const std::size_t start = at;
  while (at < line.size() && !IsBlank(line[at])) ++at;
  return line.substr(start, at - start);
}

bool Names(std::string_view word, const Reference& base) {
  const auto reference = ParseReference(word);
  if (!reference.ok() || reference->repository != base.repository) return false;
  const std::string tag =
      reference->tag.empty() && reference->digest.empty() ? "latest" : reference->tag;
  return tag == base.tag;
}

// `FROM [--platform=P] IMAGE [AS NAME]` with IMAGE replaced, or the line as it is.
std::string PinLine(std::string_view line, const Reference& base, const std::string& pinned) {
  std::size_t at = 0;
  if (!EqualIgnoringCase(NextWord(line, at), "FROM")) return std::string(line);
  std::string_view word = NextWord(line, at);
  while (word.substr(0, 2) == "--") word = NextWord(line, at);
  if (word.empty() || !Names(word, base)) return std::string(line);
  const std::size_t start = at - word.size();
  return std::string(line.substr(0, start)) + pinned + std::string(line.substr(at));
}

}  // namespace

std::string PinBase(std::string_view dockerfile, const Reference& base, const Digest& digest) {
  const std::string pinned = Reference{base.repository, base.tag, digest}.ToString();
  std::string result;
  while (!dockerfile.empty()) {
    const std::size_t end = std::min(dockerfile.find('\n'), dockerfile.size());
    result += PinLine(dockerfile.substr(0, end), base, pinned);
    if (end < dockerfile.size()) result += '\n';
    dockerfile.remove_prefix(std::min(end + 1, dockerfile.size()));
  }
  return result;
}

}  // namespace imglife
