#include "providers/auth/credentials.h"

#include <fstream>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include <gtest/gtest.h>

#include "providers/auth/docker_config.h"
#include "providers/files.h"

namespace imglife {
namespace {

// Runs nothing: a function answers.
class FakeProcesses : public ProcessRunner {
 public:
  using Program = std::function<absl::StatusOr<ProcessResult>(const ProcessSpec&)>;
  explicit FakeProcesses(Program program) : program_(std::move(program)) {}

  absl::StatusOr<ProcessResult> Run(const ProcessSpec& spec) override { return program_(spec); }
  void StopAll() override {}
  void KillAll() override {}

 private:
  Program program_;
};

absl::StatusOr<ProcessResult> Exit(int code, std::string out) {
  ProcessResult result;
  result.exit_code = code;
  result.out = std::move(out);
  return result;
}

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() : directory_(*TemporaryDirectory::Create("imglife-credentials")) {
    environment_["HOME"] = directory_.path();
  }

  std::string Write(const std::string& name, const std::string& content) {
    const std::string path = directory_.path() + "/" + name;
    EXPECT_TRUE(WriteFileAtomically(path, content).ok());
    return path;
  }

  absl::StatusOr<Credential> For(const std::string& host) {
    return MakeCredentialSource(environment_, processes_)->For(host);
  }

  absl::StatusOr<std::optional<Credential>> InConfig(const std::string& content,
                                                     const std::string& host) {
    return FindInDockerConfig("config.json", AuthFileKind::kDocker, content, host, processes_);
  }

