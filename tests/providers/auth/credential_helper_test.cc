// Docker's configuration with helper programs that are really run.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/auth/credentials.h"
#include "providers/files.h"
#include "providers/system/system.h"

namespace imglife {
namespace {

using testing::HasSubstr;
using testing::Not;

class CredentialHelperTest : public testing::Test {
 protected:
  CredentialHelperTest() : directory_(*TemporaryDirectory::Create("imglife-helpers")) {
    environment_["HOME"] = directory_.path();
    const char* path = std::getenv("PATH");
    path_ = path == nullptr ? "" : path;
    ::setenv("PATH", (directory_.path() + ":" + path_).c_str(), 1);
  }
  ~CredentialHelperTest() override { ::setenv("PATH", path_.c_str(), 1); }

  // docker-credential-NAME, a script that finds what it was told in $server.
  void Helper(const std::string& name, const std::string& script) {
    const std::string file = directory_.path() + "/docker-credential-" + name;
    const std::string text = fmt::format(
        "#!/bin/sh\n[ \"$*\" = get ] || exit 64\nserver=$(cat)\necho \"$server\" >> {}/asked\n{}\n",
        directory_.path(), script);
    ASSERT_TRUE(WriteFileAtomically(file, text).ok());
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }

  void Config(const std::string& json) {
    std::filesystem::create_directories(directory_.path() + "/.docker");
    ASSERT_TRUE(WriteFileAtomically(directory_.path() + "/.docker/config.json", json).ok());
  }

  absl::StatusOr<Credential> For(const std::string& host) {
    return MakeCredentialSource(environment_, *processes_)->For(host);
  }

  std::string Asked() const { return ReadFile(directory_.path() + "/asked").value_or(""); }

  TemporaryDirectory directory_;
  Environment environment_;
  std::string path_;
  std::unique_ptr<ProcessRunner> processes_ = MakeProcessRunner();
};

TEST_F(CredentialHelperTest, AHostsOwnHelperComesFirst) {
  Helper("own", R"(printf '{"ServerURL":"%s","Username":"u","Secret":"from-own"}' "$server")");
  Helper("all", R"(echo '{"Username":"u","Secret":"from-all"}')");
  Config(R"({"credHelpers":{"a.example:5000":"own"},"credsStore":"all",)"
         R"("auths":{"a.example:5000":{"auth":"dTpmcm9tLWF1dGhz"}}})");
  EXPECT_EQ(For("a.example:5000")->password.Reveal(), "from-own");
  EXPECT_EQ(Asked(), "a.example:5000\n");
  EXPECT_EQ(For("b.example")->password.Reveal(), "from-all");
  EXPECT_EQ(For("b.example")->source, "docker-credential-all");
}

TEST_F(CredentialHelperTest, HubIsAskedForByItsOldNameHoweverTheKeyIsSpelled) {
  Helper("hub", R"(echo '{"Username":"u","Secret":"s"}')");
  for (const char* key : {"https://index.docker.io/v1/", "docker.io", "registry-1.docker.io",
                          "index.docker.io", "https://registry-1.docker.io/v2/"}) {
    Config(fmt::format(R"({{"credHelpers":{{"{}":"hub"}}}})", key));
    const auto found = For("docker.io");
    ASSERT_TRUE(found.ok()) << key << found.status();
    EXPECT_EQ(found->password.Reveal(), "s") << key;
  }
  EXPECT_THAT(Asked(), testing::StartsWith("https://index.docker.io/v1/\n"));
  EXPECT_THAT(Asked(), Not(HasSubstr("registry-1")));
}

TEST_F(CredentialHelperTest, ATokenUserIsAnIdentityToken) {
  Helper("t", R"(echo '{"Username":"<token>","Secret":"refresh"}')");
  Config(R"({"credsStore":"t"})");
  EXPECT_EQ(For("a.example")->identity_token.Reveal(), "refresh");
  EXPECT_TRUE(For("a.example")->username.empty());
}

TEST_F(CredentialHelperTest, OneThatHasNothingLeavesTheRest) {
  Helper("empty", "echo 'credentials not found in native keychain'; exit 1");
  Config(R"({"credsStore":"empty","auths":{"a.example":{"auth":"dTpw"}}})");
  EXPECT_EQ(For("a.example")->password.Reveal(), "p");
  EXPECT_TRUE(For("b.example")->anonymous());
}

TEST_F(CredentialHelperTest, OneThatFailsIsNamedAndNotQuoted) {
  Helper("broken", "echo 'secret-on-stdout'; echo 'secret-on-stderr' >&2; exit 3");
  Config(R"({"credsStore":"broken","auths":{"a.example":{"auth":"dTpw"}}})");
  const absl::Status status = For("a.example").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("docker-credential-broken"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("exit code 3"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret-on")));
}

TEST_F(CredentialHelperTest, OneThatIsMissingIsNamed) {
  Config(R"({"credsStore":"nowhere"})");
  const absl::Status status = For("a.example").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("docker-credential-nowhere"));
}

// What comes earlier in the order hides what comes later, broken as it may be.
TEST_F(CredentialHelperTest, IsNotRunForWhatVariablesKnow) {
  Helper("broken", "exit 3");
  Config(R"({"credsStore":"broken"})");
  environment_["CI_REGISTRY"] = "a.example";
  environment_["CI_JOB_TOKEN"] = "job";
  EXPECT_EQ(For("a.example")->username, "gitlab-ci-token");
  environment_["IMGLIFE_A_EXAMPLE_USERNAME"] = "me";
  environment_["IMGLIFE_A_EXAMPLE_PASSWORD"] = "own";
  EXPECT_EQ(For("a.example")->password.Reveal(), "own");
  EXPECT_EQ(Asked(), "");
  EXPECT_FALSE(For("b.example").ok());
}

}  // namespace
}  // namespace imglife
