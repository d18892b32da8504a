// Distinctive secrets in every source of credentials, through success and every kind of refusal, at
// --log-level debug: none of them is in anything that is printed or written.
#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

// What the token servers and registries of the test do.
enum class Mood { kServes, kRefusesPasswords, kBroken, kBabbles, kDenies };

// A registry with one image, and its token server, which says back all it is told when it refuses.
class TalkativeRegistry {
 public:
  TalkativeRegistry(const TestImage& image, const std::atomic<Mood>& mood, std::string token)
      : image_(image), mood_(mood), token_(std::move(token)) {}

  std::string host() const { return server_.host(); }
  const std::string& token() const { return token_; }
  // What came to the token server.
  std::vector<ServedRequest> Logins() const {
    return Asked([](const ServedRequest& request) { return request.path == "/token"; });
  }
  // What came to the registry itself.
  std::vector<ServedRequest> Questions() const {
    return Asked([](const ServedRequest& request) { return request.path != "/token"; });
  }

 private:
  template <typename Predicate>
  std::vector<ServedRequest> Asked(Predicate wanted) const {
    std::vector<ServedRequest> asked;
    for (const ServedRequest& request : server_.Requests()) {
      if (wanted(request)) asked.push_back(request);
    }
    return asked;
  }

  static ServedResponse SayBack(int status, const ServedRequest& request) {
    const std::string sent = request.Header("authorization");
    std::string login;
    if (!sent.empty()) absl::Base64Unescape(sent.substr(sent.find(' ') + 1), &login);
    const std::string words = fmt::format("{} {} {}", sent, login, request.body);
    std::string text;
    for (const char c : words) text += c >= ' ' && c <= '~' && c != '"' && c != '\\' ? c : '?';
    return {status,
            {{"Content-Type", "application/json"}},
            fmt::format(R"({{"errors":[{{"code":"DENIED","message":"not with {}"}}]}})", text)};
  }

  ServedResponse Serve(const ServedRequest& request) const {
    if (request.path == "/token") return Login(request);
    if (request.Header("authorization") != "Bearer " + token_) {
      return {401,
              {{"WWW-Authenticate", fmt::format(R"(Bearer realm="http://{}/token",service="reg")",
                                                request.Header("host"))}},
              ""};
    }
    if (mood_ == Mood::kDenies) return SayBack(403, request);
    return Content(request.path);
  }

  ServedResponse Login(const ServedRequest& request) const {
    switch (mood_) {
      case Mood::kRefusesPasswords:
        return SayBack(401, request);
      case Mood::kBroken:
        return SayBack(500, request);
      case Mood::kBabbles:
        return {200, {}, "token: " + token_};
      default:
        return {200, {}, fmt::format(R"({{"token":"{}"}})", token_)};
    }
  }

  ServedResponse Content(const std::string& path) const {
    const std::string name = path.substr(path.rfind('/') + 1);
    if (name == "list") return {200, {}, R"({"name":"app","tags":["1"]})"};
    const std::string digest = image_.manifest.digest.str();
    if (name == "1" || name == digest) {
      return {200,
              {{"Content-Type", image_.manifest.media_type}, {"Docker-Content-Digest", digest}},
              image_.manifest.content};
    }
    for (const auto& [blob, bytes] : image_.blobs) {
      if (blob.str() == name) return {200, {}, bytes};
    }
    return {404, {}, ""};
  }

  const TestImage& image_;
  const std::atomic<Mood>& mood_;
  const std::string token_;
  HttpServer server_{[this](const ServedRequest& request) { return Serve(request); }};
};

class SecretsTest : public RegistriesTest {
 protected:
  void SetUp() override {
    std::string entries;
    for (std::size_t i = 0; i < registries_.size(); ++i) {
      const std::string token = Secret(fmt::format("issued-{}", i));
      registries_[i] = std::make_unique<TalkativeRegistry>(
          image_, mood_, i == kToken ? Secret("given-bearer") : token);
      environment_[fmt::format("SOURCE{}", i)] = registries_[i]->host();
      entries += fmt::format(
          "    - {{source: $SOURCE{0}/app, tag: \"1\", target: $PRIVATE/mirrors/app{0}}}\n", i);
    }
    Configure(
        "sync:\n  hooks:\n    post_sync:\n"
        "      - {cmd: 'env | grep -e TOKEN -e PASSWORD -e PROXY >&2; exit 1', "
        "continue_on_error: true}\n"
        "  entries:\n" +
        entries);
    fs::create_directories(Path("input"));
    FillSources();
  }

