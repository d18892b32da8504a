#include "providers/auth/credentials.h"

#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include <fmt/format.h>

#include "providers/auth/docker_config.h"
#include "providers/files.h"

namespace imglife {
namespace {

// The user name by which docker says that the password is an identity token.
constexpr std::string_view kTokenUser = "<token>";
constexpr std::size_t kMaxConfigBytes = std::size_t{4} << 20;

using Found = absl::StatusOr<std::optional<Credential>>;

class CredentialChain : public CredentialSource {
 public:
  CredentialChain(const Environment& environment, ProcessRunner& processes)
      : environment_(environment), processes_(processes) {}

  absl::StatusOr<Credential> For(const std::string& host) override {
    for (const auto find : {&CredentialChain::InHostVariables, &CredentialChain::InGitlabVariables,
                            &CredentialChain::InAuthFile, &CredentialChain::InDockerConfig}) {
      Found found = (this->*find)(host);
      if (!found.ok()) return found.status();
      if (found->has_value()) return **std::move(found);
    }
    Credential anonymous;
    anonymous.source = "anonymous";
    return anonymous;
  }

 private:
  // An empty variable counts as one that isn't set.
  std::string Variable(const std::string& name) const {
    const auto found = environment_.find(name);
    return found == environment_.end() ? "" : found->second;
  }

  Found InHostVariables(const std::string& host) const {
    const std::string prefix = CredentialVariable(host);
    const std::string username = Variable(prefix + "_USERNAME");
    const std::string password = Variable(prefix + "_PASSWORD");
    const std::string token = Variable(prefix + "_TOKEN");
    if (username.empty() != password.empty() && token.empty()) {
      return absl::InvalidArgumentError(
          fmt::format("{0}_{1} is set, but {0}_{2} isn't: {3} needs both", prefix,
                      username.empty() ? "PASSWORD" : "USERNAME",
                      username.empty() ? "USERNAME" : "PASSWORD", host));
    }
    if (!username.empty() && !password.empty()) {
      return LoginAs(username, password, prefix + "_USERNAME");
    }
    if (token.empty()) return std::nullopt;
    Credential credential;
    credential.bearer_token = Secret(token);
    credential.source = prefix + "_TOKEN";
    return credential;
  }

  // GitLab CI, "Authenticate with the container registry".
  Found InGitlabVariables(const std::string& host) const {
    const std::string registry = absl::AsciiStrToLower(Variable("CI_REGISTRY"));
    if (registry.empty() || registry != host) return std::nullopt;
    Credential credential;
    credential.username = Variable("CI_REGISTRY_USER");
    credential.password = Secret(Variable("CI_REGISTRY_PASSWORD"));
    credential.source = "CI_REGISTRY_PASSWORD";
    if (!credential.username.empty() && !credential.password.empty()) return credential;
    const std::string job_token = Variable("CI_JOB_TOKEN");
    if (job_token.empty()) return std::nullopt;
    credential.username = "gitlab-ci-token";
    credential.password = Secret(job_token);
    credential.source = "CI_JOB_TOKEN";
    return credential;
  }

  Found InAuthFile(const std::string& host) const {
    const std::string file = Variable("REGISTRY_AUTH_FILE");
    if (file.empty()) return std::nullopt;
    Found found = InFile(file, AuthFileKind::kContainers, host);
    if (absl::IsNotFound(found.status())) {
      return absl::FailedPreconditionError(
          fmt::format("REGISTRY_AUTH_FILE names {}, which doesn't exist", file));
    }
    return found;
  }

  Found InDockerConfig(const std::string& host) const {
    const std::string directory = Variable("DOCKER_CONFIG");
    const std::string home = Variable("HOME");
    if (directory.empty() && home.empty()) return std::nullopt;
    const std::string folder = directory.empty() ? home + "/.docker" : directory;
    Found found = InFile(folder + "/config.json", AuthFileKind::kDocker, host);
    if (absl::IsNotFound(found.status())) return std::nullopt;
    return found;
  }

  // NotFound if the file doesn't exist.
  Found InFile(const std::string& file, AuthFileKind kind, const std::string& host) const {
    const absl::StatusOr<std::string> content = ReadFile(file, kMaxConfigBytes);
    if (!content.ok()) return content.status();
    return FindInDockerConfig(file, kind, *content, host, processes_);
  }

  const Environment environment_;
  ProcessRunner& processes_;
};

}  // namespace

Credential LoginAs(std::string username, std::string password, std::string source) {
  Credential credential;
  credential.source = std::move(source);
  if (username == kTokenUser) {
    credential.identity_token = Secret(std::move(password));
  } else {
    credential.username = std::move(username);
    credential.password = Secret(std::move(password));
  }
  return credential;
}

std::string CredentialVariable(const std::string& host) {
  std::string name = "IMGLIFE_";
  for (const char c : host) {
    const bool digit = c >= '0' && c <= '9';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    if (lower) {
      name += static_cast<char>(c - 'a' + 'A');
    } else {
      name += digit || upper ? c : '_';
    }
  }
  return name;
}

std::unique_ptr<CredentialSource> MakeCredentialSource(const Environment& environment,
                                                       ProcessRunner& processes) {
  return std::make_unique<CredentialChain>(environment, processes);
}

}  // namespace imglife
