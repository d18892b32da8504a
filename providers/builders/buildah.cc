#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "fmt/format.h"

#include "providers/builders/backends.h"
#include "providers/builders/build_steps.h"
#include "providers/builders/buildah_images.h"
#include "providers/builders/named_platforms.h"
#include "providers/builders/registry_logins.h"

namespace imglife {
namespace {

// What the results are called in the store of their build: one for each platform, and the list of
// them where they are several.
constexpr char kLocalName[] = "localhost/imglife-build";

std::string LocalName(const Platform& platform) {
  return fmt::format("{}:{}", kLocalName, absl::StrReplaceAll(platform.ToString(), {{"/", "-"}}));
}

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

  // Of what is there for one platform nothing is left for the next: whatever buildah can't pull for
  // a platform it takes from its store, though that be for another one.
  absl::Status Build(const Platform& platform) {
    const NamedPlatforms named = NamePlatforms(request_.dockerfile, platform);
    absl::Status status = WriteFileAtomically(directory_.Dockerfile(), named.dockerfile);
    if (status.ok()) status = RunBuild(platform);
    if (status.ok()) status = CheckAndForgetSources(platform, named);
    return status;
  }

  absl::Status Push() {
    if (SeveralPlatforms()) {
      const absl::Status listed = ListResults();
      if (!listed.ok()) return listed;
    }
    std::vector<std::string> argv =
        SeveralPlatforms() ? Argv({"manifest", "push", "--all"}) : Argv({"push"});
    AddRegistryOptions(request_.PushesInsecurely(), argv);
    const std::string name =
        SeveralPlatforms() ? kLocalName : LocalName(request_.platforms.front());
    Append(argv, {"--format", "oci", name, Destination()});
    return RunBuildStep(processes_, Step(std::move(argv)), PushOfImage());
  }

  // Only buildah can: a build that was killed leaves a mount in its store, and what it makes
  // without privileges belongs to other users. What it leaves goes with the directory.
  void EmptyStore() {
    for (const auto& argv : {Argv({"rm", "--all"}), Argv({"rmi", "--all", "--force"})}) {
      (void)processes_.Run(Step(argv));
    }
  }

 private:
  absl::Status RunBuild(const Platform& platform) {
    std::vector<std::string> argv = Argv({"build"});
    if (chroot_) Append(argv, {"--isolation", "chroot"});
    AddRegistryOptions(!request_.insecure_hosts.empty(), argv);
    Append(argv, {"--pull-always", "--platform", platform.ToString()});
    Append(argv, {"--tag", LocalName(platform)});
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
    return RunBuildStep(processes_, spec, BuildFor(platform));
  }

  absl::Status CheckAndForgetSources(const Platform& platform, const NamedPlatforms& named) {
    const std::string what = "buildah images of " + request_.image.ToString();
    const auto text =
        ReadBuildStep(processes_, Step(Argv({"images", "--all", "--json", "--no-trunc"})), what);
    if (!text.ok()) return text.status();
    const auto stored = ParseBuildahImages(*text);
    if (!stored.ok()) return stored.status();
    const absl::Status fits = Check(platform, named, *stored);
    return fits.ok() ? ForgetSources(*stored) : fits;
  }

  absl::Status Check(const Platform& platform, const NamedPlatforms& named,
                     const std::vector<StoredImage>& stored) {
    const absl::StatusOr<BuildahImage> result = Inspect(LocalName(platform));
    if (!result.ok()) return result.status();
    std::vector<BuildahImage> sources;
    for (const StoredImage& image : stored) {
      const std::vector<std::string> names = NamesOfOthers(image);
      // The same bytes may have been pulled that were built for an earlier platform.
      if (IsResult(image) && (names.empty() || Has(image, LocalName(platform)))) continue;
      absl::StatusOr<BuildahImage> source = Inspect(image.id);
      if (!source.ok()) return source.status();
      if (!names.empty()) source->name = names.front();
      sources.push_back(*std::move(source));
    }
    const absl::Status fits = CheckPlatforms(platform, named, *result, sources);
    if (fits.ok()) return fits;
    return absl::Status(fits.code(),
                        fmt::format("{}: {}", BuildFor(platform), std::string(fits.message())));
  }

  absl::StatusOr<BuildahImage> Inspect(const std::string& image) {
    const auto text = ReadBuildStep(processes_,
                                    Step(Argv({"inspect", "--type", "image", "--format",
                                               std::string(kBuildahImageFormat), image})),
                                    "buildah inspect of an image of " + request_.image.ToString());
    if (!text.ok()) return text.status();
    return ParseBuildahImage(*text);
  }

  // Stages keep containers, and these their images. The layers that results stand on stay.
  absl::Status ForgetSources(const std::vector<StoredImage>& stored) {
    std::vector<std::string> sources;
    for (const StoredImage& image : stored) {
      Append(sources, IsResult(image) ? NamesOfOthers(image) : std::vector{image.id});
    }
    if (sources.empty()) return absl::OkStatus();
    const std::string what = "buildah rmi of what " + request_.image.ToString() + " was made of";
    const absl::Status removed = RunBuildStep(processes_, Step(Argv({"rm", "--all"})), what);
    if (!removed.ok()) return removed;
    std::vector<std::string> argv = Argv({"rmi", "--force"});
    Append(argv, std::move(sources));
    return RunBuildStep(processes_, Step(std::move(argv)), what);
  }

  static bool Has(const StoredImage& image, const std::string& name) {
    return std::find(image.names.begin(), image.names.end(), name) != image.names.end();
  }

  bool IsResult(const StoredImage& image) const {
    return std::any_of(request_.platforms.begin(), request_.platforms.end(),
                       [&](const Platform& one) { return Has(image, LocalName(one)); });
  }

  static std::vector<std::string> NamesOfOthers(const StoredImage& image) {
    std::vector<std::string> names;
    for (const std::string& name : image.names) {
      if (!absl::StartsWith(name, std::string(kLocalName) + ":")) names.push_back(name);
    }
    return names;
  }

  absl::Status ListResults() {
    absl::Status status =
        RunBuildStep(processes_, Step(Argv({"manifest", "create", kLocalName})), PushOfImage());
    for (const Platform& platform : request_.platforms) {
      if (!status.ok()) return status;
      status = RunBuildStep(
          processes_,
          Step(Argv({"manifest", "add", kLocalName, "containers-storage:" + LocalName(platform)})),
          PushOfImage());
    }
    return status;
  }

  std::string BuildFor(const Platform& platform) const {
    return fmt::format("buildah build of {} for {}", request_.image.ToString(),
                       platform.ToString());
  }

  std::string PushOfImage() const {
    return fmt::format("buildah push of {}", request_.image.ToString());
  }

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
