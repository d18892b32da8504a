#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "providers/builders/backends.h"
#include "providers/builders/build_steps.h"
#include "providers/builders/registry_logins.h"

namespace imglife {
namespace {

class DockerBuilder final : public Builder {
 public:
  DockerBuilder(const Environment& environment, ProcessRunner& processes)
      : environment_(environment), processes_(processes) {}

  std::string Name() const override { return "docker"; }

  absl::Status BuildAndPush(const BuildRequest& request) override {
    if (request.sbom) return absl::UnimplementedError("docker can't attach an SBOM; buildx can");
    if (request.platforms.size() != 1) {
      return absl::UnimplementedError(
          "docker builds one platform at a time; buildx builds several");
    }
    if (request.UsesLayouts()) {
      return absl::UnimplementedError(
          "docker can't build on image layouts or write them; buildx, buildctl and buildah can");
    }
    absl::StatusOr<BuildDirectory> directory = BuildDirectory::Create(request);
    if (!directory.ok()) return directory.status();
    absl::StatusOr<std::map<std::string, std::string>> environment =
        DockerEnvironment(request, directory->path(), environment_);
    if (!environment.ok()) return environment.status();
    // Where docker builds with BuildKit, it would add provenance that differs every time.
    environment->emplace("BUILDX_NO_DEFAULT_ATTESTATIONS", "1");
    return BuildAndPush(request, *directory, *environment);
  }

 private:
  absl::Status BuildAndPush(const BuildRequest& request, const BuildDirectory& directory,
                            const std::map<std::string, std::string>& environment) {
    const std::string image = request.image.ToString();
    const absl::Status built =
        RunBuildStep(processes_, Command(BuildArgv(request, directory), environment),
                     fmt::format("docker build of {}", image));
    if (!built.ok()) return built;
    absl::Status pushed = request.BeforePush();
    if (pushed.ok()) {
      pushed = RunBuildStep(processes_, Command({"docker", "push", image}, environment),
                            fmt::format("docker push of {}", image));
    }
    // The name goes, the layers stay as docker's cache. One that stays is in nobody's way.
    (void)processes_.Run(Command({"docker", "image", "rm", "--no-prune", image}));
    return pushed;
  }

  static std::vector<std::string> BuildArgv(const BuildRequest& request,
                                            const BuildDirectory& directory) {
    std::vector<std::string> argv = {"docker", "build", "--platform",
                                     request.platforms.front().ToString()};
    AppendPairs(request.args, "--build-arg", "", argv);
    if (!request.source_date_epoch.empty()) {
      AppendPairs({{"SOURCE_DATE_EPOCH", request.source_date_epoch}}, "--build-arg", "", argv);
    }
    AppendPairs(request.labels, "--label", "", argv);
    for (std::string argument :
         {std::string("--tag"), request.image.ToString(), std::string("--file"),
          directory.Dockerfile(), AbsoluteContext(request)}) {
      argv.push_back(std::move(argument));
    }
    return argv;
  }

  const Environment environment_;
  ProcessRunner& processes_;
};

}  // namespace

std::unique_ptr<Builder> MakeDockerBuilder(const Environment& environment,
                                           ProcessRunner& processes) {
  return std::make_unique<DockerBuilder>(environment, processes);
}

}  // namespace imglife
