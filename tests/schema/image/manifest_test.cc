#include "schema/image/manifest.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "schema/image/filtered_index.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kA = Digest::OfBytes("a").str();
const std::string kB = Digest::OfBytes("b").str();
const std::string kC = Digest::OfBytes("c").str();

std::string Entry(const std::string& digest, const std::string& more = "") {
  return R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" + digest +
         R"(","size":7)" + more + "}";
}

std::string Platformed(const std::string& os, const std::string& architecture) {
  return R"(,"platform":{"os":")" + os + R"(","architecture":")" + architecture + R"("})";
}

std::string Attestation(const std::string& digest, const std::string& subject) {
  return Entry(digest, Platformed("unknown", "unknown") +
                           R"(,"annotations":{"vnd.docker.reference.digest":")" + subject +
                           R"("})");
}

std::string Index(const std::string& entries, const std::string& more = "") {
  return R"({"schemaVersion":2,"manifests":[)" + entries + "]" + more + "}";
}

TEST(ParseManifest, ReadsAnIndex) {
  const auto index = ParseManifest(media_type::kOciIndex,
                                   Index(Entry(kA, Platformed("linux", "amd64")) + "," + Entry(kB),
                                         R"(,"annotations":{"x":"y"},"subject":)" + Entry(kC)));
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_TRUE(index->is_index);
  ASSERT_EQ(index->children.size(), 2u);
  EXPECT_EQ(index->children[0].digest.str(), kA);
  EXPECT_EQ(index->children[0].size, 7);
  EXPECT_EQ(index->children[0].platform->ToString(), "linux/amd64");
  EXPECT_FALSE(index->children[1].platform.has_value());
  EXPECT_EQ(index->subject->digest.str(), kC);
  EXPECT_EQ(index->annotations.at("x"), "y");
}

TEST(ParseManifest, ReadsAnImage) {
  const auto image =
      ParseManifest(media_type::kDockerManifest,
                    R"({"schemaVersion":2,"mediaType":")" +
                        std::string(media_type::kDockerManifest) + R"(","config":)" + Entry(kA) +
                        R"(,"layers":[)" + Entry(kB, R"(,"urls":["https://x/y"])") + "]}");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_FALSE(image->is_index);
  EXPECT_EQ(image->config.digest.str(), kA);
  EXPECT_THAT(image->layers.at(0).urls, ElementsAre("https://x/y"));
}

struct Refused {
  std::string type;
  std::string content;
  std::string why;
};

TEST(ParseManifest, NamesWhatIsWrong) {
  const std::string index(media_type::kOciIndex);
  const std::string manifest(media_type::kOciManifest);
  const std::vector<Refused> all = {
      {index, "[]", "must be an object"},
      {index, "{", "not JSON"},
      {index, "{}", "schemaVersion is missing"},
      {index, R"({"schemaVersion":1,"manifests":[]})", "schemaVersion must be 2"},
      {index, R"({"schemaVersion":2})", "manifests is missing"},
      {index, R"({"schemaVersion":2,"manifests":{}})", "manifests must be a list"},
      {index, Index(R"({"digest":"x"})"), "manifests[0].mediaType is missing"},
      {index, Index(Entry("sha256:12")), "manifests[0].digest is no digest"},
      {index, Index(R"({"mediaType":"a","digest":")" + kA + R"(","size":-1})"),
       "manifests[0].size must not be negative"},
      {index, Index(R"({"mediaType":"a","digest":")" + kA + R"(","size":"7"})"),
       "manifests[0].size must be an integer"},
      {index, Index("", R"(,"layers":[])"), "both `manifests` and `layers`"},
      {index, Index("", R"(,"mediaType":"text/plain")"), "served as"},
      {manifest, R"({"schemaVersion":2,"layers":[]})", "config is missing"},
      {manifest, std::string(9 << 20, ' '), "larger than 8 MiB"},
      {index, Index("", R"(,"x":)" + std::string(1 << 20, '[') + std::string(1 << 20, ']')),
       "nested too deeply"},
      {"text/html", "{}", "media type"},
      {"application/vnd.docker.distribution.manifest.v1+prettyjws", "{}", "schema 1"},
  };
  for (const Refused& refused : all) {
    const auto parsed = ParseManifest(refused.type, refused.content);
    ASSERT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << refused.why;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(refused.why));
  }
}

TEST(ParseImageConfig, ReadsWhatRetentionAndBuildsNeed) {
  const auto config = ParseImageConfig(
      R"({"created":"2026-06-15T12:00:00.5Z","os":"linux","architecture":"arm64","variant":"v8",
          "config":{"Labels":{"a":"b"}},"rootfs":{"diff_ids":[")" +
      kA + R"("]}})");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->created, absl::FromUnixMillis(1'781'524'800'500));
  EXPECT_EQ(config->platform.ToString(), "linux/arm64/v8");
  EXPECT_EQ(config->labels.at("a"), "b");
}

