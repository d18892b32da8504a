#include "providers/builders/registry_logins.h"

#include <filesystem>
#include <sys/stat.h>

#include "absl/strings/escaping.h"
#include "nlohmann/json.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/files.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

class RegistryLoginsTest : public ::testing::Test {
 protected:
  RegistryLoginsTest() {
    environment_["HOME"] = Path("home");
    environment_["XDG_RUNTIME_DIR"] = Path("run");
  }

  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }
  void Write(const std::string& name, const Json& content) {
    ASSERT_TRUE(WriteFileAtomically(Path(name), content.dump()).ok());
  }
  Json Read(const std::string& path) {
    const absl::StatusOr<std::string> content = ReadFile(path);
    EXPECT_TRUE(content.ok()) << content.status();
    return Json::parse(content.value_or("null"));
  }
  static int Mode(const std::string& path) {
    struct stat status = {};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<int>(status.st_mode & 0777) : -1;
  }

  absl::StatusOr<TemporaryDirectory> directory_ = TemporaryDirectory::Create("imglife-test");
  Environment environment_;
  std::vector<RegistryLogin> logins_ = {{"docker.io", "me", Secret("p:w")},
                                        {"registry.test:5000", "ci", Secret("token")}};
};

Json Auth(const std::string& user_and_password) {
  return {{"auth", absl::Base64Escape(user_and_password)}};
}

TEST_F(RegistryLoginsTest, AuthFileHasTheLogins) {
  ASSERT_TRUE(WriteContainersAuthFile(Path("auth.json"), logins_, environment_).ok());
  EXPECT_EQ(Mode(Path("auth.json")), 0600);
  const Json auths = Read(Path("auth.json"))["auths"];
  EXPECT_EQ(auths["https://index.docker.io/v1/"], Auth("me:p:w"));
  EXPECT_EQ(auths["registry.test:5000"], Auth("ci:token"));
}

TEST_F(RegistryLoginsTest, AuthFileKeepsWhatTheUserHasForOtherRegistries) {
  Write("home/.docker/config.json",
        {{"auths", {{"a.test", Auth("docker")}, {"b.test", Auth("docker")}}},
         {"credsStore", "desktop"}});
  Write("home/.config/containers/auth.json", {{"auths", {{"b.test", Auth("config")}}}});
  Write("run/containers/auth.json",
        {{"auths", {{"registry.test:5000", Auth("old")}}},
         {"credHelpers", {{"registry.test:5000", "pass"}, {"c.test", "pass"}}}});
  ASSERT_TRUE(WriteContainersAuthFile(Path("auth.json"), logins_, environment_).ok());
  const Json merged = Read(Path("auth.json"));
  EXPECT_EQ(merged["auths"]["a.test"], Auth("docker"));
  EXPECT_EQ(merged["auths"]["b.test"], Auth("config"));
  EXPECT_EQ(merged["auths"]["registry.test:5000"], Auth("ci:token"));
  EXPECT_EQ(merged["credHelpers"], Json({{"c.test", "pass"}}));
}

// Buildah prefers the entry of a repository to that of its host.
TEST_F(RegistryLoginsTest, NoEntryForAPartOfARegistryWinsOverItsLogin) {
  Write("run/containers/auth.json",
        {{"auths",
          {{"registry.test:5000/team", Auth("old")},
           {"registry.test:5000/team/app", Auth("old")},
           {"https://registry.test:5000", Auth("old")},
           {"docker.io/library", Auth("old")},
           {"index.docker.io", Auth("old")},
           {"registry.test/team", Auth("other port")},
           {"registry.test:50001/team", Auth("other port")}}},
         {"credHelpers", {{"registry.test:5000/team", "pass"}, {"docker.io", "pass"}}}});
  ASSERT_TRUE(WriteContainersAuthFile(Path("auth.json"), logins_, environment_).ok());
  EXPECT_EQ(Read(Path("auth.json")), Json({{"auths",
                                            {{"https://index.docker.io/v1/", Auth("me:p:w")},
                                             {"registry.test:5000", Auth("ci:token")},
                                             {"registry.test/team", Auth("other port")},
                                             {"registry.test:50001/team", Auth("other port")}}},
                                           {"credHelpers", Json::object()}}));
}

