// A configuration in a directory of its own, an upstream and a private registry, and imglife.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/auth/credentials.h"
#include "providers/files.h"
#include "providers/registry.h"
#include "providers/transport.h"
#include "tests/end_to_end/imglife_run.h"
#include "tests/support/docker_registry.h"
#include "tests/support/image_maker.h"

namespace imglife {

MATCHER_P(ExitsWith, code, "") {
  return arg.exit_code == code;
}

// Configurations name the registries as $UPSTREAM and $PRIVATE. It is always 2026-08-20, 6:00 UTC.
class RegistriesTest : public testing::Test {
 protected:
  RegistriesTest();

  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  void Write(const std::string& name, const std::string& content) const;
  // imglife.yaml.
  void Configure(const std::string& yaml) const { Write("imglife.yaml", yaml); }
  // One image for one platform: $PRIVATE/bases/alpine:3.24.0-core1.0.0, which buildah makes of the
  // folder "alpine" and $PRIVATE/mirrors/alpine:3.24.0.
  void ConfigureBuild() const;

  ImglifeRun Run(const std::vector<std::string>& arguments) const {
    return RunImglife(directory_.path(), arguments, environment_);
  }

  // An image of two platforms. `name` decides what is in it; images of other names share nothing.
  static TestImage Image(const std::string& name, const std::string& created = "2026-06-01");
  TestImage Push(const DockerRegistry& server, const std::string& path, const std::string& tag,
                 const TestImage& image);
  TestImage Push(const DockerRegistry& server, const std::string& path, const std::string& tag) {
    return Push(server, path, tag, Image(path + ":" + tag));
  }

  // An image of two platforms that buildah made: on others, whose history doesn't know their
  // layers, buildah 1.28 doesn't build twice.
  void PushRealBase(const Repository& repository, const std::string& tag);

  // Speaks to both servers.
  Registry& registry() { return *registry_; }

  // The digest of a tag, or empty if there is none.
  std::string DigestOf(const DockerRegistry& server, const std::string& path,
                       const std::string& tag);
  std::vector<std::string> Tags(const DockerRegistry& server, const std::string& path);
  // Everything that the image consists of is in the repository.
  bool HasAll(const DockerRegistry& server, const std::string& path, const TestImage& image);

  // Requests since the last call for this server, the test's own included.
  std::vector<std::string> NewRequests(const DockerRegistry& server);
  // Those of them that changed something.
  std::vector<std::string> NewWrites(const DockerRegistry& server);
  // What was asked of both servers until now is not new any more.
  void ForgetRequests() {
    NewRequests(upstream_);
    NewRequests(private_);
  }

  static constexpr char kUpstream[] = "library/alpine";
  static constexpr char kMirror[] = "mirrors/alpine";
  // Where the archive "archive" keeps what was in kMirror.
  static constexpr char kArchived[] = "archive/mirrors/alpine";
  static constexpr char kNoChanges[] = "No changes. Registries match the configuration.\n";

  TemporaryDirectory directory_;
  DockerRegistry upstream_;
  DockerRegistry private_;
  std::map<std::string, std::string> environment_;

 private:
  // What a DockerRegistry that asks for a password takes; the others don't ask.
  class OwnCredentials : public CredentialSource {
   public:
    absl::StatusOr<Credential> For(const std::string&) override {
      Credential credential;
      credential.username = DockerRegistry::kUsername;
      credential.password = Secret(std::string(DockerRegistry::kPassword));
      return credential;
    }
  };

  std::unique_ptr<Transport> transport_;
  OwnCredentials credentials_;
  std::unique_ptr<Registry> registry_;
  std::map<std::string, std::size_t> seen_;
};

}  // namespace imglife
