#include "providers/git/clean_url.h"

#include "gtest/gtest.h"

namespace imglife {
namespace {

TEST(CleanUrlTest, TakesOutWhatIsSecret) {
  EXPECT_EQ(CleanUrl("https://git.example.com/a/b.git"), "https://git.example.com/a/b.git");
  EXPECT_EQ(CleanUrl("https://ci:t0ken@git.example.com:8443/a.git"),
            "https://git.example.com:8443/a.git");
  EXPECT_EQ(CleanUrl("https://t0ken@git.example.com"), "https://git.example.com");
  EXPECT_EQ(CleanUrl("https://user:pa@ss@git.example.com/a@b"), "https://git.example.com/a@b");
  EXPECT_EQ(CleanUrl("HTTP://u:p@git.example.com/a?private_token=x#y"), "HTTP://git.example.com/a");
  EXPECT_EQ(CleanUrl("https://git.example.com?token=a@b"), "https://git.example.com");
}

TEST(CleanUrlTest, KeepsTheUserOfSsh) {
  EXPECT_EQ(CleanUrl("ssh://git@git.example.com:22/a.git"), "ssh://git@git.example.com:22/a.git");
  EXPECT_EQ(CleanUrl("ssh://git:secret@git.example.com/a"), "ssh://git@git.example.com/a");
  EXPECT_EQ(CleanUrl("git@git.example.com:a/b.git"), "git@git.example.com:a/b.git");
}

TEST(CleanUrlTest, LeavesPathsAlone) {
  for (const char* const path : {"", "/srv/git/a@b.git", "../remote.git", "file:///srv/a#b"}) {
    EXPECT_EQ(CleanUrl(path), path);
  }
}

TEST(CleanUrlTest, KnowsHttpAndItsOrigin) {
  EXPECT_TRUE(HasHttpScheme("https://a"));
  EXPECT_TRUE(HasHttpScheme("HTTP://a"));
  EXPECT_FALSE(HasHttpScheme("ssh://a"));
  EXPECT_FALSE(HasHttpScheme("a:b"));
  EXPECT_EQ(OriginOf("https://git.example.com:8443/a/b.git"), "https://git.example.com:8443");
  EXPECT_EQ(OriginOf("https://git.example.com"), "https://git.example.com");
}

}  // namespace
}  // namespace imglife
