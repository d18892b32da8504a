#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

#include "providers/builders/backends.h"
#include "providers/builders/build_steps.h"
#include "providers/builders/builders.h"
#include "providers/system/system.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

constexpr std::size_t kMostSaid = 300;
constexpr char kStartDaemon[] = "start its daemon, or set DOCKER_HOST";

// What to do about a program that isn't there, and about one that is and doesn't work.
struct Advice {
  std::string missing;
  std::string failing;
};

Advice Always(const std::string& advice) {
  return {advice, advice};
}

// " and says "Cannot connect to the Docker daemon at …"", the last thing that the program wrote:
// what comes before is what it did until then. Empty if it wrote nothing.
std::string SaidText(const ProcessResult& result) {
  std::string_view said = result.err;
  while (!said.empty() && absl::ascii_isspace(static_cast<unsigned char>(said.back()))) {
    said.remove_suffix(1);
  }
  const std::size_t line = said.rfind('\n');
  if (line != std::string_view::npos) said.remove_prefix(line + 1);
  if (said.empty()) return "";
  return fmt::format(" and says \"{}\"", EscapeControl(said.substr(0, kMostSaid)));
}

// A daemon that hasn't said its version by then isn't there for a build either.
constexpr absl::Duration kProbeTimeout = absl::Seconds(15);

class Chooser {
 public:
  Chooser(BuilderChoice choice, const Environment& environment, ProcessRunner& processes)
      : choice_(std::move(choice)), environment_(environment), processes_(processes) {}

  absl::StatusOr<std::unique_ptr<Builder>> Choose() {
    switch (choice_.backend) {
      case BuildBackend::kDocker:
        // There docker has nobody to speak to.
        return DockerHostIsBuildKit() ? Buildctl() : Docker();
      case BuildBackend::kBuildx:
        return Buildx();
      case BuildBackend::kBuildctl:
        return Buildctl();
      case BuildBackend::kBuildah:
        return Buildah();
      case BuildBackend::kAuto:
        break;
    }
    return FirstThatWorks();
  }

 private:
  using Attempt = absl::StatusOr<std::unique_ptr<Builder>>;

  Attempt FirstThatWorks() {
    std::vector<std::string> reasons;
    const bool needs_buildx =
        !choice_.builder.empty() || choice_.several_platforms || choice_.sbom || choice_.layouts;
    using Try = Attempt (Chooser::*)();
    for (const Try attempt : {needs_buildx ? &Chooser::Buildx : &Chooser::Docker,
                              &Chooser::Buildctl, &Chooser::Buildah}) {
      Attempt builder = (this->*attempt)();
      if (builder.ok() || !absl::IsFailedPrecondition(builder.status())) return builder;
      reasons.push_back(std::string(builder.status().message()));
    }
    // In one line, as a plan shows line breaks only as bytes that could be a registry's.
    return absl::FailedPreconditionError(fmt::format(
        "no program on this machine can build these images: {}", fmt::join(reasons, "; ")));
  }

  Attempt Docker() {
    if (choice_.sbom) return Unusable("docker can't attach an SBOM: use buildx or buildctl");
    if (choice_.layouts) {
      return Unusable(
          "docker can't build on image layouts (ocidir://) or write them: use buildx, buildctl or "
          "buildah");
    }
    if (choice_.several_platforms) {
      return Unusable("docker builds one platform at a time: use buildx, buildctl or buildah");
    }
    const absl::Status there =
        Probe({"docker", "version"},
              {.missing = "install docker.io (or docker-ce-cli) and start its daemon, or set "
                          "DOCKER_HOST",
               .failing = kStartDaemon});
    if (!there.ok()) return there;
    return MakeDockerBuilder(environment_, processes_);
  }

  // An instance may be far from any docker daemon, so that it is the one to ask.
  Attempt Buildx() {
    std::vector<std::string> question = {"docker", "version"};
    if (!choice_.builder.empty()) question = {"docker", "buildx", "inspect", choice_.builder};
    const std::string make_instance =
        fmt::format("make the instance with `docker buildx create --name {}`", choice_.builder);
    absl::Status there =
        Probe(question,
              {.missing =
                   "install docker with its buildx plugin and start its daemon, or set DOCKER_HOST",
               .failing = choice_.builder.empty() ? kStartDaemon : make_instance});
    if (there.ok()) {
      there = Probe({"docker", "buildx", "version"}, Always("install docker's buildx plugin"));
    }
    if (!there.ok()) return there;
    return MakeBuildxBuilder(choice_.builder, environment_, processes_);
  }

  Attempt Buildctl() {
    const std::string address = BuildKitAddress();
    if (address.empty()) {
      return Unusable("buildctl needs the address of a BuildKit daemon: set BUILDKIT_HOST");
    }
    const absl::Status there =
        Probe({"buildctl", "--version"}, Always("install buildctl (BuildKit)"));
    if (!there.ok()) return there;
    return MakeBuildctlBuilder(address, environment_, processes_);
  }

  Attempt Buildah() {
    if (choice_.sbom) return Unusable("buildah can't attach an SBOM: use buildx or buildctl");
    const absl::Status there =
        Probe({"buildah", "--version"}, Always("install buildah, which needs no daemon"));
    if (!there.ok()) return there;
    return MakeBuildahBuilder(environment_, processes_);
  }

  std::string BuildKitAddress() const {
    for (const char* name : {"BUILDKIT_HOST", "BUILDKITD_ADDR"}) {
      if (const std::string address = EnvironmentValue(environment_, name); !address.empty())
        return address;
    }
    return DockerHostIsBuildKit() ? EnvironmentValue(environment_, "DOCKER_HOST") : "";
  }

  bool DockerHostIsBuildKit() const {
    return EnvironmentValue(environment_, "DOCKER_HOST").ends_with("/buildkitd.sock");
  }

  static absl::Status Unusable(const std::string& what) {
    return absl::FailedPreconditionError(what);
  }

  // Does the program answer? FailedPrecondition with what is wrong and `advice` if not; Cancelled
  // is passed on.
  absl::Status Probe(const std::vector<std::string>& argv, const Advice& advice) {
    ProcessSpec spec = Command(argv);
    spec.timeout = kProbeTimeout;
    const absl::StatusOr<ProcessResult> result = processes_.Run(spec);
    if (absl::IsCancelled(result.status())) return result.status();
    if (absl::IsNotFound(result.status())) {
      return Unusable(fmt::format("{} isn't in PATH: {}", argv.front(), advice.missing));
    }
    std::string command;
    for (const std::string& argument : argv) command += (command.empty() ? "" : " ") + argument;
    if (!result.ok()) {
      return Unusable(fmt::format("`{}` didn't answer ({}): {}", command,
                                  std::string(result.status().message()), advice.failing));
    }
    if (result->exit_code == 0) return absl::OkStatus();
    return Unusable(fmt::format("`{}` failed (exit code {}){}: {}", command, result->exit_code,
                                SaidText(*result), advice.failing));
  }

  const BuilderChoice choice_;
  const Environment& environment_;
  ProcessRunner& processes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Builder>> ChooseBuilder(const BuilderChoice& choice,
                                                       const Environment& environment,
                                                       ProcessRunner& processes) {
  return Chooser(choice, environment, processes).Choose();
}

}  // namespace imglife