TEST_F(RegistryLoginsTest, AChosenAuthFileIsTheOnlyOne) {
  Write("home/.docker/config.json", {{"auths", {{"a.test", Auth("docker")}}}});
  Write("chosen.json", {{"auths", {{"d.test", Auth("chosen")}}}});
  environment_["REGISTRY_AUTH_FILE"] = Path("chosen.json");
  ASSERT_TRUE(WriteContainersAuthFile(Path("auth.json"), logins_, environment_).ok());
  const Json auths = Read(Path("auth.json"))["auths"];
  EXPECT_TRUE(auths.contains("d.test"));
  EXPECT_FALSE(auths.contains("a.test"));
}

TEST_F(RegistryLoginsTest, NamesAFileThatItCanNotRead) {
  ASSERT_TRUE(WriteFileAtomically(Path("run/containers/auth.json"), "{broken").ok());
  const absl::Status status = WriteContainersAuthFile(Path("auth.json"), logins_, environment_);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(Path("run/containers/auth.json")));

  Write("home/.docker/config.json", {{"auths", 7}});
  EXPECT_TRUE(absl::IsInvalidArgument(WriteDockerConfig(Path("docker"), logins_, environment_)));
}

TEST_F(RegistryLoginsTest, DockerConfigIsTheUsersWithTheLogins) {
  Write("home/.docker/config.json", {{"auths", {{"a.test", Auth("docker")}}},
                                     {"credsStore", "desktop"},
                                     {"credHelpers", {{"registry.test:5000", "pass"}}},
                                     {"proxies", {{"default", {{"httpProxy", "http://p"}}}}}});
  ASSERT_TRUE(WriteDockerConfig(Path("docker"), logins_, environment_).ok());
  EXPECT_EQ(Mode(Path("docker/config.json")), 0600);
  const Json config = Read(Path("docker/config.json"));
  EXPECT_EQ(config["auths"]["a.test"], Auth("docker"));
  EXPECT_EQ(config["auths"]["registry.test:5000"], Auth("ci:token"));
  EXPECT_EQ(config["credsStore"], "desktop");
  EXPECT_EQ(config["proxies"]["default"]["httpProxy"], "http://p");
  EXPECT_EQ(config["credHelpers"]["registry.test:5000"], "");
  EXPECT_EQ(config["credHelpers"]["https://index.docker.io/v1/"], "");
}

TEST_F(RegistryLoginsTest, DockerConfigReachesInstancesAndPlugins) {
  Write("own/config.json", Json::object());
  Write("own/buildx/instances/ci", {{"Name", "ci"}});
  environment_["DOCKER_CONFIG"] = Path("own");
  ASSERT_TRUE(WriteDockerConfig(Path("docker"), logins_, environment_).ok());
  EXPECT_EQ(Read(Path("docker/buildx/instances/ci"))["Name"], "ci");
  EXPECT_FALSE(std::filesystem::is_symlink(Path("docker/config.json")));
  EXPECT_EQ(Read(Path("own/config.json")), Json::object());
}

TEST_F(RegistryLoginsTest, DockerConfigNeedsNoHome) {
  ASSERT_TRUE(WriteDockerConfig(Path("docker"), logins_, Environment{}).ok());
  EXPECT_EQ(Read(Path("docker/config.json"))["auths"].size(), 2U);
}

TEST_F(RegistryLoginsTest, WithoutLoginsNothingIsPutInTheWayOfTheUsersConfiguration) {
  const auto environment = DockerEnvironment(BuildRequest{}, directory_->path(), environment_);
  ASSERT_TRUE(environment.ok());
  EXPECT_TRUE(environment->empty());
}

}  // namespace
}  // namespace imglife
