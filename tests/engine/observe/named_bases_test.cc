#include "engine/observe/named_bases.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "schema/image/manifest.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Digest kDigest = Digest::OfBytes("base");
const std::string kName(annotation::kBaseName);
const std::string kDigestName(annotation::kBaseDigest);

NamedBases OfLabels(const std::map<std::string, std::string>& labels) {
  ObservedImage image;
  image.platforms.resize(1);
  image.platforms[0].config.labels = labels;
  return NamedBasesOf(image);
}

std::vector<std::string> NamesOf(const NamedBases& bases) {
  std::vector<std::string> names;
  for (const Reference& name : bases.names) names.push_back(name.ToString());
  return names;
}

TEST(NamedBasesOf, KnowsEveryWayToNameABase) {
  EXPECT_THAT(NamesOf(OfLabels({{kName, "r.io/m:1"}})), ElementsAre("r.io/m:1"));
  EXPECT_THAT(NamesOf(OfLabels({{kName, "docker://r.io/m:1"}})), ElementsAre("r.io/m:1"));
  EXPECT_THAT(NamesOf(OfLabels({{kName, " https://r.io/m:1\n"}})), ElementsAre("r.io/m:1"));
  EXPECT_THAT(OfLabels({{kDigestName, " " + kDigest.str()}}).digests, ElementsAre(kDigest));
  EXPECT_THAT(NamesOf(OfLabels({{"BASE_IMAGE_REF", "r.io/m:1"}})), ElementsAre("r.io/m:1"));
  EXPECT_THAT(NamesOf(OfLabels({{kName, "r.io/m"}})), ElementsAre("r.io/m:latest"));
  EXPECT_THAT(NamesOf(OfLabels({{kName, "alpine:3"}})), ElementsAre("docker.io/library/alpine:3"));
  EXPECT_THAT(OfLabels({{kDigestName, kDigest.str()}}).digests, ElementsAre(kDigest));
}

TEST(NamedBasesOf, TakesNamesAndDigestsApart) {
  const NamedBases both = OfLabels({{kName, "r.io/m:1@" + kDigest.str()}});
  EXPECT_THAT(NamesOf(both), ElementsAre("r.io/m:1"));
  EXPECT_THAT(both.digests, ElementsAre(kDigest));
  const NamedBases digest = OfLabels({{kName, "r.io/m@" + kDigest.str()}});
  EXPECT_THAT(digest.names, IsEmpty());
  EXPECT_THAT(digest.digests, ElementsAre(kDigest));
}

TEST(NamedBasesOf, ReadsLabelsAndAnnotationsOfAllPlatforms) {
  ObservedImage image;
  image.manifest.annotations[kName] = "r.io/m:1";
  image.platforms.resize(2);
  image.platforms[0].manifest.annotations[kName] = "r.io/m:2";
  image.platforms[0].config.labels[kName] = "r.io/m:3";
  image.platforms[1].config.labels[kName] = "r.io/m:4";
  EXPECT_THAT(NamesOf(NamedBasesOf(image)),
              ElementsAre("r.io/m:1", "r.io/m:2", "r.io/m:3", "r.io/m:4"));
}

// BuildKit writes them there as `index-descriptor`.
TEST(NamedBasesOf, ReadsWhatAnIndexSaysOfItsParts) {
  ObservedImage image;
  image.manifest.children.resize(2);
  image.manifest.children[1].annotations[kName] = "r.io/m:1";
  EXPECT_THAT(NamesOf(NamedBasesOf(image)), ElementsAre("r.io/m:1"));
}

TEST(NamedBasesOf, WhatIsNoneSaysNothing) {
  EXPECT_TRUE(OfLabels({}).empty());
  EXPECT_TRUE(OfLabels({{kName, ""}, {kDigestName, ""}}).empty());
  EXPECT_TRUE(OfLabels({{kName, "r.io/M:1"}, {kDigestName, "sha256:12"}}).empty());
}

}  // namespace
}  // namespace imglife