  void FillSources() {
    const auto variable = [this](Source source, const std::string& what) -> std::string& {
      std::string host = registries_[source]->host();
      std::replace_if(
          host.begin(), host.end(), [](char c) { return c == '.' || c == ':'; }, '_');
      return environment_[fmt::format("IMGLIFE_{}_{}", host, what)];
    };
    variable(kPassword, "USERNAME") = "me";
    variable(kPassword, "PASSWORD") = Secret("own-password");
    variable(kToken, "TOKEN") = Secret("given-bearer");
    environment_["CI_REGISTRY"] = registries_[kCi]->host();
    environment_["CI_REGISTRY_USER"] = "ci";
    environment_["CI_REGISTRY_PASSWORD"] = Secret("ci-password");
    environment_["CI_JOB_TOKEN"] = Secret("job-token");
    environment_["GITLAB_TOKEN"] = Secret("gitlab-token");
    environment_["HTTPS_PROXY"] = "http://me:" + Secret("proxy-password") + "@127.0.0.1:1";
    environment_["REGISTRY_AUTH_FILE"] = Path("input/auth.json");
    Write("input/auth.json",
          fmt::format(R"({{"auths":{{"{}":{{"auth":"{}"}}}}}})", registries_[kAuthFile]->host(),
                      absl::Base64Escape("file:" + Secret("file-password"))));
    environment_["DOCKER_CONFIG"] = Path("input");
    Write("input/config.json",
          fmt::format(R"({{"auths":{{"{}":{{"identitytoken":"{}"}}}},"credHelpers":{{"{}":"t"}}}})",
                      registries_[kIdentity]->host(), Secret("refresh-token"),
                      registries_[kHelper]->host()));
    Write("input/docker-credential-t",
          fmt::format("#!/bin/sh\ncat > /dev/null\necho {} >&2\n"
                      "echo '{{\"Username\":\"helped\",\"Secret\":\"{}\"}}'\n",
                      Secret("helpers-words"), Secret("helper-password")));
    fs::permissions(Path("input/docker-credential-t"), fs::perms::owner_all);
  }

  // Every one of them is remembered, and looked for.
  std::string Secret(const std::string& name) {
    const std::string secret = "S3CRET-" + name;
    if (std::find(secrets_.begin(), secrets_.end(), secret) == secrets_.end()) {
      secrets_.push_back(secret);
    }
    return secret;
  }

  ImglifeRun RunWithHelper(const std::string& arguments) const {
    return RunScript(
        directory_.path(),
        fmt::format("PATH={}:$PATH; exec imglife {} --log-level debug", Path("input"), arguments),
        environment_);
  }

  void ExpectNoSecretIn(const std::string& text, const std::string& what) const {
    EXPECT_THAT(text, Not(HasSubstr("S3CRET"))) << what;
    // "S3CRET" in base64, at any place of a group of three bytes.
    for (const char* encoded : {"UzNDUkVU", "MzQ1JFV", "TM0NSRV"}) {
      EXPECT_THAT(text, Not(HasSubstr(encoded))) << what;
    }
  }

  // All commands that talk to registries; what they print and what they leave.
  std::vector<ImglifeRun> RunEverything() {
    std::vector<ImglifeRun> runs;
    for (const char* arguments :
         {"plan --out plan.json --markdown plan.md --gitlab-report report.json", "plan --json",
          "apply --auto-approve --journal journal.ndjson", "sync", "status --format json"}) {
      const ImglifeRun run = RunWithHelper(arguments);
      ExpectNoSecretIn(run.out, arguments);
      ExpectNoSecretIn(run.err, arguments);
      runs.push_back(run);
    }
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory_.path())) {
      const std::string path = entry.path().string();
      if (!entry.is_regular_file() || path.find("/input/") != std::string::npos) continue;
      ExpectNoSecretIn(ReadFile(path).value_or("S3CRET: not readable"), path);
    }
    return runs;
  }

  enum Source : std::size_t { kPassword, kToken, kCi, kAuthFile, kIdentity, kHelper, kSources };

  std::atomic<Mood> mood_{Mood::kServes};
  const TestImage image_ = MakeImage({.name = "app"});
  std::array<std::unique_ptr<TalkativeRegistry>, kSources> registries_;
  std::vector<std::string> secrets_;
};