  TemporaryDirectory directory_;
  Environment environment_;
  FakeProcesses::Program helper_ = [](const ProcessSpec& spec) -> absl::StatusOr<ProcessResult> {
    return absl::NotFoundError("no program " + spec.argv.front());
  };
  FakeProcesses processes_{[this](const ProcessSpec& spec) { return helper_(spec); }};
};

TEST_F(CredentialsTest, NothingKnownIsAnonymous) {
  const absl::StatusOr<Credential> credential = For("registry.example.com");
  ASSERT_TRUE(credential.ok()) << credential.status();
  EXPECT_TRUE(credential->anonymous());
  EXPECT_EQ(credential->source, "anonymous");
}

TEST_F(CredentialsTest, VariablesAreNamedAfterTheHost) {
  EXPECT_EQ(CredentialVariable("docker.io"), "IMGLIFE_DOCKER_IO");
  EXPECT_EQ(CredentialVariable("my-registry.example.com:5000"),
            "IMGLIFE_MY_REGISTRY_EXAMPLE_COM_5000");
  EXPECT_EQ(CredentialVariable("[::1]:5000"), "IMGLIFE____1__5000");
}

TEST_F(CredentialsTest, TheHostsVariablesComeFirst) {
  environment_["IMGLIFE_DOCKER_IO_USERNAME"] = "me";
  environment_["IMGLIFE_DOCKER_IO_PASSWORD"] = "secret";
  environment_["CI_REGISTRY"] = "docker.io";
  environment_["CI_JOB_TOKEN"] = "job";
  const absl::StatusOr<Credential> credential = For("docker.io");
  ASSERT_TRUE(credential.ok());
  EXPECT_EQ(credential->username, "me");
  EXPECT_EQ(credential->password.Reveal(), "secret");
  EXPECT_EQ(credential->source, "IMGLIFE_DOCKER_IO_USERNAME");
}

// Each source knows the host; they go one after the other.
TEST_F(CredentialsTest, SourcesHaveAnOrder) {
  const auto login = [](const std::string& user) {
    return R"({"auths":{"reg.example":{"username":")" + user + R"(","password":"p"}}})";
  };
  environment_["IMGLIFE_REG_EXAMPLE_USERNAME"] = "variable";
  environment_["IMGLIFE_REG_EXAMPLE_PASSWORD"] = "p";
  environment_["CI_REGISTRY"] = "reg.example";
  environment_["CI_REGISTRY_USER"] = "gitlab";
  environment_["CI_REGISTRY_PASSWORD"] = "p";
  environment_["REGISTRY_AUTH_FILE"] = Write("auth.json", login("file"));
  environment_["DOCKER_CONFIG"] = directory_.path();
  Write("config.json", login("docker"));
  const auto user = [this] {
    const absl::StatusOr<Credential> credential = For("reg.example");
    return credential.ok() ? credential->username : credential.status().ToString();
  };
  EXPECT_EQ(user(), "variable");
  environment_.erase("IMGLIFE_REG_EXAMPLE_USERNAME");
  environment_.erase("IMGLIFE_REG_EXAMPLE_PASSWORD");
  EXPECT_EQ(user(), "gitlab");
  environment_.erase("CI_REGISTRY");
  EXPECT_EQ(user(), "file");
  environment_.erase("REGISTRY_AUTH_FILE");
  EXPECT_EQ(user(), "docker");
  environment_.erase("DOCKER_CONFIG");
  EXPECT_EQ(user(), "");
}

TEST_F(CredentialsTest, ATokenIsABearerToken) {
  environment_["IMGLIFE_GHCR_IO_TOKEN"] = "abc";
  const absl::StatusOr<Credential> credential = For("ghcr.io");
  ASSERT_TRUE(credential.ok());
  EXPECT_EQ(credential->bearer_token.Reveal(), "abc");
  EXPECT_FALSE(credential->anonymous());
  EXPECT_EQ(credential->source, "IMGLIFE_GHCR_IO_TOKEN");
}

TEST_F(CredentialsTest, HalfALoginIsAnErrorThatNamesTheOtherHalf) {
  environment_["IMGLIFE_GHCR_IO_USERNAME"] = "me";
  const absl::StatusOr<Credential> credential = For("ghcr.io");
  EXPECT_EQ(credential.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(credential.status().message().find("IMGLIFE_GHCR_IO_PASSWORD"), std::string::npos);
}

TEST_F(CredentialsTest, TheUserThatIsNoneBringsAnIdentityToken) {
  environment_["IMGLIFE_GHCR_IO_USERNAME"] = "<token>";
  environment_["IMGLIFE_GHCR_IO_PASSWORD"] = "refresh";
  const absl::StatusOr<Credential> credential = For("ghcr.io");
  ASSERT_TRUE(credential.ok());
  EXPECT_EQ(credential->identity_token.Reveal(), "refresh");
  EXPECT_TRUE(credential->username.empty() && credential->password.empty());
  EXPECT_EQ(credential->source, "IMGLIFE_GHCR_IO_USERNAME");
}

TEST_F(CredentialsTest, GitlabsVariablesAreForItsRegistryOnly) {
  environment_["CI_REGISTRY"] = "Registry.Example.com:5050";
  environment_["CI_REGISTRY_USER"] = "deploy";
  environment_["CI_REGISTRY_PASSWORD"] = "p";
  environment_["CI_JOB_TOKEN"] = "job";
  EXPECT_EQ(For("registry.example.com:5050")->username, "deploy");
  EXPECT_EQ(For("registry.example.com:5050")->source, "CI_REGISTRY_PASSWORD");
  EXPECT_TRUE(For("registry.example.com")->anonymous());
  environment_["CI_REGISTRY_PASSWORD"] = "";
  const absl::StatusOr<Credential> job = For("registry.example.com:5050");
  EXPECT_EQ(job->username, "gitlab-ci-token");
  EXPECT_EQ(job->password.Reveal(), "job");
  EXPECT_EQ(job->source, "CI_JOB_TOKEN");
}

TEST_F(CredentialsTest, TheAuthFileComesBeforeDockersConfig) {
  environment_["REGISTRY_AUTH_FILE"] =
      Write("auth.json", R"({"auths":{"a.example":{"username":"one","password":"1"}}})");
  environment_["DOCKER_CONFIG"] = directory_.path();
  const std::string config =
      Write("config.json", R"({"auths":{"a.example":{"username":"two","password":"2"},
                                        "b.example":{"username":"three","password":"3"}}})");
  EXPECT_EQ(For("a.example")->username, "one");
  EXPECT_EQ(For("b.example")->username, "three");
  EXPECT_EQ(For("b.example")->source, config);
}

TEST_F(CredentialsTest, DockersConfigIsInTheHomeDirectory) {
  Write(".docker/config.json", R"({"auths":{"a.example":{"auth":"bWU6cGE6c3M="}}})");
  const absl::StatusOr<Credential> credential = For("a.example");
  ASSERT_TRUE(credential.ok()) << credential.status();
  EXPECT_EQ(credential->username, "me");
  EXPECT_EQ(credential->password.Reveal(), "pa:ss");
}

TEST_F(CredentialsTest, AMissingAuthFileIsAnError) {
  environment_["REGISTRY_AUTH_FILE"] = directory_.path() + "/nowhere.json";
  const absl::Status status = For("a.example").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("nowhere.json"), std::string::npos);
}

