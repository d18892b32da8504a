// Programs that build images.
//
// Thread safety: BuildAndPush may be called from several threads at once.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/secret.h"
#include "schema/image/manifest.h"
#include "schema/image/platform.h"
#include "schema/image/reference.h"

namespace imglife {

// What the builder's own registry client needs to pull bases and push images.
struct RegistryLogin {
  std::string host;  // as in Repository: "docker.io", "registry.example.com:5000"
  std::string username;
  Secret password;
};

// A base in an image layout on this machine, where no program finds it by the name that imglife has
// for it.
struct LayoutBase {
  std::string directory;  // of the layout
  Descriptor manifest;    // exactly this one, with a tag or without
};

// What a FROM that stands for the LayoutBase says. No stage can have this name.
inline constexpr std::string_view kLayoutBaseName = "localhost/imglife-base";
// What a result in a layout of its own is called there.
inline constexpr std::string_view kResultTag = "latest";

struct BuildRequest {
  // Where the result is pushed: repository and tag.
  Reference image;
  // If not empty, nothing is pushed: the result becomes the tag kResultTag of a new image layout,
  // and this is its directory, which is made. Somebody else brings it to `image`.
  std::string result_layout;
  // The rendered Dockerfile. Its FROM is already pinned to the base's digest, or says
  // kLayoutBaseName.
  std::string dockerfile;
  std::optional<LayoutBase> layout_base;
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

  bool UsesLayouts() const { return layout_base.has_value() || !result_layout.empty(); }
  // Is the image pushed over plain HTTP?
  bool PushesInsecurely() const { return insecure_hosts.count(image.repository.host) > 0; }
  // Seconds since 1970 that pin the image's dates; empty: the time of the build.
  std::string source_date_epoch;
  // Reach the program through a temporary file that only we can read, never its command line. They
  // win over all that the program's own configuration has for their hosts, and for repositories
  // there; for all other hosts it stays in force.
  std::vector<RegistryLogin> logins;
  // Called directly before the push where building and pushing are two commands (buildah, docker);
  // before the program starts where they are one (buildx, buildctl). If it fails nothing is pushed.
  // May be empty. Not called where nothing is pushed.
  std::function<absl::Status()> before_push = {};

  absl::Status BeforePush() const {
    return before_push && result_layout.empty() ? before_push() : absl::OkStatus();
  }
};

class Builder {
 public:
  virtual ~Builder() = default;

  // "buildah", "docker", "buildx", "buildctl".
  virtual std::string Name() const = 0;

  // Builds and pushes, or writes a layout, as the request says; the digest is for the caller to ask
  // the registry. One platform becomes an image manifest, several (or an SBOM) an index; provenance
  // attestations, which differ from build to build, are not written. Leaves nothing behind on this
  // machine but the program's own cache.
  //
  // Internal: the program failed; the message ends with the last lines of its output.
  // FailedPrecondition: it isn't on this machine. Unimplemented: it can't build what is asked for
  // (an SBOM with buildah or docker, several platforms or image layouts with docker).
  // InvalidArgument (buildah): the Dockerfile names an image that isn't there for a platform, or
  // the result is for another one; nothing was pushed.
  // Cancelled: StopAll was called.
  // Errors of before_push are passed on.
  virtual absl::Status BuildAndPush(const BuildRequest& request) = 0;
};

}  // namespace imglife
