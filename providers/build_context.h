// The files that a build sees: a directory less what its .dockerignore leaves out (Docker's
// documentation of .dockerignore: patterns of Go's filepath.Match, `**`, `!`, last match wins).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "schema/image/digest.h"

namespace imglife {

class PathPattern;

// Thread safety: constant once made.
class DockerIgnore {
 public:
  // Ignores nothing.
  DockerIgnore() = default;
  // InvalidArgument names the line of a malformed pattern.
  static absl::StatusOr<DockerIgnore> Parse(std::string_view content);
  // Is the file at `path`, relative to the context and with '/' between names, left out? What is
  // below a directory that a pattern matches is left out with it.
  bool Ignores(std::string_view path) const;
  // Is all that may be below the directory left out? Then it needn't be read.
  bool IgnoresAllBelow(std::string_view directory) const;

 private:
  struct Pattern {
    std::shared_ptr<const PathPattern> path;
    bool negated = false;
  };
  std::vector<Pattern> patterns_;
};

// What the .dockerignore of a context says; ignores nothing where there is none.
absl::StatusOr<DockerIgnore> ReadDockerIgnore(const std::string& directory);

// One file of a context. The digest covers what a build can see of it: content or link target, and
// whether it is executable.
struct ContextFile {
  std::string path;
  Digest digest;
};

// Sorted by path. A context without .dockerignore has all files. Fails if anything of it can't be
// read, and names that; what .dockerignore leaves out needn't be readable.
absl::StatusOr<std::vector<ContextFile>> ReadContext(const std::string& directory);

}  // namespace imglife
