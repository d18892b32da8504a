// Certificates, and proxies as the environment names them.
#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <poll.h>
#include <unistd.h>

#include "providers/http/curl_transport.h"
#include "tests/providers/http/get.h"
#include "tests/providers/http/raw_server.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

ServedResponse Hello(const ServedRequest&) {
  return {200, {}, "hello"};
}

// A variable of the environment for as long as the object lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

// Copies bytes both ways until one side ends.
void Join(int one, int other) {
  pollfd fds[] = {{one, POLLIN, 0}, {other, POLLIN, 0}};
  while (::poll(fds, 2, -1) > 0) {
    for (int i = 0; i < 2; ++i) {
      if (fds[i].revents == 0) continue;
      char buffer[4096];
      const ssize_t count = ::read(fds[i].fd, buffer, sizeof(buffer));
      if (count <= 0) return;
      RawServer::Write(fds[1 - i].fd, std::string(buffer, static_cast<std::size_t>(count)));
    }
  }
}

int ConnectTo(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  return fd;
}

TEST(Tls, ACertificateMustBeTrusted) {
  const TestCertificate certificate;
  const HttpServer server(Hello, certificate);
  const auto trusting = MakeCurlTransport({.ca_file = certificate.certificate_file()});
  const auto response = trusting->Send(Get(server.url()));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "hello");

  const absl::Status status = MakeCurlTransport({})->Send(Get(server.url())).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("certificate of 127.0.0.1:"));
  EXPECT_EQ(server.Requests().size(), 1u);
}

TEST(Tls, AFileOfCertificatesThatIsNoneIsNamedAsTheReason) {
  const TestCertificate certificate;
  const HttpServer server(Hello, certificate);
  const auto transport = MakeCurlTransport({.ca_file = "/no/such/file"});
  EXPECT_EQ(transport->Send(Get(server.url())).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(Tls, ARedirectNeverLeavesIt) {
  const TestCertificate certificate;
  const HttpServer plain(Hello);
  const HttpServer server(
      [&plain](const ServedRequest&) -> ServedResponse {
        return {302, {{"Location", plain.url()}}, ""};
      },
      certificate);
  const auto transport = MakeCurlTransport({.ca_file = certificate.certificate_file()});
  HttpRequest request = Get(server.url());
  request.follow_redirects = true;
  EXPECT_FALSE(transport->Send(request).ok());
  EXPECT_TRUE(plain.Requests().empty());
}

TEST(Proxy, IsAskedForPlainHttp) {
  const HttpServer proxy(Hello);
  const auto transport = MakeCurlTransport({.http_proxy = proxy.url()});
  const auto response = transport->Send(Get("http://registry.test/v2/"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(proxy.Lines(), ElementsAre("GET http://registry.test/v2/"));
}

TEST(Proxy, IsNotAskedForThisMachine) {
  const HttpServer proxy(Hello);
  const HttpServer server(Hello);
  ASSERT_TRUE(MakeCurlTransport({.http_proxy = proxy.url()})->Send(Get(server.url())).ok());
  EXPECT_TRUE(proxy.Requests().empty());
}

TEST(Proxy, IsNotAskedForWhatNoProxyNames) {
  const HttpServer proxy(Hello);
  const Variable no_proxy("NO_PROXY", "other.invalid,registry.invalid");
  const auto transport = MakeCurlTransport({.http_proxy = proxy.url(), .max_tries = 1});
  EXPECT_THAT(std::string(transport->Send(Get("http://registry.invalid/")).status().message()),
              HasSubstr("registry.invalid can't be found"));
  EXPECT_TRUE(proxy.Requests().empty());
}

TEST(Proxy, TunnelsTlsWithoutSeeingIt) {
  const TestCertificate certificate;
  const HttpServer server(Hello, certificate);
  std::string head;
  const RawServer proxy([&](int, int fd) {
    head = RawServer::ReadHead(fd);
    RawServer::Write(fd, "HTTP/1.1 200 Connection established\r\n\r\n");
    const int upstream = ConnectTo(server.port());
    Join(fd, upstream);
    ::close(upstream);
  });
  {
    const Variable https_proxy("HTTPS_PROXY", proxy.url());
    const auto transport = MakeCurlTransport({.ca_file = certificate.certificate_file()});
    HttpRequest request = Get("https://registry.test/v2/");
    request.authorization = Secret("Basic c2VjcmV0");
    const auto response = transport->Send(request);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->body, "hello");
  }
  EXPECT_THAT(head, StartsWith("CONNECT registry.test:443 HTTP/1.1\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("c2VjcmV0")));
  EXPECT_EQ(server.Requests().at(0).Header("authorization"), "Basic c2VjcmV0");
}

TEST(Proxy, ThatRefusesIsNamedWithoutItsPassword) {
  const RawServer proxy([](int, int fd) {
    RawServer::ReadHead(fd);
    RawServer::Write(fd, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
  });
  const Variable https_proxy("HTTPS_PROXY", "http://me:hunter2@" + proxy.url().substr(7));
  const absl::Status status =
      MakeCurlTransport({.max_tries = 1})->Send(Get("https://registry.test/")).status();
  EXPECT_EQ(status,
            absl::UnavailableError("the proxy answered 407 to a connection with registry.test"));
}

TEST(Proxy, ThatRefusesAPlainRequestIsNotTakenForTheServer) {
  const RawServer proxy([](int, int fd) {
    RawServer::ReadHead(fd);
    RawServer::Write(fd, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
  });
  const absl::Status status = MakeCurlTransport({.http_proxy = proxy.url(), .max_tries = 1})
                                  ->Send(Get("http://registry.test/"))
                                  .status();
  EXPECT_EQ(status,
            absl::UnavailableError("the proxy answered 407 to a connection with registry.test"));
}

TEST(Proxy, ThatIsGoneIsNotTakenForTheServer) {
  const Variable https_proxy("HTTPS_PROXY", "http://me:hunter2@127.0.0.1:1");
  const absl::Status status =
      MakeCurlTransport({.max_tries = 1})->Send(Get("https://registry.test/")).status();
  EXPECT_EQ(status, absl::UnavailableError("the proxy for registry.test can't be reached: it "
                                           "refuses connections"));
}

}  // namespace
}  // namespace imglife
