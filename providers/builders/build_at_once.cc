#include "providers/builders/build_at_once.h"

#include "absl/status/statusor.h"
#include "fmt/format.h"

#include "providers/builders/registry_logins.h"

namespace imglife {

absl::Status BuildAtOnce(
    const BuildRequest& request, const std::string& program, const Environment& environment,
    ProcessRunner& processes,
    const std::function<std::vector<std::string>(const BuildDirectory&)>& argv) {
  const absl::StatusOr<BuildDirectory> directory = BuildDirectory::Create(request);
  if (!directory.ok()) return directory.status();
  const auto logged_in = DockerEnvironment(request, directory->path(), environment);
  if (!logged_in.ok()) return logged_in.status();
  const absl::Status may_push = request.BeforePush();
  if (!may_push.ok()) return may_push;
  return RunBuildStep(processes, Command(argv(*directory), *logged_in),
                      fmt::format("{} build of {}", program, request.image.ToString()));
}

}  // namespace imglife