TEST_F(CredentialsTest, HubHasManySpellings) {
  for (const char* key : {"docker.io", "index.docker.io", "https://index.docker.io/v1/",
                          "https://registry-1.docker.io/v2/", "registry-1.docker.io"}) {
    const auto found =
        InConfig(std::string(R"({"auths":{")") + key + R"(":{"username":"u","password":"p"}}})",
                 "docker.io");
    ASSERT_TRUE(found.ok() && found->has_value()) << key;
    EXPECT_EQ((*found)->username, "u");
  }
}

TEST_F(CredentialsTest, DockersOwnSpellingComesBeforeAllOthers) {
  const std::string host = R"({"auths":{"https://a.example":{"username":"old","password":"p"},
      "a.example":{"username":"new","password":"p"},"A.example":{"username":"x","password":"p"}}})";
  EXPECT_EQ((*InConfig(host, "a.example"))->username, "new");
  const std::string hub = R"({"auths":{"docker.io":{"username":"old","password":"p"},
      "https://index.docker.io/v1/":{"username":"new","password":"p"}}})";
  EXPECT_EQ((*InConfig(hub, "docker.io"))->username, "new");
  const std::string logged_out =
      R"({"auths":{"a.example":{},"https://a.example":{"username":"old","password":"p"}}})";
  EXPECT_FALSE(InConfig(logged_out, "a.example")->has_value());
}

// As podman login writes it, beside what docker login has left.
TEST_F(CredentialsTest, InAnAuthFileTheHostItselfComesBeforeAllOthers) {
  const std::string content = R"({"auths":{"docker.io":{"username":"new","password":"p"},
      "https://index.docker.io/v1/":{"username":"old","password":"p"}}})";
  environment_["REGISTRY_AUTH_FILE"] = Write("auth.json", content);
  EXPECT_EQ(For("docker.io")->username, "new");
  helper_ = [](const ProcessSpec& spec) {
    return Exit(0, R"({"Username":")" + spec.argv.front() + R"(","Secret":"s"})");
  };
  const std::string helpers =
      R"({"credHelpers":{"docker.io":"new","https://index.docker.io/v1/":"old"}})";
  environment_["REGISTRY_AUTH_FILE"] = Write("helpers.json", helpers);
  EXPECT_EQ(For("docker.io")->username, "docker-credential-new");
}

TEST_F(CredentialsTest, AHelperOfAnAuthFileIsAskedForBothNamesOfDockerHub) {
  environment_["REGISTRY_AUTH_FILE"] = Write("auth.json", R"({"credsStore":"store"})");
  std::string known = "docker.io";
  helper_ = [&](const ProcessSpec& spec) {
    return spec.input == known ? Exit(0, R"({"Username":"u","Secret":"s"})")
                               : Exit(1, "credentials not found in native keychain\n");
  };
  EXPECT_EQ(For("docker.io")->username, "u");
  known = "https://index.docker.io/v1/";
  EXPECT_EQ(For("docker.io")->username, "u");
}

TEST_F(CredentialsTest, WithoutDockersSpellingAnyThatHasSomethingIsTaken) {
  const std::string config = R"({"auths":{"http://a.example":{},
      "https://a.example/v2/":{"username":"u","password":"p"}}})";
  EXPECT_EQ((*InConfig(config, "a.example"))->username, "u");
}

TEST_F(CredentialsTest, HelpersHaveTheSameOrder) {
  helper_ = [](const ProcessSpec& spec) {
    return Exit(0, R"({"Username":")" + spec.argv.front() + R"(","Secret":"s"})");
  };
  const std::string host = R"({"credHelpers":{"https://a.example":"old","a.example":"new"}})";
  EXPECT_EQ((*InConfig(host, "a.example"))->username, "docker-credential-new");
  const std::string hub =
      R"({"credHelpers":{"docker.io":"old","https://index.docker.io/v1/":"new"}})";
  EXPECT_EQ((*InConfig(hub, "docker.io"))->username, "docker-credential-new");
}

TEST_F(CredentialsTest, AnEmptyHelperOfAHostMeansTheFile) {
  helper_ = [](const ProcessSpec&) { return Exit(2, "nobody should ask"); };
  const auto found = InConfig(
      R"({"credHelpers":{"a":""},"credsStore":"x","auths":{"a":{"username":"u","password":"p"}}})",
      "a");
  ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
  EXPECT_EQ((*found)->username, "u");
}

TEST_F(CredentialsTest, KeysMayBeUrlsButNotRepositories) {
  const std::string config = R"({"auths":{"a.example/team":{"username":"x","password":"x"},
      "https://A.example":{"username":"u","password":"p"}}})";
  EXPECT_EQ((*InConfig(config, "a.example"))->username, "u");
  EXPECT_FALSE(InConfig(config, "team")->has_value());
}

