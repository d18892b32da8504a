// The source over the real transport, against the server that the end-to-end tests use.
#include <cstdio>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "providers/eol/eol_sources.h"
#include "providers/http/curl_transport.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;

// tests/support/eol_server.py while it lives.
class EolServer {
 public:
  explicit EolServer(const char* option = nullptr) {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) return;
    child_ = ::fork();
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execl(EOL_SERVER, EOL_SERVER, option, static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::close(ends[1]);
    char digit = 0;
    while (::read(ends[0], &digit, 1) == 1 && digit != '\n') port_ += digit;
    ::close(ends[0]);
  }
  ~EolServer() {
    if (child_ <= 0) return;
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
  }
  EolServer(const EolServer&) = delete;
  EolServer& operator=(const EolServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + port_; }

 private:
  pid_t child_ = -1;
  std::string port_;
};

class EolOverHttpTest : public ::testing::Test {
 protected:
  absl::StatusOr<EolCycles> Fetch(const EolServer& server, const std::string& product) {
    return MakeEndOfLifeSource(*transport_, server.url())->Fetch(product);
  }
  static std::string Newest(const absl::StatusOr<EolCycles>& cycles) {
    EXPECT_TRUE(cycles.ok()) << cycles.status();
    return cycles.ok() && !cycles->empty() ? cycles->front().cycle : "";
  }

  std::unique_ptr<Transport> transport_ = MakeCurlTransport(TransportSettings{});
};

TEST_F(EolOverHttpTest, FollowsAnAliasInBothApis) {
  const EolServer current;
  EXPECT_EQ(Newest(Fetch(current, "golang")), "1.27");
  const EolServer older("--without-v1");
  EXPECT_EQ(Newest(Fetch(older, "golang")), "1.27");
}

TEST_F(EolOverHttpTest, KnowsWhatTheOlderApiKnowsMore) {
  const EolServer older("--without-v1");
  const absl::StatusOr<EolCycles> cycles = Fetch(older, "debian");
  ASSERT_TRUE(cycles.ok()) << cycles.status();
  EXPECT_TRUE(cycles->front().extended_support.has_value());
}

TEST_F(EolOverHttpTest, SuggestsForAnUnknownProduct) {
  const EolServer server;
  const absl::Status status = Fetch(server, "pyton").status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("did you mean python?"));
}

}  // namespace
}  // namespace imglife
