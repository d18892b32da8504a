#include "schema/text/secrets.h"

#include <string>

#include <gtest/gtest.h>

namespace imglife {
namespace {

TEST(IsCredential, KnowsTokensByTheirStart) {
  for (const char* text : {"glpat-x", "gldt-x", "glcbt-x", "ghp_x", "gho_x", "ghs_x",
                           "github_pat_x", "dckr_pat_x", "dckr_oat_x", "AKIAIOSFODNN7EXAMPLE",
                           "ASIAIOSFODNN7EXAMPLE", "xoxb-1-2", "eyJh.eyJz.c2ln"}) {
    EXPECT_TRUE(IsCredential(text)) << text;
  }
}

TEST(IsCredential, KnowsUserinfoInUrls) {
  EXPECT_TRUE(IsCredential("https://user:password@host/path"));
  EXPECT_TRUE(IsCredential("https://token@host"));
  EXPECT_TRUE(IsCredential("http://u:p@h:80?x"));
  EXPECT_TRUE(IsCredential("user:password@host.example/path"));
  EXPECT_TRUE(IsCredential("user:password@localhost:5000/path"));
  EXPECT_TRUE(IsCredential("ssh://git:password@host/x"));
  EXPECT_TRUE(IsCredential("https://oauth2:${GITLAB_TOKEN}@host"));
}

TEST(IsCredential, LeavesOrdinaryTextAlone) {
  for (const char* text : {"", "AKIA", "ASIA mirrors", "eyJust text. Two. dots", "eyJx.y", "alpine",
                           "my-glpat-x", "https://host/a@b", "https://host:80/", "git@host:x.git",
                           "ssh://git@host/x", "Contact: a@b.example.com", "repo@sha256:abc",
                           "app:1@sha256:abc/x", "Contact: team@example.com, https://wiki/x",
                           "echo \"synced: {image}\" | mail ops@example.com < /dev/null"}) {
    EXPECT_FALSE(IsCredential(text)) << text;
  }
}

TEST(RedactCredentials, HidesWhatAVariablePutBehindLetters) {
  EXPECT_EQ(RedactCredentials("`LLglpat-0123456789abcdefghij` is"), "`LL***` is");
  EXPECT_EQ(RedactCredentials("highs_total"), "highs_total");
}

TEST(RedactCredentials, HidesThemAnywhere) {
  EXPECT_EQ(RedactCredentials("a `ghp_abc` b glpat-x_y.z, c"), "a `***` b ***, c");
  EXPECT_EQ(RedactCredentials("get https://u:p@host/x?y and http://h/"),
            "get https://***@host/x?y and http://h/");
  EXPECT_EQ(RedactCredentials("x=AKIAIOSFODNN7EXAMPLE"), "x=***");
  EXPECT_EQ(RedactCredentials("key: eyJh.eyJz.c2ln"), "key: ***");
  EXPECT_EQ(RedactCredentials("ssh://git@host://u:p@x"), "ssh://git@host://***@x");
  EXPECT_EQ(RedactCredentials("nothing here"), "nothing here");
}

}  // namespace
}  // namespace imglife
