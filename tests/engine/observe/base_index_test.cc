#include "engine/observe/base_index.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Digest kIndex = Digest::OfBytes("index");
const Digest kPlatform = Digest::OfBytes("platform");

Reference Name(const std::string& text) {
  return ParseReference(text).value();
}

// r.io is what cache.io is spoken to at; r.io/m:1 is an index.
class BaseIndexTest : public ::testing::Test {
 protected:
  BaseIndexTest() {
    ObservedImage image;
    image.digest = kIndex;
    image.platforms.push_back({.digest = kPlatform});
    index_.Add({Name("r.io/m:1").repository, "1", kIndex}, &image);
    index_.Add(Name("r.io/m:2"), nullptr);
    index_.Add({Name("a.io/old/m:3").repository, "3", Digest::OfBytes("3")}, nullptr);
    index_.AddFormerName(Name("r.io/m:3"), Name("a.io/old/m:3"));
  }

  std::vector<std::string> Find(const NamedBases& bases) const {
    std::vector<std::string> found;
    for (const Reference& tag : index_.Find(bases)) found.push_back(tag.ToString());
    return found;
  }

  const RegistryServers servers_{{{EndpointVariable("cache.io"), ServerName("r.io", 443, "")}}, {}};
  BaseIndex index_{servers_};
};

TEST_F(BaseIndexTest, FindsByNameWhateverTheNameOfTheRegistry) {
  EXPECT_THAT(Find({.names = {Name("r.io/m:1"), Name("cache.io/m:2")}, .digests = {}}),
              ElementsAre("r.io/m:1", "r.io/m:2"));
  EXPECT_THAT(
      Find({.names = {Name("other.io/m:1"), Name("r.io/m:9"), Name("r.io/n:1")}, .digests = {}}),
      IsEmpty());
}

TEST_F(BaseIndexTest, FindsByTheDigestOfTheTagOrOfAPlatform) {
  EXPECT_THAT(Find({.names = {}, .digests = {kIndex}}), ElementsAre("r.io/m:1"));
  EXPECT_THAT(Find({.names = {}, .digests = {kPlatform}}), ElementsAre("r.io/m:1"));
  EXPECT_THAT(Find({.names = {}, .digests = {Digest::OfBytes("other")}}), IsEmpty());
}

TEST_F(BaseIndexTest, FormerNamesCountWhereNoDigestIsGiven) {
  EXPECT_THAT(Find({.names = {Name("cache.io/m:3")}, .digests = {}}), ElementsAre("a.io/old/m:3"));
  EXPECT_THAT(Find({.names = {Name("r.io/m:3")}, .digests = {kIndex}}), ElementsAre("r.io/m:1"));
  EXPECT_THAT(Find({.names = {Name("r.io/m:3")}, .digests = {Digest::OfBytes("3")}}),
              ElementsAre("a.io/old/m:3"));
}

}  // namespace
}  // namespace imglife
