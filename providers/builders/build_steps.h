// What all builders do: lay out the files of a build, run the program, say why it failed.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "fmt/format.h"

#include "providers/builder.h"
#include "providers/files.h"
#include "providers/process.h"

namespace imglife {

// A directory of one build: the rendered Dockerfile, the base if it is in an image layout, and room
// for what else the program needs.
class BuildDirectory {
 public:
  static absl::StatusOr<BuildDirectory> Create(const BuildRequest& request);

  const std::string& path() const { return directory_.path(); }
  // Holds the Dockerfile and nothing else: BuildKit's client may send all of it.
  std::string DockerfileDirectory() const { return path() + "/dockerfile"; }
  std::string Dockerfile() const { return DockerfileDirectory() + "/Dockerfile"; }
  // For the builder's own temporary files.
  std::string TemporaryFiles() const { return path() + "/tmp"; }
  // An image layout with nothing but the request's layout_base, as kBaseTag (WriteLayoutView).
  std::string BaseLayout() const { return fmt::format("{}/{}", path(), kBaseLayout); }
  static constexpr std::string_view kBaseLayout = "imglife-base";
  static constexpr std::string_view kBaseTag = "latest";

 private:
  explicit BuildDirectory(TemporaryDirectory directory) : directory_(std::move(directory)) {}
  TemporaryDirectory directory_;
};

// The context as an absolute path, which no program takes for an option or a URL.
std::string AbsoluteContext(const BuildRequest& request);

// "linux/amd64,linux/arm64".
std::string JoinPlatforms(const std::vector<Platform>& platforms);

// The value of BuildKit's `--output`: one line of CSV (RFC 4180).
std::string CsvLine(const std::vector<std::string>& fields);

// Appends OPTION, PREFIX + "KEY=VALUE" for every entry.
void AppendPairs(const std::map<std::string, std::string>& pairs, const std::string& option,
                 const std::string& prefix, std::vector<std::string>& argv);

// A program to run, with additions to its environment.
ProcessSpec Command(std::vector<std::string> argv,
                    std::map<std::string, std::string> environment = {});

// Runs a step of a build. `what` begins the message of a failure ("buildah build of IMAGE").
absl::Status RunBuildStep(ProcessRunner& processes, const ProcessSpec& spec,
                          const std::string& what);

// The same, for a step of which the standard output is wanted.
absl::StatusOr<std::string> ReadBuildStep(ProcessRunner& processes, const ProcessSpec& spec,
                                          const std::string& what);

// The last lines of a program's output, harmless for terminals: what it wrote to standard output
// first, each line cut to a readable length.
std::string LastLines(const ProcessResult& result);

}  // namespace imglife
