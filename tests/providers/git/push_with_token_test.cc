// The token on its way to a server that speaks git's http protocol (git-http-backend).
#include <cstdlib>
#include <string>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/providers/git/git_fixture.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kToken[] = "s3cret-t0ken";

std::string Basic(const std::string& user, const std::string& password) {
  return "Basic " + absl::Base64Escape(user + ":" + password);
}

// Notes how every program is called, and runs it.
class NotingRunner : public ProcessRunner {
 public:
  absl::StatusOr<ProcessResult> Run(const ProcessSpec& spec) override {
    for (const std::string& argument : spec.argv) arguments += argument + "\n";
    for (const auto& [name, value] : spec.environment) environments += value + "\n";
    return runner_->Run(spec);
  }
  void StopAll() override { runner_->StopAll(); }
  void KillAll() override { runner_->KillAll(); }

  std::string arguments;
  std::string environments;

 private:
  std::unique_ptr<ProcessRunner> runner_ = MakeProcessRunner();
};

class PushWithTokenTest : public GitTest {
 protected:
  void SetUp() override {
    GitTest::SetUp();
    MakeRemoteAndClone();
    Git("remote.git", {"config", "http.receivepack", "true"});
    Git("work", {"remote", "set-url", "origin", WithUser("ci:read-only")});
    Write("work/file", "two\n");
  }

  std::string Url() const { return server_.url() + "/remote.git"; }
  std::string WithUser(const std::string& user) const {
    return "http://" + user + "@" + server_.host() + "/remote.git";
  }

  // `hosts` are those that the token is for.
  absl::Status Push(const std::string& token = kToken, const std::vector<std::string>& hosts = {}) {
    return noting_git_
        ->CommitAndPushFile(
            {.file = Path("work/file"), .message = "message"},
            {.remote = "origin", .branch = "main", .token = Secret(token), .token_hosts = hosts})
        .status();
  }

  // What was sent to the server to show who it is.
  std::vector<std::string> Authorizations() const {
    std::vector<std::string> sent;
    for (const ServedRequest& request : server_.Requests()) {
      const std::string header = request.Header("authorization");
      if (!header.empty()) sent.push_back(header);
    }
    return sent;
  }

  NotingRunner noting_;
  std::unique_ptr<GitRepository> noting_git_ = MakeGitRepository(noting_);

 private:
  ServedResponse Serve(const ServedRequest& request) {
    if (request.Header("authorization") != Basic("oauth2", kToken)) {
      return {.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=\"git\""}}};
    }
    const std::size_t query = request.target.find('?');
    const auto answer = processes_->Run(
        {.argv = {"git", "http-backend"},
         .environment = {{"GIT_PROJECT_ROOT", Path("")},
                         {"GIT_HTTP_EXPORT_ALL", "1"},
                         {"REQUEST_METHOD", request.method},
                         {"PATH_INFO", request.path},
                         {"QUERY_STRING",
                          query == std::string::npos ? "" : request.target.substr(query + 1)},
                         {"CONTENT_TYPE", request.Header("content-type")},
                         {"CONTENT_LENGTH", std::to_string(request.body.size())},
                         {"HTTP_GIT_PROTOCOL", request.Header("git-protocol")},
                         {"REMOTE_USER", "oauth2"}},
         .input = request.body});
    return answer.ok() ? FromCgi(answer->out) : ServedResponse{.status = 500};
  }

  static ServedResponse FromCgi(const std::string& out) {
    ServedResponse response;
    std::size_t at = 0;
    for (std::size_t end = out.find("\r\n"); end != at; end = out.find("\r\n", at)) {
      if (end == std::string::npos) return {.status = 500};
      const std::string line = out.substr(at, end - at);
      const std::size_t colon = line.find(": ");
      if (line.starts_with("Status: ")) {
        response.status = std::atoi(line.c_str() + 8);
      } else {
        response.headers.emplace(line.substr(0, colon), line.substr(colon + 2));
      }
      at = end + 2;
    }
    response.body = out.substr(at + 2);
    return response;
  }

 protected:
  HttpServer server_{[this](const ServedRequest& request) { return Serve(request); }};
};

TEST_F(PushWithTokenTest, TheTokenWinsOverCredentialsInTheAddress) {
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("file"), "two");
  EXPECT_THAT(Authorizations(), Contains(Basic("oauth2", kToken)));
  EXPECT_THAT(Authorizations(), Not(Contains(Basic("ci", "read-only"))));
}

