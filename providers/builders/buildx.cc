#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "providers/builders/backends.h"
#include "providers/builders/build_at_once.h"
#include "providers/builders/build_steps.h"

namespace imglife {
namespace {

class BuildxBuilder final : public Builder {
 public:
  BuildxBuilder(std::string builder, const Environment& environment, ProcessRunner& processes)
      : builder_(std::move(builder)), environment_(environment), processes_(processes) {}

  std::string Name() const override { return "buildx"; }

  absl::Status BuildAndPush(const BuildRequest& request) override {
    return BuildAtOnce(request, "docker buildx", environment_, processes_,
                       [&](const BuildDirectory& directory) { return Argv(request, directory); });
  }

 private:
  std::vector<std::string> Argv(const BuildRequest& request,
                                const BuildDirectory& directory) const {
    std::vector<std::string> argv = {"docker", "buildx", "build"};
    const auto add = [&argv](const std::string& option, std::string value) {
      argv.push_back(option);
      argv.push_back(std::move(value));
    };
    if (!builder_.empty()) add("--builder", builder_);
    // `--push` is short for the output of type registry. An output without a name is "latest".
    if (!request.result_layout.empty()) {
      add("--output", CsvLine({"type=oci", "tar=false", "dest=" + request.result_layout}));
    } else if (request.PushesInsecurely()) {
      add("--output", "type=registry,registry.insecure=true");
    } else {
      argv.push_back("--push");
    }
    add("--platform", JoinPlatforms(request.platforms));
    argv.push_back("--provenance=false");
    if (request.sbom) argv.push_back("--sbom=true");
    AppendPairs(request.args, "--build-arg", "", argv);
    if (!request.source_date_epoch.empty()) {
      add("--build-arg", "SOURCE_DATE_EPOCH=" + request.source_date_epoch);
    }
    AppendPairs(request.labels, "--label", "", argv);
    const bool makes_index = request.platforms.size() > 1 || request.sbom;
    AppendPairs(request.annotations, "--annotation",
                makes_index ? "index,manifest:" : "manifest:", argv);
    if (request.result_layout.empty()) add("--tag", request.image.ToString());
    // buildx 0.33 refuses a digest without a tag (docker/buildx#3793).
    if (request.layout_base) {
      add("--build-context",
          fmt::format("{}=oci-layout://{}:{}@{}", kLayoutBaseName, directory.BaseLayout(),
                      BuildDirectory::kBaseTag, request.layout_base->manifest.digest.str()));
    }
    add("--file", directory.Dockerfile());
    argv.push_back(AbsoluteContext(request));
    return argv;
  }

  const std::string builder_;
  const Environment environment_;
  ProcessRunner& processes_;
};

}  // namespace

std::unique_ptr<Builder> MakeBuildxBuilder(std::string builder, const Environment& environment,
                                           ProcessRunner& processes) {
  return std::make_unique<BuildxBuilder>(std::move(builder), environment, processes);
}

}  // namespace imglife
