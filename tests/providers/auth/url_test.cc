#include "providers/auth/url.h"

#include <string>

#include <gtest/gtest.h>

namespace imglife {
namespace {

TEST(UrlTest, ReadsItsParts) {
  const std::optional<Url> url = ParseUrl("HTTPS://Registry.Example.COM:5000/v2/a?x=1&y=2#part");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "registry.example.com");
  EXPECT_EQ(url->port, 5000);
  EXPECT_EQ(url->path, "/v2/a");
  EXPECT_EQ(url->query, "x=1&y=2");
  EXPECT_EQ(url->ToString(), "https://registry.example.com:5000/v2/a?x=1&y=2");
  EXPECT_EQ(url->Origin(), "https://registry.example.com:5000");
}

TEST(UrlTest, TheSchemesOwnPortIsLeftOut) {
  EXPECT_EQ(ParseUrl("https://a.example:443")->ToString(), "https://a.example/");
  EXPECT_EQ(ParseUrl("http://a.example:443/")->ToString(), "http://a.example:443/");
  EXPECT_EQ(ParseUrl("http://[::1]:80/x")->ToString(), "http://[::1]/x");
}

TEST(UrlTest, RefusesWhatIsNoHttpUrl) {
  for (const char* text :
       {"", "a.example/x", "ftp://a.example", "file:///etc/passwd", "http://", "http:///x",
        "http://user:pass@a.example/", "http://a.example:0/", "http://a.example:65536/",
        "http://a.example:/", "http://a.example:8x/", "http://a b/", "http://a.example/\r\nX: y",
        "http://a.example\\@b.example/", "http://[::g]/", "http://[::1", "http://[::1]x/",
        "http://a.example/\xc3\xa9", "http://%31.example/"}) {
    EXPECT_FALSE(ParseUrl(text).has_value()) << text;
  }
  EXPECT_FALSE(ParseUrl("http://a.example/" + std::string(17 << 10, 'x')).has_value());
}

TEST(UrlTest, ResolvesWhatServersSend) {
  const Url base = *ParseUrl("https://a.example:8443/v2/app/tags/list?n=2");
  const auto resolved = [&base](std::string_view reference) {
    const std::optional<Url> url = ResolveUrl(base, reference);
    return url ? url->ToString() : "nothing";
  };
  EXPECT_EQ(resolved("/v2/x?last=b"), "https://a.example:8443/v2/x?last=b");
  EXPECT_EQ(resolved("http://b.example/y"), "http://b.example/y");
  EXPECT_EQ(resolved("//b.example/y"), "https://b.example/y");
  EXPECT_EQ(resolved("?last=b"), "https://a.example:8443/v2/app/tags/list?last=b");
  EXPECT_EQ(resolved("list?last=b"), "https://a.example:8443/v2/app/tags/list?last=b");
  EXPECT_EQ(resolved(""), "nothing");
  EXPECT_EQ(resolved("javascript:alert(1)"), "nothing");
  EXPECT_EQ(resolved("/a b"), "nothing");
}

TEST(UrlTest, OriginIsSchemeHostAndPort) {
  const Url a = *ParseUrl("https://a.example/x");
  EXPECT_TRUE(SameOrigin(a, *ParseUrl("https://A.example:443/y?z")));
  EXPECT_FALSE(SameOrigin(a, *ParseUrl("http://a.example/x")));
  EXPECT_FALSE(SameOrigin(a, *ParseUrl("https://a.example:444/x")));
  EXPECT_FALSE(SameOrigin(a, *ParseUrl("https://a.example.evil/x")));
  EXPECT_TRUE(Downgrades(a, *ParseUrl("http://a.example/x")));
  EXPECT_FALSE(Downgrades(*ParseUrl("http://a.example"), a));
  EXPECT_FALSE(Downgrades(*ParseUrl("http://a.example"), *ParseUrl("http://b.example")));
}

TEST(UrlTest, KnowsInternalAddressesInEveryForm) {
  for (const char* host : {"localhost",
                           "LOCALHOST.",
                           "x.localhost",
                           "127.0.0.1",
                           "127.1",
                           "0x7f000001",
                           "2130706433",
                           "0177.0.0.1",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "0.0.0.0",
                           "::1",
                           "::",
                           "fe80::1",
                           "fd00::1",
                           "::ffff:10.0.0.1"}) {
    EXPECT_TRUE(IsInternalHost(host)) << host;
  }
  for (const char* host :
       {"example.com", "8.8.8.8", "172.32.0.1", "172.15.0.1", "192.169.0.1", "100.128.0.1",
        "2606:4700::1111", "::ffff:8.8.8.8", "localhost.example", "notlocalhost", "11.0.0.1"}) {
    EXPECT_FALSE(IsInternalHost(host)) << host;
  }
}

TEST(UrlTest, AddsParameters) {
  EXPECT_EQ(WithParameter("http://a/x", "digest", "sha256:ab"), "http://a/x?digest=sha256%3Aab");
  EXPECT_EQ(WithParameter("http://a/x?s=1", "from", "a/b c"), "http://a/x?s=1&from=a%2Fb%20c");
}

}  // namespace
}  // namespace imglife
