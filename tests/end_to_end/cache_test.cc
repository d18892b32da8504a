// What a run finds that earlier runs have read: it saves requests, and changes nothing else.
#include <algorithm>
#include <cctype>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/mirror_fixture.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

namespace fs = std::filesystem;

class CacheTest : public MirrorTest {
 protected:
  void SetUp() override { ConfigureMirror("retention: {keep_last: 100, max_age_days: 10000}\n"); }

  // Without a cache, with the same registries.
  ImglifeRun RunUncached(const std::vector<std::string>& arguments) {
    auto environment = environment_;
    environment["IMGLIFE_CACHE_DIR"] = "";
    return RunImglife(directory_.path(), arguments, environment);
  }

  void ExpectTheSamePlanUncached() {
    const ImglifeRun plan = Run({"plan"});
    const ImglifeRun uncached = RunUncached({"plan"});
    EXPECT_EQ(plan.out, uncached.out);
    EXPECT_EQ(plan.exit_code, uncached.exit_code);
  }

  void DeleteManifest(const DockerRegistry& server, const std::string& path, const Digest& digest) {
    const absl::Status deleted = registry().DeleteManifest(server.At(path), digest);
    ASSERT_TRUE(deleted.ok()) << deleted;
  }

  // As a registry does whose storage is damaged or was collected too eagerly.
  void LoseConfigs(const std::string& path, const TestImage& image) const {
    for (const ManifestBytes& child : image.children) {
      const auto manifest = ParseManifest(child.media_type, child.content);
      ASSERT_TRUE(manifest.ok()) << manifest.status();
      const std::string link = fmt::format("{}/_layers/sha256/{}", private_.DirectoryOf(path),
                                           std::string(manifest->config.digest.hex()));
      ASSERT_GT(fs::remove_all(link), 0U);
    }
  }

  std::string Cache() const { return Path(".cache/imglife"); }
};

std::size_t Count(const std::vector<std::string>& requests, const std::string& part) {
  return static_cast<std::size_t>(std::count_if(
      requests.begin(), requests.end(),
      [&](const std::string& request) { return request.find(part) != std::string::npos; }));
}

// quality.md: created dates, second time one list and one HEAD a tag, nothing fetched twice.
TEST_F(CacheTest, CreatedDatesTheSecondTimeCostOneListAndOneHeadATag) {
  constexpr int kTags = 20;
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/dated
      tag: "1.0"
      target: $PRIVATE/mirrors/dated
retention: {keep_last: 100, max_age_days: 10000}
)");
  std::vector<std::string> heads;
  for (int i = 0; i < kTags; ++i) {
    const std::string tag = fmt::format("1.{}", i);
    ImageSpec image;
    image.name = tag;
    Push(private_, "mirrors/dated", tag, MakeImage(image));
    heads.push_back("HEAD /v2/mirrors/dated/manifests/" + tag + " 200");
  }
  Push(upstream_, "library/dated", "1.0", Image("1.0"));
  ForgetRequests();
  const ImglifeRun first = Run({"plan"});
  EXPECT_THAT(first, ExitsWith(0));
  EXPECT_THAT(NewRequests(private_), SizeIs(1 + 2 * kTags));

  const ImglifeRun second = Run({"plan"});
  EXPECT_THAT(second, ExitsWith(0));
  EXPECT_EQ(second.out, first.out);
  std::vector<std::string> requests = NewRequests(private_);
  EXPECT_THAT(requests, Contains(StartsWith("GET /v2/mirrors/dated/tags/list")));
  requests.erase(std::remove_if(requests.begin(), requests.end(),
                                [](const std::string& request) {
                                  return request.find("/tags/list") != std::string::npos;
                                }),
                 requests.end());
  EXPECT_THAT(requests, testing::UnorderedElementsAreArray(heads));
}

TEST_F(CacheTest, EachPartOfAnIndexIsAskedForOnce) {
  const TestImage old = PushOld("3.1");
  ASSERT_THAT(Run({"plan"}), ExitsWith(0));
  ForgetRequests();
  ASSERT_THAT(Run({"plan"}), ExitsWith(0));
  const std::vector<std::string> requests = NewRequests(private_);
  EXPECT_EQ(Count(requests, "GET "), 1U) << testing::PrintToString(requests);
  EXPECT_EQ(Count(requests, "HEAD "), 2U * 3U) << testing::PrintToString(requests);
  for (const ManifestBytes& child : old.children) {
    EXPECT_THAT(requests,
                Contains("HEAD /v2/mirrors/alpine/manifests/" + child.digest.str() + " 200"));
  }
}

