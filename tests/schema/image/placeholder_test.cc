#include "schema/image/placeholder.h"

#include "gtest/gtest.h"

namespace imglife {
namespace {

std::string Read(const ManifestBytes& bytes) {
  const auto manifest = ParseManifest(bytes.media_type, bytes.content);
  EXPECT_TRUE(manifest.ok()) << manifest.status();
  return manifest.ok() ? PlaceholderOf(*manifest, Digest::OfBytes(bytes.content)) : "unreadable";
}

// With `to` in the place of `from`, which must be there.
ManifestBytes Changed(ManifestBytes bytes, const std::string& from, const std::string& to) {
  bytes.content.replace(bytes.content.find(from), from.size(), to);
  return bytes;
}

TEST(Placeholder, NamesItsTag) {
  for (const bool docker : {false, true}) {
    EXPECT_EQ(Read(MakePlaceholder("3.24.1", "c0ffee", docker)), "3.24.1");
  }
}

TEST(Placeholder, IsNothingThatOnlyHasItsAnnotation) {
  const ManifestBytes made = MakePlaceholder("3.24.1", "c0ffee", false);
  const std::string blob = Digest::OfBytes(PlaceholderConfig()).str();
  EXPECT_EQ(Read(Changed(made, blob, Digest::OfBytes("a layer").str())), "");
  EXPECT_EQ(Read(Changed(made, R"("layers":[)", R"("layers":[],"more":[)")), "");
  EXPECT_EQ(Read(Changed(made, "3.24.1 c0ffee", "3.24.1")), "");
  EXPECT_EQ(Read(Changed(made, "io.imglife.placeholder", "io.imglife.somewhere")), "");
}

TEST(Placeholder, OfOneTagIsNoneOfAnother) {
  EXPECT_EQ(Read(Changed(MakePlaceholder("3.24.1", "c0ffee", false), "3.24.1", "3.25.0")),
            "3.25.0");
}

}  // namespace
}  // namespace imglife