std::string BasicOf(const std::string& login) {
  return "Basic " + absl::Base64Escape(login);
}

TEST_F(SecretsTest, EachGoesToItsOwnRegistryAndNowhereElse) {
  const std::vector<ImglifeRun> runs = RunEverything();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_THAT(runs[i], ExitsWith(0)) << i;
  // What is searched for secrets tells of the requests that carried them.
  for (const auto& registry : registries_) {
    EXPECT_THAT(runs[0].err,
                HasSubstr(fmt::format("debug: GET http://{}/v2/app/", registry->host())));
  }
  EXPECT_THAT(runs[0].err, HasSubstr(fmt::format("debug: GET http://{}/token 200\n",
                                                 registries_[kPassword]->host())));
  EXPECT_THAT(runs[2].out, HasSubstr("6"));
  EXPECT_THAT(runs[2].err, HasSubstr("GITLAB_TOKEN=***"));
  const std::map<std::size_t, std::string> logins = {
      {kPassword, BasicOf("me:S3CRET-own-password")},
      {kCi, BasicOf("ci:S3CRET-ci-password")},
      {kAuthFile, BasicOf("file:S3CRET-file-password")},
      {kHelper, BasicOf("helped:S3CRET-helper-password")}};
  for (const auto& [source, login] : logins) {
    const std::vector<ServedRequest> asked = registries_[source]->Logins();
    ASSERT_FALSE(asked.empty()) << source;
    for (const ServedRequest& request : asked) EXPECT_EQ(request.Header("authorization"), login);
  }
  for (const auto& registry : registries_) {
    for (const ServedRequest& request : registry->Questions()) {
      EXPECT_THAT(request.Header("authorization"), AnyOf("", "Bearer " + registry->token()));
    }
  }
  EXPECT_TRUE(registries_[kToken]->Logins().empty());
  ASSERT_FALSE(registries_[kIdentity]->Logins().empty());
  EXPECT_THAT(registries_[kIdentity]->Logins()[0].body,
              HasSubstr("refresh_token=S3CRET-refresh-token"));
}

TEST_F(SecretsTest, RefusedPasswordsAreNotRepeated) {
  mood_ = Mood::kRefusesPasswords;
  const std::vector<ImglifeRun> runs = RunEverything();
  EXPECT_THAT(runs[0], Not(ExitsWith(0)));
  const std::string said = runs[0].out + runs[0].err;
  for (const char* source :
       {"CI_REGISTRY_PASSWORD", "auth.json", "config.json", "docker-credential-t", "not with"}) {
    EXPECT_THAT(said, HasSubstr(source));
  }
}

TEST_F(SecretsTest, ABrokenTokenServerTellsNothing) {
  mood_ = Mood::kBroken;
  EXPECT_THAT(RunEverything()[0], Not(ExitsWith(0)));
}

TEST_F(SecretsTest, AnAnswerThatIsNoTokenTellsNothing) {
  mood_ = Mood::kBabbles;
  EXPECT_THAT(RunEverything()[0], Not(ExitsWith(0)));
}

TEST_F(SecretsTest, ADenialTellsNothing) {
  mood_ = Mood::kDenies;
  EXPECT_THAT(RunEverything()[0], Not(ExitsWith(0)));
}

TEST_F(SecretsTest, AJobTokenLogsInAsItsUser) {
  environment_.erase("CI_REGISTRY_PASSWORD");
  EXPECT_THAT(RunEverything()[0], ExitsWith(0));
  ASSERT_FALSE(registries_[kCi]->Logins().empty());
  EXPECT_EQ(registries_[kCi]->Logins()[0].Header("authorization"),
            BasicOf("gitlab-ci-token:S3CRET-job-token"));
}

}  // namespace
}  // namespace imglife