TEST(ParseImageConfig, ConstantsOfReproducibleBuildsAreNoDates) {
  for (const char* created :
       {"1970-01-01T00:00:00Z", "1980-01-01T00:00:01Z", "0001-01-01T00:00:00Z", "yesterday", ""}) {
    const auto config = ParseImageConfig(R"({"created":")" + std::string(created) + R"("})");
    ASSERT_TRUE(config.ok());
    EXPECT_FALSE(config->created.has_value()) << created;
  }
  EXPECT_TRUE(ParseImageConfig(R"({"config":null,"rootfs":null})").ok());
  EXPECT_FALSE(ParseImageConfig(R"({"created":3})").ok());
  EXPECT_FALSE(ParseImageConfig("no json").ok());
}

ManifestBytes Source() {
  ManifestBytes source;
  source.media_type = media_type::kOciIndex;
  source.content = Index(Entry(kA, Platformed("linux", "amd64")) + "," +
                             Entry(kB, Platformed("linux", "arm64")) + "," + Attestation(kC, kB),
                         R"(,"annotations":{"z":"1"})");
  source.digest = Digest::OfBytes(source.content);
  return source;
}

std::vector<std::string> Children(const ManifestBytes& bytes) {
  std::vector<std::string> digests;
  const Manifest parsed = ParseManifest(bytes.media_type, bytes.content).value();
  for (const Descriptor& child : parsed.children) digests.push_back(child.digest.str());
  return digests;
}

TEST(FilterIndex, KeepsWantedImagesAndTheirAttestations) {
  const auto arm = FilterIndex(Source(), {*Platform::Parse("linux/arm64")});
  ASSERT_TRUE(arm.ok()) << arm.status();
  EXPECT_THAT(Children(*arm), ElementsAre(kB, kC));
  const auto amd = FilterIndex(Source(), {*Platform::Parse("linux/amd64")});
  EXPECT_THAT(Children(*amd), ElementsAre(kA));
  EXPECT_EQ(amd->digest, Digest::OfBytes(amd->content));
}

TEST(FilterIndex, NamesItsSourceAndIsTheSameEveryTime) {
  const std::vector<Platform> both = {*Platform::Parse("linux/arm64"),
                                      *Platform::Parse("linux/amd64")};
  const auto once = FilterIndex(Source(), both);
  ASSERT_TRUE(once.ok());
  EXPECT_EQ(once->content, FilterIndex(Source(), {both[1], both[0]})->content);
  const Manifest parsed = ParseManifest(once->media_type, once->content).value();
  EXPECT_EQ(parsed.annotations.at(std::string(annotation::kSourceDigest)), Source().digest.str());
  EXPECT_EQ(parsed.annotations.at("z"), "1");
}

TEST(FilterIndex, NamesThePlatformsThatTheSourceLacks) {
  const std::vector<Platform> wanted = {
      *Platform::Parse("linux/s390x"), *Platform::Parse("linux/amd64"),
      *Platform::Parse("linux/arm/v7"), *Platform::Parse("linux/s390x")};
  const auto some = FilterIndex(Source(), wanted);
  ASSERT_TRUE(some.ok());
  const Manifest parsed = ParseManifest(some->media_type, some->content).value();
  EXPECT_EQ(parsed.annotations.at(std::string(annotation::kAbsentPlatforms)),
            "linux/arm/v7,linux/s390x");
  // The mirror of a mirror lacks what its own source lacks.
  const auto again = FilterIndex(*some, {wanted[1]});
  ASSERT_TRUE(again.ok());
  EXPECT_THAT(
      ParseManifest(again->media_type, again->content).value().annotations,
      testing::Not(testing::Contains(testing::Key(std::string(annotation::kAbsentPlatforms)))));
}

TEST(IsFilteredFrom, TellsTheSourceAndThePlatformsByTheIndexAlone) {
  const std::vector<Platform> arm = {*Platform::Parse("linux/arm64")};
  const std::vector<Platform> both = {arm[0], *Platform::Parse("linux/amd64")};
  const std::vector<Platform> more = {arm[0], *Platform::Parse("linux/s390x")};
  const Digest source = Source().digest;
  for (const auto& made_for : {arm, both, more}) {
    const auto bytes = FilterIndex(Source(), made_for);
    ASSERT_TRUE(bytes.ok());
    const Manifest index = ParseManifest(bytes->media_type, bytes->content).value();
    EXPECT_TRUE(IsFilteredFrom(index, source));
    EXPECT_FALSE(IsFilteredFrom(index, bytes->digest));
    EXPECT_FALSE(IsFilteredFrom(index, bytes->digest, made_for));
    for (const auto& wanted : {arm, both, more}) {
      EXPECT_EQ(IsFilteredFrom(index, source, wanted), wanted == made_for);
    }
  }
  const Manifest whole = ParseManifest(Source().media_type, Source().content).value();
  EXPECT_FALSE(IsFilteredFrom(whole, source));
  EXPECT_FALSE(IsFilteredFrom(whole, source, both)) << "nothing says so";
}

TEST(FilterIndex, NamesWhatThereIsIfNothingIsWanted) {
  const auto none = FilterIndex(Source(), {*Platform::Parse("linux/s390x")});
  EXPECT_EQ(none.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("it has linux/amd64, linux/arm64"));
}

}  // namespace
}  // namespace imglife