TEST_F(CredentialsTest, IdentityTokensAreToldInBothWays) {
  // "me:" and "<token>:refresh".
  const auto field = InConfig(R"({"auths":{"a":{"auth":"bWU6","identitytoken":"refresh"}}})", "a");
  EXPECT_EQ((*field)->identity_token.Reveal(), "refresh");
  const auto user = InConfig(R"({"auths":{"a":{"auth":"PHRva2VuPjpyZWZyZXNo"}}})", "a");
  EXPECT_EQ((*user)->identity_token.Reveal(), "refresh");
  EXPECT_TRUE((*user)->username.empty());
}

TEST_F(CredentialsTest, ARegistryTokenComesBeforeALogin) {
  const auto found = InConfig(
      R"({"auths":{"a":{"auth":"bWU6","identitytoken":"refresh","registrytoken":"bearer"}}})", "a");
  EXPECT_EQ((*found)->bearer_token.Reveal(), "bearer");
  EXPECT_TRUE((*found)->username.empty() && (*found)->identity_token.empty());
  EXPECT_EQ((*found)->source, "config.json");
}

TEST_F(CredentialsTest, BrokenFilesAreNamedAndNotQuoted) {
  for (const char* config :
       {"", "{", "[]", R"({"auths":[]})", R"({"auths":{"a":3}})", R"({"auths":{"a":{"auth":3}}})",
        R"({"auths":{"a":{"auth":"c2VjcmV0"}}})", R"({"auths":{"a":{"auth":"***"}}})",
        R"({"credHelpers":3})", R"({"credHelpers":{"a":3}})", R"({"credsStore":3})",
        R"({"credsStore":"../evil"})"}) {
    const absl::Status status = InConfig(config, "a").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << config;
    EXPECT_NE(status.message().find("config.json"), std::string::npos) << config;
    EXPECT_EQ(status.message().find("c2VjcmV0"), std::string::npos);
    EXPECT_EQ(status.message().find("secret"), std::string::npos);
  }
}

TEST_F(CredentialsTest, TheHostsHelperIsAskedOnStdin) {
  helper_ = [](const ProcessSpec& spec) {
    EXPECT_EQ(spec.argv, (std::vector<std::string>{"docker-credential-ecr", "get"}));
    EXPECT_EQ(spec.input, "a.example:5000");
    return Exit(0, R"({"ServerURL":"a.example:5000","Username":"u","Secret":"s"})");
  };
  const auto found = InConfig(R"({"credHelpers":{"a.example:5000":"ecr"},"credsStore":"other"})",
                              "a.example:5000");
  ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
  EXPECT_EQ((*found)->username, "u");
  EXPECT_EQ((*found)->password.Reveal(), "s");
  EXPECT_EQ((*found)->source, "docker-credential-ecr");
}

TEST_F(CredentialsTest, TheStoreIsAskedForHubByItsOldName) {
  helper_ = [](const ProcessSpec& spec) {
    EXPECT_EQ(spec.argv.front(), "docker-credential-desktop");
    EXPECT_EQ(spec.input, "https://index.docker.io/v1/");
    return Exit(0, R"({"Username":"<token>","Secret":"refresh"})");
  };
  const auto found = InConfig(R"({"auths":{},"credsStore":"desktop"})", "docker.io");
  ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
  EXPECT_EQ((*found)->identity_token.Reveal(), "refresh");
}

TEST_F(CredentialsTest, AHelperWithoutTheHostIsNoError) {
  helper_ = [](const ProcessSpec&) {
    return Exit(1, "credentials not found in native keychain\n");
  };
  const auto found =
      InConfig(R"({"credsStore":"x","auths":{"a":{"username":"u","password":"p"}}})", "a");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ((*found)->username, "u");
  EXPECT_FALSE(InConfig(R"({"credsStore":"x"})", "b")->has_value());
}

TEST_F(CredentialsTest, AHelperThatFailsIsAnErrorWithoutItsOutput) {
  helper_ = [](const ProcessSpec&) { return Exit(2, "secret words"); };
  const absl::Status status = InConfig(R"({"credsStore":"x"})", "a").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("docker-credential-x"), std::string::npos);
  EXPECT_EQ(status.message().find("secret words"), std::string::npos);
  for (const char* answer :
       {R"({"Username":"u"})", R"({"Username":"","Secret":"s"})", R"({"Secret":"s"})", "[]", ""}) {
    helper_ = [&](const ProcessSpec&) { return Exit(0, answer); };
    EXPECT_EQ(InConfig(R"({"credsStore":"x"})", "a").status().code(),
              absl::StatusCode::kFailedPrecondition)
        << answer;
  }
}

TEST_F(CredentialsTest, AMissingHelperIsNamed) {
  const absl::Status status = InConfig(R"({"credHelpers":{"a":"gone"}})", "a").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("docker-credential-gone"), std::string::npos);
}

}  // namespace
}  // namespace imglife