TEST_F(CacheTest, APlanIsTheSameWithAndWithoutWhatWasRead) {
  ConfigureMirror("retention: {keep_last: 0}\n");
  PushOld("3.1");
  Push(private_, "mirrors/alpine", "3", PushOld("3.2"));
  Push(upstream_, "library/alpine", "3.24.1");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"plan", "--json"}, {"plan"}, {"cleanup", "--list"}, {"status"}}) {
    SCOPED_TRACE(testing::PrintToString(command));
    const ImglifeRun uncached = RunUncached(command);
    const ImglifeRun cold = Run(command);
    const ImglifeRun warm = Run(command);
    EXPECT_THAT(uncached, ExitsWith(0));
    EXPECT_EQ(cold.out, uncached.out);
    EXPECT_EQ(warm.out, uncached.out);
    EXPECT_EQ(warm.exit_code, uncached.exit_code);
  }
}

// Unreadable is never empty, also if the bytes are at hand.
TEST_F(CacheTest, APartThatIsGoneFromTheRegistryIsMissed) {
  ConfigureMirror("retention: {keep_last: 0}\n");
  PushOld("3.1");
  const TestImage broken = PushOld("3.2");
  ASSERT_THAT(Run({"plan"}), ExitsWith(0));
  const Digest part = broken.children.front().digest;
  DeleteManifest(private_, "mirrors/alpine", part);
  ForgetRequests();

  const ImglifeRun warm = Run({"apply", "--auto-approve"});
  EXPECT_THAT(warm, ExitsWith(1));
  EXPECT_THAT(warm.out + warm.err, AllOf(HasSubstr("is not complete"), HasSubstr(part.str())));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.2", "3.24.0"));
  ExpectTheSamePlanUncached();
}

TEST_F(CacheTest, ATagThatIsListedWithoutAManifestStopsDeletions) {
  ConfigureMirror("retention: {keep_last: 0}\n");
  PushOld("3.1");
  const TestImage lost = PushOld("3.2");
  ASSERT_THAT(Run({"plan"}), ExitsWith(0));
  // As docker-registry leaves it when it is stopped within a deletion.
  fs::remove_all(private_.DirectoryOf("mirrors/alpine") + "/_manifests/revisions/sha256/" +
                 std::string(lost.manifest.digest.hex()));
  const ImglifeRun warm = Run({"apply", "--auto-approve"});
  EXPECT_THAT(warm, ExitsWith(1));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), Contains("3.1"));
  ExpectTheSamePlanUncached();
}

// An image whose config is lost can't be pulled: it is not the one that keep_last keeps.
TEST_F(CacheTest, AConfigThatIsGoneFromTheRegistryStopsDeletions) {
  ConfigureMirror("retention: {keep_last: 1, max_age_days: 10000}\n");
  PushOld("3.1");
  const TestImage broken = PushOld("3.2");
  ASSERT_THAT(Run({"plan"}), ExitsWith(0));
  LoseConfigs("mirrors/alpine", broken);
  const ImglifeRun warm = Run({"apply", "--auto-approve"});
  EXPECT_THAT(warm, ExitsWith(1));
  EXPECT_THAT(warm.out + warm.err, HasSubstr("mirrors/alpine:3.2 is not complete: "));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.2", "3.24.0"));
  ExpectTheSamePlanUncached();
  EXPECT_EQ(Run({"plan"}).err, RunUncached({"plan"}).err);
}

// No tag points to something incomplete.
TEST_F(CacheTest, AnImageThatIsBrokenUpstreamIsNotCopied) {
  const TestImage fresh = Push(upstream_, "library/alpine", "3.24.1");
  ConfigureEntry("tag_regex: '^3'");
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  DeleteManifest(upstream_, "library/alpine", fresh.children.back().digest);
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(1));
  EXPECT_THAT(Run({"apply"}), ExitsWith(1));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0"));
}

// A part that the target has lost is pushed again, however well it is known.
TEST_F(CacheTest, ACopyPutsBackWhatTheTargetLost) {
  const TestImage old = Image("library/alpine:3.24.0");
  ConfigureMirror("      check_digest: true\n");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  for (const ManifestBytes& child : old.children) {
    DeleteManifest(private_, "mirrors/alpine", child.digest);
  }
  DeleteManifest(private_, "mirrors/alpine", old.manifest.digest);
  ASSERT_FALSE(HasAll(private_, "mirrors/alpine", old));
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_TRUE(HasAll(private_, "mirrors/alpine", old));
}

