// Image layouts that other tools write too: what they have put there under names that are no tags
// stays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/layouts_fixture.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

class ForeignEntriesTest : public LayoutsTest {
 protected:
  // "1.0" is no mirror and expires.
  void SetUp() override {
    Push(upstream_, "library/alpine", "3.24.1");
    Configure(R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag: "3.24.1", target: 'ocidir://mirror'}
retention: {keep_last: 0}
)");
    ASSERT_THAT(Run({"apply"}), ExitsWith(0));
    ImageSpec old;
    old.name = "old";
    ASSERT_TRUE(PushImage(layouts(), At("mirror"), "1.0", MakeImage(old)).ok());
  }

  ImglifeRun Script(const std::string& script) const {
    return RunScript(directory_.path(), script, environment_);
  }

  // The plan says that only the tag goes, and only the tag goes.
  void ExpectOnlyTheTagGoes(const std::string& holder) {
    const ImglifeRun planned = Run({"plan", "--out", "plan.json"});
    EXPECT_THAT(planned.out,
                AllOf(HasSubstr("also named by: " + holder + " (stays)"), Not(HasSubstr("frees"))));
    const ImglifeRun run = Run({"apply", "plan.json"});
    EXPECT_THAT(run, ExitsWith(0));
    EXPECT_THAT(run.out, HasSubstr("1 destroyed; "));
    EXPECT_THAT(TagsOf("mirror"), ElementsAre("3.24.1"));
    EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  }
};

TEST_F(ForeignEntriesTest, WhatSkopeoNamesByAFullReferenceStays) {
  ASSERT_THAT(Script("skopeo --insecure-policy copy -q oci:mirror:1.0 oci:mirror:team/app:1.0"),
              ExitsWith(0));
  ExpectOnlyTheTagGoes("manifests[2] of index.json, named team/app:1.0");
  EXPECT_THAT(Script("skopeo --insecure-policy copy -q oci:mirror:team/app:1.0 oci:copy:1.0"),
              ExitsWith(0));
}

TEST_F(ForeignEntriesTest, WhatAnIndexWithoutANameHasAsAPartStays) {
  ASSERT_THAT(Script("skopeo --insecure-policy copy -q oci:mirror:1.0 oci:mirror:1.1"),
              ExitsWith(0));
  Json layout = Json::parse(ReadFile(Path("mirror/index.json")).value());
  Json part = layout["manifests"][2];
  part.erase("annotations");
  const std::string index = Json{
      {"schemaVersion", 2},
      {"mediaType", "application/vnd.oci.image.index.v1+json"},
      {"manifests",
       Json::array({part})}}.dump();
  const Digest digest = Digest::OfBytes(index);
  Write("mirror/blobs/sha256/" + std::string(digest.hex()), index);
  layout["manifests"][2] = {{"mediaType", "application/vnd.oci.image.index.v1+json"},
                            {"digest", digest.str()},
                            {"size", index.size()}};
  Write("mirror/index.json", layout.dump());

  EXPECT_THAT(Run({"plan", "--out", "plan.json"}).out,
              AllOf(HasSubstr("part of another index"), Not(HasSubstr("frees"))));
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
  EXPECT_THAT(TagsOf("mirror"), ElementsAre("3.24.1"));
  EXPECT_TRUE(layouts().GetManifest(At("mirror"), part["digest"].get<std::string>()).ok());
  EXPECT_TRUE(layouts().GetManifest(At("mirror"), digest.str()).ok());
}

// One that was written after the plan.
TEST_F(ForeignEntriesTest, AnEntrySinceThePlanKeepsTheImage) {
  EXPECT_THAT(Run({"plan", "--out", "plan.json"}).out, HasSubstr("also named by: none · frees"));
  ASSERT_THAT(Script("skopeo --insecure-policy copy -q oci:mirror:1.0 oci:mirror:team/app:1.0"),
              ExitsWith(0));
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
  EXPECT_THAT(TagsOf("mirror"), ElementsAre("3.24.1"));
  EXPECT_THAT(Script("skopeo --insecure-policy copy -q oci:mirror:team/app:1.0 oci:copy:1.0"),
              ExitsWith(0));
}

}  // namespace
}  // namespace imglife
