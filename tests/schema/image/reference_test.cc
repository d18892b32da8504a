#include "schema/image/reference.h"

#include "gtest/gtest.h"

namespace imglife {
namespace {

constexpr char kHex64[] = "1c4eef651f65e2f7daee7ee785882ac164b02b78fb74503052a26dc061c90474";

struct Written {
  std::string text;
  std::string whole;
};

class ParseReferenceTest : public ::testing::TestWithParam<Written> {};

TEST_P(ParseReferenceTest, Understands) {
  const auto reference = ParseReference(GetParam().text);
  ASSERT_TRUE(reference.ok()) << reference.status();
  EXPECT_EQ(reference->ToString(), GetParam().whole);
  const auto again = ParseReference(reference->ToString());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, *reference);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ParseReferenceTest,
    ::testing::Values(Written{"alpine", "docker.io/library/alpine"},
                      Written{"alpine:3.21", "docker.io/library/alpine:3.21"},
                      Written{"grafana/loki:2.9", "docker.io/grafana/loki:2.9"},
                      Written{"index.docker.io/alpine", "docker.io/library/alpine"},
                      Written{"registry-1.docker.io/library/alpine", "docker.io/library/alpine"},
                      Written{"localhost/app", "localhost/app"},
                      Written{"localhost:5000/app:1", "localhost:5000/app:1"},
                      Written{"Registry.Example.COM/app", "registry.example.com/app"},
                      Written{"127.0.0.1:5000/a/b_c/d-e/f.g:v1", "127.0.0.1:5000/a/b_c/d-e/f.g:v1"},
                      Written{"[::1]:5000/app:1", "[::1]:5000/app:1"},
                      Written{"a--b/c__d:1", "docker.io/a--b/c__d:1"},
                      Written{std::string("r.io/app@sha256:") + kHex64,
                              std::string("r.io/app@sha256:") + kHex64},
                      Written{std::string("r.io/app:1@sha256:") + kHex64,
                              std::string("r.io/app:1@sha256:") + kHex64},
                      Written{"ocidir://dir/images", "ocidir://dir/images"},
                      Written{"ocidir:///a:b/images:1.0", "ocidir:///a:b/images:1.0"}));

struct RefusedText {
  std::string text;
  std::string why;
};

class RefusedReference : public ::testing::TestWithParam<RefusedText> {};

TEST_P(RefusedReference, SaysWhy) {
  const auto reference = ParseReference(GetParam().text);
  ASSERT_EQ(reference.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(reference.status().message()).find(GetParam().why), std::string::npos)
      << reference.status();
}

INSTANTIATE_TEST_SUITE_P(
    Hints, RefusedReference,
    ::testing::Values(
        RefusedText{"", "it is empty"},
        RefusedText{"registry.example.com", "where is the repository?"},
        RefusedText{"localhost:5000", "where is the repository?"},
        RefusedText{"registry.example.com:5000", "where is the repository?"},
        RefusedText{"Alpine", "write `alpine`"}, RefusedText{"Foo/bar", "`Foo` is neither a host"},
        RefusedText{"r.io/Foo:1", "write `foo`"}, RefusedText{"foo_bar.com/app", "no host name"},
        RefusedText{"r.io:0/app", "from 1 to 65535"},
        RefusedText{"r.io:65536/app", "from 1 to 65535"},
        RefusedText{"http://localhost:5000/m/a", "leave out `http://`"},
        RefusedText{"docker://alpine:3@sha256:1", "leave out `docker://`"},
        RefusedText{"r.io/a://b", "no repository name"},
        RefusedText{"r.io:/app", "from 1 to 65535"}, RefusedText{"[::g]/app", "no host name"},
        RefusedText{kHex64, "64 hexadecimal digits"},
        RefusedText{"r.io/a//b", "no repository name"},
        RefusedText{"r.io/a._b", "no repository name"},
        RefusedText{"r.io/-a", "no repository name"}, RefusedText{"r.io/a:-1", "is no tag"},
        RefusedText{"r.io/a:", "is no tag"}, RefusedText{"r.io/a:x\x1b[31m", "\\x1b"},
        RefusedText{"r.io/a@sha256:12", "after @ comes a digest"},
        RefusedText{"r.io/" + std::string(300, 'a'), "longer than 255"},
        RefusedText{"ocidir://", "followed by a directory"}));

TEST(ParseRepository, TakesNoTagAndNoDigest) {
  EXPECT_EQ(ParseRepository("r.io/app")->ToString(), "r.io/app");
  EXPECT_EQ(std::string(ParseRepository("alpine:3").status().message()),
            "`alpine:3` is no repository: it has a tag; write `docker.io/library/alpine`");
  EXPECT_FALSE(ParseRepository(std::string("r.io/a@sha256:") + kHex64).ok());
}

TEST(IsValidTag, FollowsTheGrammar) {
  for (const char* tag : {"1", "_", "v1.2-rc_3", "A"}) EXPECT_TRUE(IsValidTag(tag)) << tag;
  EXPECT_TRUE(IsValidTag(std::string(128, 'x')));
  for (const char* tag : {"", ".1", "-1", "a b", "a/b", "a:b", "ü", "a\n"}) {
    EXPECT_FALSE(IsValidTag(tag)) << tag;
  }
  EXPECT_FALSE(IsValidTag(std::string(129, 'x')));
}

TEST(IsLoopbackHost, KnowsThisMachine) {
  for (const char* host :
       {"localhost", "localhost:5000", "127.0.0.1", "127.9.9.9:1", "[::1]:5000"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
  for (const char* host : {"localhost.example.com", "128.0.0.1", "127.example.com", "[::2]"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

TEST(ApiHost, IsAnotherOnlyForDockerHub) {
  EXPECT_EQ(ApiHost("docker.io"), "registry-1.docker.io");
  EXPECT_EQ(ApiHost("r.io:5000"), "r.io:5000");
}

}  // namespace
}  // namespace imglife