TEST_F(PushWithTokenTest, TheTokenIsInNoArgumentAndNoFile) {
  ASSERT_TRUE(Push().ok());
  EXPECT_THAT(noting_.arguments, Not(HasSubstr(kToken)));
  EXPECT_THAT(noting_.arguments, Not(HasSubstr("read-only")));
  const auto files = ListTree(Path("work"));
  ASSERT_TRUE(files.ok()) << files.status();
  for (const std::string& file : *files) {
    EXPECT_THAT(Read("work/" + file), Not(HasSubstr(kToken))) << file;
  }
  EXPECT_EQ(Git("work", {"remote", "get-url", "origin"}), WithUser("ci:read-only"));
}

TEST_F(PushWithTokenTest, FetchesAndRebasesWithTheTokenToo) {
  ChangeAtRemote("other", "other\n");
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("file"), "two");
  EXPECT_EQ(AtRemote("other"), "other");
}

TEST_F(PushWithTokenTest, CredentialsThatSettingsPutIntoAddressesLose) {
  Git("work", {"remote", "set-url", "origin", Url()});
  for (const char* const key : {"insteadOf", "pushInsteadOf"}) {
    Git("work",
        {"config", "url.http://ci:read-only@" + server_.host() + "/." + key, server_.url() + "/"});
  }
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(Authorizations(), Not(Contains(Basic("ci", "read-only"))));
}

TEST_F(PushWithTokenTest, AnAddressForPushingIsCleanedToo) {
  Git("work", {"remote", "set-url", "origin", Path("remote.git")});
  Git("work", {"remote", "set-url", "--push", "origin", WithUser("ci:read-only")});
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(Authorizations(), Contains(Basic("oauth2", kToken)));
}

TEST_F(PushWithTokenTest, SettingsThatWereHandedDownStay) {
  setenv("GIT_CONFIG_COUNT", "1", 1);
  setenv("GIT_CONFIG_KEY_0", "remote.origin.url", 1);
  setenv("GIT_CONFIG_VALUE_0", Url().c_str(), 1);
  Git("work", {"config", "--unset", "remote.origin.url"});
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(PushWithTokenTest, AWrongTokenIsPermissionDeniedAndNotShown) {
  const absl::Status status = Push("wr0ng-t0ken");
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("main at origin"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("wr0ng-t0ken")));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("read-only")));
  EXPECT_THAT(Authorizations(), Contains(Basic("oauth2", "wr0ng-t0ken")));
}

TEST_F(PushWithTokenTest, OtherHostsDontGetTheToken) {
  HttpServer other([](const ServedRequest&) {
    return ServedResponse{.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=\"x\""}}};
  });
  const HttpServer redirecting([&](const ServedRequest& request) {
    return ServedResponse{.status = 302, .headers = {{"Location", other.url() + request.target}}};
  });
  Git("work", {"remote", "set-url", "origin", redirecting.url() + "/remote.git"});
  const absl::Status status = Push();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  ASSERT_FALSE(other.Requests().empty());
  for (const ServedRequest& request : other.Requests()) {
    EXPECT_EQ(request.Header("authorization"), "");
  }
}

TEST_F(PushWithTokenTest, ATokenForAnotherHostStaysAtHome) {
  const absl::Status status = Push(kToken, {"gitlab.example.com", "gitlab.example.org"});
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("; GITLAB_TOKEN was not offered there: it is for gitlab.example.com, "
                        "gitlab.example.org, not for 127.0.0.1"));
  EXPECT_FALSE(server_.Requests().empty());
  EXPECT_THAT(Authorizations(), Not(Contains(Basic("oauth2", kToken))));
  EXPECT_THAT(noting_.environments, Not(HasSubstr(kToken)));
}

TEST_F(PushWithTokenTest, ATokenForTheRemotesHostGoesThere) {
  Git("work", {"remote", "set-url", "origin",
               "http://localhost:" + std::to_string(server_.port()) + "/remote.git"});
  const absl::Status status = Push(kToken, {"gitlab.example.com", "LocalHost"});
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(Authorizations(), Contains(Basic("oauth2", kToken)));
  EXPECT_EQ(AtRemote("file"), "two");
}

TEST_F(PushWithTokenTest, ATokenWithALineBreakIsRefused) {
  const absl::Status status = Push("two\nlines");
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("lines")));
  EXPECT_TRUE(server_.Requests().empty());
}

}  // namespace
}  // namespace imglife
