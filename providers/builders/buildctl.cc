#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "providers/builders/backends.h"
#include "providers/builders/build_at_once.h"
#include "providers/builders/build_steps.h"

namespace imglife {
namespace {

// What the base's layout is called between client and daemon.
constexpr std::string_view kStore = "imglife-base";

std::string Output(const BuildRequest& request) {
  std::vector<std::string> fields = {"type=image", "name=" + request.image.ToString(), "push=true"};
  // Without a name it is "latest".
  if (!request.result_layout.empty()) {
    fields = {"type=oci", "tar=false", "dest=" + request.result_layout};
  }
  if (request.PushesInsecurely()) fields.push_back("registry.insecure=true");
  for (const auto& [key, value] : request.annotations) {
    fields.push_back(fmt::format("annotation.{}={}", key, value));
    if (request.platforms.size() > 1 || request.sbom) {
      fields.push_back(fmt::format("annotation-index.{}={}", key, value));
    }
  }
  return CsvLine(fields);
}

class BuildctlBuilder final : public Builder {
 public:
  BuildctlBuilder(std::string address, const Environment& environment, ProcessRunner& processes)
      : address_(std::move(address)), environment_(environment), processes_(processes) {}

  std::string Name() const override { return "buildctl"; }

  absl::Status BuildAndPush(const BuildRequest& request) override {
    return BuildAtOnce(request, "buildctl", environment_, processes_,
                       [&](const BuildDirectory& directory) { return Argv(request, directory); });
  }

 private:
  std::vector<std::string> Argv(const BuildRequest& request,
                                const BuildDirectory& directory) const {
    std::vector<std::string> argv = {"buildctl", "--addr", address_, "build"};
    const auto add = [&argv](const std::string& option, std::string value) {
      argv.push_back(option);
      argv.push_back(std::move(value));
    };
    add("--frontend", "dockerfile.v0");
    add("--progress", "plain");
    add("--local", "context=" + AbsoluteContext(request));
    add("--local", "dockerfile=" + directory.DockerfileDirectory());
    add("--opt", "platform=" + JoinPlatforms(request.platforms));
    AppendPairs(request.args, "--opt", "build-arg:", argv);
    if (!request.source_date_epoch.empty()) {
      add("--opt", "build-arg:SOURCE_DATE_EPOCH=" + request.source_date_epoch);
    }
    AppendPairs(request.labels, "--opt", "label:", argv);
    if (request.sbom) add("--opt", "attest:sbom=");
    if (request.layout_base) {
      add("--oci-layout", fmt::format("{}={}", kStore, directory.BaseLayout()));
      add("--opt",
          fmt::format("context:{}=oci-layout://{}:{}@{}", kLayoutBaseName, kStore,
                      BuildDirectory::kBaseTag, request.layout_base->manifest.digest.str()));
    }
    add("--output", Output(request));
    return argv;
  }

  const std::string address_;
  const Environment environment_;
  ProcessRunner& processes_;
};

}  // namespace

std::unique_ptr<Builder> MakeBuildctlBuilder(std::string address, const Environment& environment,
                                             ProcessRunner& processes) {
  return std::make_unique<BuildctlBuilder>(std::move(address), environment, processes);
}

}  // namespace imglife
