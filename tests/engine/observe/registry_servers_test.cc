#include "engine/observe/registry_servers.h"

#include "gtest/gtest.h"

namespace imglife {
namespace {

bool AreOne(const RegistryServers& servers, const std::string& a, const std::string& b) {
  return servers.ServerOf(a) == servers.ServerOf(b);
}

TEST(RegistryServers, KnowsTheSpellingsOfAHost) {
  const RegistryServers servers;
  for (const char* host : {"127.0.0.1:5000", "127.0.0.2:5000", "[::1]:5000", "127.1:5000"}) {
    EXPECT_TRUE(AreOne(servers, "localhost:5000", host)) << host;
  }
  EXPECT_TRUE(AreOne(servers, "localhost", "127.0.0.1:80"));
  EXPECT_TRUE(AreOne(servers, "r.io", "r.io:443"));
  EXPECT_TRUE(AreOne(servers, "docker.io", "registry-1.docker.io"));
  EXPECT_TRUE(AreOne(servers, "[fd00::1]:5000", "[fd00:0::1]:5000"));
  for (const char* host : {"localhost:5001", "localhost", "r.io:5000", "10.0.0.1:5000", ""}) {
    EXPECT_FALSE(AreOne(servers, "localhost:5000", host)) << host;
  }
  EXPECT_FALSE(AreOne(servers, "r.io", "r.io:80"));
  EXPECT_FALSE(AreOne(servers, "r.io:99999999999", "r.io"));
}

TEST(RegistryServers, InsecureHostsHaveThePortOfHttp) {
  const RegistryServers servers({}, {"r.io"});
  EXPECT_TRUE(AreOne(servers, "r.io", "r.io:80"));
  EXPECT_FALSE(AreOne(servers, "s.io", "s.io:80"));
}

TEST(RegistryServers, HostsWithOneEndpointAreOne) {
  const RegistryServers servers(
      {{EndpointVariable("one.io"), ServerName("cache.io", 5000, "/")},
       {EndpointVariable("two.io"), ServerName("cache.io", 5000, "")},
       {EndpointVariable("part.io"), ServerName("cache.io", 5000, "/p/")}},
      {});
  EXPECT_TRUE(AreOne(servers, "one.io", "two.io"));
  EXPECT_TRUE(AreOne(servers, "one.io", "cache.io:5000"));
  EXPECT_FALSE(AreOne(servers, "one.io", "part.io"));
  EXPECT_FALSE(AreOne(servers, "one.io", "cache.io"));
  EXPECT_TRUE(servers.HasEndpoint("one.io"));
  EXPECT_FALSE(servers.HasEndpoint("cache.io:5000"));
}

TEST(RegistryServers, AnyAddressIsThisMachine) {
  const RegistryServers servers({}, {"0.0.0.0:5000", "[::]:5000"});
  EXPECT_TRUE(AreOne(servers, "0.0.0.0:5000", "127.0.0.1:5000"));
  EXPECT_TRUE(AreOne(servers, "[::]:5000", "localhost:5000"));
  EXPECT_EQ(ServerName("r.io", 443, "/a/./b/../c//"), "r.io:443/a/c");
  EXPECT_EQ(ServerName("r.io", 443, "/v2/.."), "r.io:443");
}

// http://cache.io:5000/v2 is asked for /v2/v2/m/a, as cache.io:5000 is for its v2/m/a.
TEST(RegistryServers, APathBelowAServerMayBeARepositoryOfIt) {
  const RegistryServers servers({{EndpointVariable("one.io"), ServerName("cache.io", 443, "/v2/")},
                                 {EndpointVariable("two.io"), ServerName("cache.io", 443, "/x")}},
                                {});
  const auto identity = [&](const char* name) {
    return servers.IdentityOf(ParseRepository(name).value());
  };
  EXPECT_EQ(identity("one.io/m/a"), identity("cache.io/v2/m/a"));
  EXPECT_NE(identity("one.io/m/a"), identity("cache.io/m/a"));
  EXPECT_NE(identity("two.io/m/a"), identity("cache.io/x/m/a"));
  EXPECT_NE(identity("two.io/m/a"), identity("cache.io/x/v2/m/a"));
}

TEST(RegistryServers, IdentityKeepsThePathAndLeavesLayoutsAlone) {
  const RegistryServers servers;
  EXPECT_EQ(servers.IdentityOf(ParseRepository("127.0.0.1:5000/m").value()),
            servers.IdentityOf(ParseRepository("localhost:5000/m").value()));
  EXPECT_NE(servers.IdentityOf(ParseRepository("localhost:5000/m").value()),
            servers.IdentityOf(ParseRepository("localhost:5000/n").value()));
  const Repository layout = ParseRepository("ocidir://m").value();
  EXPECT_EQ(servers.IdentityOf(layout), layout);
}

}  // namespace
}  // namespace imglife
