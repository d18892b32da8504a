// .dockerignore. The first line of the input is a path, what is below it the file.
#include <string>

#include "providers/build_context.h"
#include "providers/builders/context/path_pattern.h"
#include "tests/fuzz/fuzzing.h"

namespace imglife {
namespace {

// The pattern that means just this path.
std::string Escaped(std::string_view path) {
  std::string pattern;
  for (const char c : path) {
    if (std::string_view("*?[]\\").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace
}  // namespace imglife

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  const auto [path, content] = SplitFirstLine(TextOf(data, size));
  const absl::StatusOr<PathPattern> itself = PathPattern::Parse(Escaped(path));
  Expect(itself.ok() && itself->Matches(path), "an escaped path matches itself");
  Expect(!itself->Matches(std::string(path) + "x"), "an escaped path matches nothing longer");

  const absl::StatusOr<DockerIgnore> ignore = DockerIgnore::Parse(content);
  if (!ignore.ok()) return 0;
  Expect(ignore->Ignores(path) == ignore->Ignores(path), "the answer is the same every time");
  const std::string below = std::string(path) + "/below";
  Expect(!ignore->IgnoresAllBelow(path) || ignore->Ignores(below), "all below means this too");
  if (content.find('!') != std::string_view::npos || path.empty()) return 0;
  Expect(!ignore->Ignores(path) || ignore->Ignores(below), "what is below goes with it");
  const absl::StatusOr<DockerIgnore> more = DockerIgnore::Parse(std::string(content) + "\n*.more");
  Expect(more.ok() && (!ignore->Ignores(path) || more->Ignores(path)),
         "a further pattern ignores no less");
  return 0;
}