TEST_F(CacheTest, WhatIsKnownIsNotShownToWhoMayNotReadIt) {
  const DockerRegistry locked({.deletes = true, .password = true});
  environment_["LOCKED"] = locked.host();
  std::string name = locked.host();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return std::isalnum(c) != 0 ? static_cast<char>(std::toupper(c)) : '_';
  });
  const std::string prefix = "IMGLIFE_" + name;
  environment_[prefix + "_USERNAME"] = DockerRegistry::kUsername;
  environment_[prefix + "_PASSWORD"] = DockerRegistry::kPassword;
  // From the public upstream, by way of imglife itself, as the test has no password.
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag: "3.24.0"
      target: $LOCKED/library/alpine
)");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  Configure(R"(sync:
  entries:
    - source: $LOCKED/library/alpine
      tag: "3.24.0"
      target: $PRIVATE/mirrors/locked
)");
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));

  environment_.erase(prefix + "_USERNAME");
  environment_.erase(prefix + "_PASSWORD");
  EXPECT_THAT(Run({"plan"}), ExitsWith(1));
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(1));
  EXPECT_THAT(Tags(private_, "mirrors/locked"), IsEmpty());
}

TEST_F(CacheTest, ItIsWhereTheUserKeepsCachesAndForTheUserOnly) {
  ASSERT_THAT(Run({"plan"}), ExitsWith(0));
  ASSERT_TRUE(fs::is_directory(Cache()));
  EXPECT_EQ(fs::status(Cache()).permissions(), fs::perms::owner_all);
  for (const auto& entry : fs::recursive_directory_iterator(Cache())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
  }
  environment_["XDG_CACHE_HOME"] = Path("xdg");
  ASSERT_THAT(Run({"plan"}), ExitsWith(0));
  EXPECT_TRUE(fs::is_directory(Path("xdg/imglife/sha256")));
  environment_["IMGLIFE_CACHE_DIR"] = "own";
  ASSERT_THAT(Run({"plan"}), ExitsWith(0));
  EXPECT_TRUE(fs::is_directory(Path("own/sha256")));
}

TEST_F(CacheTest, WithoutAPlaceEverythingIsReadAgain) {
  for (const char* nowhere : {"", "/dev/null/cache"}) {
    SCOPED_TRACE(nowhere);
    environment_["IMGLIFE_CACHE_DIR"] = nowhere;
    ForgetRequests();
    const ImglifeRun first = Run({"plan"});
    const auto requests = NewRequests(private_);
    EXPECT_THAT(first, ExitsWith(0));
    EXPECT_THAT(first.err, Not(HasSubstr("cache")));
    EXPECT_THAT(Run({"plan"}), ExitsWith(0));
    EXPECT_THAT(NewRequests(private_), testing::UnorderedElementsAreArray(requests));
  }
  EXPECT_FALSE(fs::exists(Path(".cache")));
}

TEST_F(CacheTest, RefreshingReadsEverythingAgain) {
  ForgetRequests();
  ASSERT_THAT(Run({"plan"}), ExitsWith(0));
  const auto cold = NewRequests(private_);
  EXPECT_THAT(Run({"plan", "--refresh-cache"}), ExitsWith(0));
  EXPECT_THAT(NewRequests(private_), testing::UnorderedElementsAreArray(cold));
  EXPECT_THAT(Run({"plan"}), ExitsWith(0));
  EXPECT_EQ(Count(NewRequests(private_), "GET "), 1U) << "the list";
}

TEST_F(CacheTest, WhatWasDamagedIsReadAgain) {
  const ImglifeRun first = Run({"plan"});
  ForgetRequests();
  for (const auto& entry : fs::recursive_directory_iterator(Cache())) {
    if (entry.is_regular_file()) fs::resize_file(entry.path(), entry.file_size() / 2);
  }
  const ImglifeRun second = Run({"plan"});
  EXPECT_EQ(second.out, first.out);
  EXPECT_EQ(second.exit_code, first.exit_code);
  EXPECT_GT(Count(NewRequests(private_), "GET "), 1U);
  EXPECT_THAT(Run({"plan"}), ExitsWith(0));
  EXPECT_EQ(Count(NewRequests(private_), "GET "), 1U) << "the list";
}

// A pull that Docker Hub would count is made once, on one machine.
TEST_F(CacheTest, WhatAPlanReadIsNotPulledAgain) {
  Push(upstream_, "library/alpine", "3.24.1");
  ConfigureEntry("tag_regex: '^3'");
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  ForgetRequests();
  ASSERT_THAT(Run({"plan"}), ExitsWith(0));
  EXPECT_EQ(Count(NewRequests(upstream_), "GET /v2/library/alpine/manifests/"), 0U);
  ASSERT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
  EXPECT_EQ(Count(NewRequests(upstream_), "GET /v2/library/alpine/manifests/"), 0U);
  EXPECT_TRUE(HasAll(private_, "mirrors/alpine", Image("library/alpine:3.24.1")));
}

}  // namespace
}  // namespace imglife
