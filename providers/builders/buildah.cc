#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "providers/builders/backends.h"
#include "providers/builders/build_steps.h"
#include "providers/builders/registry_logins.h"

namespace imglife {
namespace {

// What the result is called in the store of its build.
constexpr char kLocalName[] = "localhost/imglife-build";

bool Has(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found != environment.end() && !found->second.empty();
}

// The files are those of docker and podman; `container` is systemd's and podman's convention.
bool RunsInContainer(const Environment& environment) {
  std::error_code ignored;
  return std::filesystem::exists("/.dockerenv", ignored) ||
         std::filesystem::exists("/run/.containerenv", ignored) || Has(environment, "container") ||
         Has(environment, "KUBERNETES_SERVICE_HOST");
}

// One build in a store of its own.
class BuildahBuild {
 public:
  BuildahBuild(const BuildRequest& request, const BuildDirectory& directory, bool chroot,
               ProcessRunner& processes)
      : request_(request), directory_(directory), chroot_(chroot), processes_(processes) {}

  void UseAuthFile(std::string path) { auth_file_ = std::move(path); }

  // buildah's own choice of storage fails where storage.conf names a driver that the file system
  // can't carry (overlay on overlay): vfs works everywhere.
  void ChooseStorage() {
    const absl::StatusOr<ProcessResult> info = processes_.Run(Step(Argv({"info"})));
    if (info.ok() && info->exit_code != 0) storage_driver_ = "vfs";
  }

  absl::Status Build(const Platform& platform) {
    std::vector<std::string> argv = Argv({"build"});
    if (chroot_) Append(argv, {"--isolation", "chroot"});
    AddRegistryOptions(!request_.insecure_hosts.empty(), argv);
    Append(argv, {"--platform", platform.ToString()});
    Append(argv, {SeveralPlatforms() ? "--manifest" : "--tag", kLocalName});
    AppendPairs(request_.args, "--build-arg", "", argv);
    AppendPairs(request_.labels, "--label", "", argv);
    AppendPairs(request_.annotations, "--annotation", "", argv);
    if (!request_.source_date_epoch.empty()) {
      Append(argv, {"--timestamp", request_.source_date_epoch});
    }
    AddLayoutBase(argv);
    Append(argv, {"--file", directory_.Dockerfile(), AbsoluteContext(request_)});
    ProcessSpec spec = Step(std::move(argv));
    if (request_.layout_base) spec.directory = directory_.path();
    return RunBuildStep(
        processes_, spec,
        fmt::format("buildah build of {} for {}", request_.image.ToString(), platform.ToString()));
  }

  absl::Status Push() {
    std::vector<std::string> argv =
        SeveralPlatforms() ? Argv({"manifest", "push", "--all"}) : Argv({"push"});
    AddRegistryOptions(request_.PushesInsecurely(), argv);
    Append(argv, {"--format", "oci", kLocalName, Destination()});
    return RunBuildStep(processes_, Step(std::move(argv)),
                        fmt::format("buildah push of {}", request_.image.ToString()));
  }

  // Only buildah can: a build that was killed leaves a mount in its store, and what it makes
  // without privileges belongs to other users. What it leaves goes with the directory.
  void EmptyStore() {
    for (const auto& argv : {Argv({"rm", "--all"}), Argv({"rmi", "--all", "--force"})}) {
      (void)processes_.Run(Step(argv));
    }
  }

 private:
  // What buildah keeps in TMPDIR goes with the directory, also if it is killed.
  ProcessSpec Step(std::vector<std::string> argv) const {
    return Command(std::move(argv), {{"TMPDIR", directory_.TemporaryFiles()}});
  }

  std::string Destination() const {
    if (request_.result_layout.empty()) return "docker://" + request_.image.ToString();
    return fmt::format("oci:{}:{}", request_.result_layout, kResultTag);
  }

  // Named from the directory of the build, as the image's history keeps that name and must not say
  // where the build took place. 1.28 knows only `container-image://` for what isn't a registry's.
  void AddLayoutBase(std::vector<std::string>& argv) const {
    if (!request_.layout_base) return;
    Append(argv, {"--build-context", fmt::format("{}=container-image://oci:{}", kLayoutBaseName,
                                                 BuildDirectory::kBaseLayout)});
  }

  bool SeveralPlatforms() const { return request_.platforms.size() > 1; }

  static void Append(std::vector<std::string>& argv, std::vector<std::string> more) {
    for (std::string& argument : more) argv.push_back(std::move(argument));
  }

  std::vector<std::string> Argv(std::vector<std::string> arguments) const {
    std::vector<std::string> argv = {"buildah", "--root", directory_.path() + "/storage",
                                     "--runroot", directory_.path() + "/run"};
    if (!storage_driver_.empty()) Append(argv, {"--storage-driver", storage_driver_});
    Append(argv, std::move(arguments));
    return argv;
  }

  void AddRegistryOptions(bool insecure, std::vector<std::string>& argv) const {
    if (!auth_file_.empty()) Append(argv, {"--authfile", auth_file_});
    if (insecure) argv.push_back("--tls-verify=false");
  }

  const BuildRequest& request_;
  const BuildDirectory& directory_;
  const bool chroot_;
  ProcessRunner& processes_;
  std::string auth_file_;
  std::string storage_driver_;
};

class BuildahBuilder final : public Builder {
 public:
  BuildahBuilder(const Environment& environment, ProcessRunner& processes)
      : environment_(environment), processes_(processes) {}

  std::string Name() const override { return "buildah"; }

  absl::Status BuildAndPush(const BuildRequest& request) override {
    if (request.sbom) return absl::UnimplementedError("buildah can't attach an SBOM");
    absl::StatusOr<BuildDirectory> directory = BuildDirectory::Create(request);
    if (!directory.ok()) return directory.status();
    const bool chroot = !Has(environment_, "BUILDAH_ISOLATION") && RunsInContainer(environment_);
    BuildahBuild build(request, *directory, chroot, processes_);
    // A build in another directory would not find files that the environment names from here.
    if (!request.logins.empty() || request.layout_base) {
      const std::string path = directory->path() + "/auth.json";
      const absl::Status written = WriteContainersAuthFile(path, request.logins, environment_);
      if (!written.ok()) return written;
      build.UseAuthFile(path);
    }
    if (!Has(environment_, "STORAGE_DRIVER")) build.ChooseStorage();
    const absl::Status status = BuildAndPush(request, build);
    build.EmptyStore();
    return status;
  }

 private:
  static absl::Status BuildAndPush(const BuildRequest& request, BuildahBuild& build) {
    for (const Platform& platform : request.platforms) {
      const absl::Status built = build.Build(platform);
      if (!built.ok()) return built;
    }
    const absl::Status may_push = request.BeforePush();
    return may_push.ok() ? build.Push() : may_push;
  }

  const Environment environment_;
  ProcessRunner& processes_;
};

}  // namespace

std::unique_ptr<Builder> MakeBuildahBuilder(const Environment& environment,
                                            ProcessRunner& processes) {
  return std::make_unique<BuildahBuilder>(environment, processes);
}

}  // namespace imglife
