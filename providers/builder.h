// Programs that build images.
//
// Thread safety: BuildAndPush may be called from several threads at once.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/secret.h"
#include "schema/image/platform.h"
#include "schema/image/reference.h"

namespace imglife {

// What the builder's own registry client needs to pull bases and push images.
struct RegistryLogin {
  std::string host;  // as in Repository: "docker.io", "registry.example.com:5000"
  std::string username;
  Secret password;
};

struct BuildRequest {
  // Where the result is pushed: repository and tag.
  Reference image;
  // The rendered Dockerfile. Its FROM is already pinned to the base's digest.
  std::string dockerfile;
  // Directory of the context's files; .dockerignore there is honoured by the builder.
  std::string context;
  std::vector<Platform> platforms;  // at least one
  // Values may hold any byte but NUL.
  std::map<std::string, std::string> args;
  std::map<std::string, std::string> labels;
  // Where the program can write them: not with docker.
  std::map<std::string, std::string> annotations;
  // Attach an SBOM attestation (buildx, buildctl).
  bool sbom = false;
  // Registries spoken to over plain HTTP: that of the image and that of the base may be among them.
  std::set<std::string> insecure_hosts;

  // Is the image pushed over plain HTTP?
  bool PushesInsecurely() const { return insecure_hosts.count(image.repository.host) > 0; }
  // Seconds since 1970 that pin the image's dates; empty: the time of the build.
  std::string source_date_epoch;
  // Reach the program through a temporary file that only we can read, never its command line. They
  // win over the program's own configuration, which stays in force for all other hosts.
  std::vector<RegistryLogin> logins;
  // Called directly before the push where building and pushing are two commands (buildah, docker);
  // before the program starts where they are one (buildx, buildctl). If it fails nothing is pushed.
  // May be empty.
  std::function<absl::Status()> before_push = {};

  absl::Status BeforePush() const { return before_push ? before_push() : absl::OkStatus(); }
};

class Builder {
 public:
  virtual ~Builder() = default;

  // "buildah", "docker", "buildx", "buildctl".
  virtual std::string Name() const = 0;

  // Builds and pushes; the digest is for the caller to ask the registry. One platform becomes an
  // image manifest, several (or an SBOM) an index; provenance attestations, which differ from build
  // to build, are not written. Leaves nothing behind on this machine but the program's own cache.
  //
  // Internal: the program failed; the message ends with the last lines of its output.
  // FailedPrecondition: it isn't on this machine. Unimplemented: it can't build what is asked for
  // (an SBOM with buildah or docker, several platforms with docker). Cancelled: StopAll was called.
  // Errors of before_push are passed on.
  virtual absl::Status BuildAndPush(const BuildRequest& request) = 0;
};

}  // namespace imglife
