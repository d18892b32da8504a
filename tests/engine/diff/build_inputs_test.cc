#include "engine/diff/build_inputs.h"

#include <algorithm>
#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/diff/scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

// Everything that ComputeBuildInputs is given.
struct Given {
  Config config = ReadTestConfig(R"(
build:
  core_version: '1.0'
  registry: r.io/bases
  images:
    - name: app
      folder: images/app
      type: core
      mirror_image: r.io/m
      mirror_tag: '3.1'
      args: {A: one, B: two}
      platforms: [linux/amd64, linux/arm64]
)");
  Desired desired = ComputeDesired(config, {});
  ObservedContext context = {
      "FROM {{.BaseImage}}\nLABEL by={{.Name}}\n",
      {{"Dockerfile.tmpl", Digest::OfBytes("t")}, {"run.sh", Digest::OfBytes("run")}}};
  BuildFacts facts = {.base_digest = MakeDigest("a1"), .revision = "cafe", .eol_date = ""};

  BuildImage& written() { return config.build->images[0]; }
  DesiredImage& image() { return desired.images[0]; }
  absl::StatusOr<BuildInputs> Compute() const {
    return ComputeBuildInputs(config, desired.images.at(0), context, facts);
  }
  BuildInputs Inputs() const { return Compute().value(); }
};

struct Change {
  const char* name;
  std::function<void(Given&)> make;
  std::vector<std::string> parts;  // that are named as changed
};

class BuildInputsChanges : public ::testing::TestWithParam<Change> {};

TEST_P(BuildInputsChanges, ChangeTheDigestExactlyIfThePartsDo) {
  Given given;
  const BuildInputs before = given.Inputs();
  GetParam().make(given);
  const BuildInputs after = given.Inputs();
  EXPECT_EQ(ChangedParts(before.PartsLabel(), after), GetParam().parts);
  EXPECT_EQ(before.digest != after.digest, !GetParam().parts.empty());
}

INSTANTIATE_TEST_SUITE_P(
    BuildInputs, BuildInputsChanges,
    ::testing::Values(
        Change{"base", [](Given& w) { w.facts.base_digest = MakeDigest("a2"); }, {"base"}},
        Change{"base_to_be_built", [](Given& w) { w.facts.base_digest = {}; }, {"base"}},
        Change{"template",
               [](Given& w) { w.context.dockerfile_template += "USER x\n"; },
               {"template"}},
        Change{
            "what_the_template_says", [](Given& w) { w.written().name = "other"; }, {"template"}},
        Change{"eol_date_in_the_template",
               [](Given& w) {
                 w.context.dockerfile_template = "FROM {{.BaseImage}}\nLABEL by=app{{.EOLDate}}\n";
                 w.facts.eol_date = "2027-05-01";
               },
               {"template"}},
        Change{"file",
               [](Given& w) { w.context.files[1].digest = Digest::OfBytes("walk"); },
               {"file run.sh"}},
        Change{"new_file",
               [](Given& w) {
                 w.context.files.push_back({"z", Digest::OfBytes("")});
               },
               {"file z"}},
        Change{"file_gone", [](Given& w) { w.context.files.pop_back(); }, {"file run.sh"}},
        Change{"file_renamed",
               [](Given& w) { w.context.files[1].path = "go.sh"; },
               {"file go.sh", "file run.sh"}},
        Change{"argument", [](Given& w) { w.written().args["A"] = "two"; }, {"argument A"}},
        Change{"arguments_swapped",
               [](Given& w) {
                 w.written().args = {{"A", "two"}, {"B", "one"}};
               },
               {"argument A", "argument B"}},
        Change{"argument_gone", [](Given& w) { w.written().args.erase("B"); }, {"argument B"}},
        Change{"platform_gone", [](Given& w) { w.written().platforms.pop_back(); }, {"platforms"}},
        Change{"sbom", [](Given& w) { w.written().sbom = true; }, {"sbom"}},

        Change{"nothing", [](Given&) {}, {}},
        Change{"revision", [](Given& w) { w.facts.revision = "f00d"; }, {}},
        Change{"eol_date_elsewhere", [](Given& w) { w.facts.eol_date = "2027-05-01"; }, {}},
        Change{"template_that_gives_the_same",
               [](Given& w) {
                 w.context.dockerfile_template =
                     "{{/* new */ -}} FROM {{.MirrorImage}}:{{.MirrorTag}}\nLABEL by=app\n";
               },
               {}},
        Change{"bytes_of_the_template_file",
               [](Given& w) { w.context.files[0].digest = Digest::OfBytes("u"); },
               {}},
        Change{"order_of_files",
               [](Given& w) { std::swap(w.context.files[0], w.context.files[1]); },
               {}},
        Change{"base_written_with_its_digest",
               [](Given& w) {
                 w.context.dockerfile_template =
                     "FROM {{.BaseImage}}@{{.MirrorDigest}}\nLABEL by={{.Name}}\n";
               },
               {}},
        Change{"name_of_the_image", [](Given& w) { w.image().image.tag = "other"; }, {}},
        Change{"type", [](Given& w) { w.written().type = ImageType::kSpe; }, {}},
        Change{"core_version", [](Given& w) { w.config.build->core_version = "2.0"; }, {}},
        Change{
            "hooks", [](Given& w) { w.written().post_image_build.push_back({.cmd = "x"}); }, {}}),
    [](const ::testing::TestParamInfo<Change>& tested) { return tested.param.name; });

TEST(BuildInputs, RevisionsInTemplatesAreBuiltButDoNotCauseABuild) {
  Given given;
  given.context.dockerfile_template = "FROM {{.BaseImage}}\nLABEL r={{.Revision}}\n";
  const BuildInputs before = given.Inputs();
  given.facts.revision = "f00d";
  const BuildInputs after = given.Inputs();
  EXPECT_EQ(before.digest, after.digest);
  EXPECT_THAT(before.dockerfile, HasSubstr("LABEL r=cafe\n"));
  EXPECT_THAT(after.dockerfile, HasSubstr("LABEL r=f00d\n"));
}

TEST(BuildInputs, ArgumentsAndFilesOfOneNameAreTwoParts) {
  Given given;
  given.written().args = {{"run.sh", "run"}};
  EXPECT_THAT(given.Inputs().parts, Contains(Key("argument run.sh")));
  EXPECT_THAT(given.Inputs().parts, Contains(Key("file run.sh")));
}

TEST(BuildInputs, HoldTheRenderedDockerfileWithItsBasePinned) {
  Given given;
  const BuildInputs inputs = given.Inputs();
  EXPECT_EQ(inputs.dockerfile, "FROM r.io/m:3.1@" + DigestText("a1") + "\nLABEL by=app\n");
  ASSERT_EQ(inputs.files.size(), 1u);
  EXPECT_EQ(inputs.files[0].path, "run.sh");
}

TEST(BuildInputs, ShowTemplatesTheWholeImage) {
  Given given;
  given.facts.eol_date = "2027-05-01";
  given.context.dockerfile_template =
      "{{.Name}} {{.Type}} {{.Version}} {{.CoreVersion}} {{.MirrorImage}} {{.MirrorTag}} "
      "{{.BaseImage}} {{.Registry}} {{.Image}} {{.Tag}} {{.Folder}} "
      "{{range .Platforms}}{{.}} {{end}}{{.Args.A}} {{.Args.B}} {{.Revision}} {{.EOLDate}} "
      "{{.MirrorDigest}}";
  EXPECT_EQ(given.Inputs().dockerfile,
            "app core 3.1 1.0 r.io/m 3.1 r.io/m:3.1 r.io/bases r.io/bases/app:3.1-core1.0 "
            "3.1-core1.0 images/app linux/amd64 linux/arm64 one two cafe 2027-05-01 " +
                DigestText("a1"));
}

TEST(BuildInputs, FailAtTheLineOfTheTemplate) {
  Given given;
  given.context.dockerfile_template = "FROM x\n\n{{.Nothing}}\n";
  EXPECT_THAT(std::string(given.Compute().status().message()),
              HasSubstr("images/app/Dockerfile.tmpl:3:"));
}

TEST(ChangedParts, AreNoneIfTheLabelIsNotThere) {
  EXPECT_THAT(ChangedParts("", Given().Inputs()), IsEmpty());
  EXPECT_THAT(ChangedParts("no parts at all", Given().Inputs()), IsEmpty());
}

TEST(ChangedParts, UnderstandEveryName) {
  for (const char* name : {"a=b", "a;b=12345678", "a\nb", "100%", "100%25"}) {
    Given given;
    given.context.files[1].path = name;
    const std::string label = given.Inputs().PartsLabel();
    EXPECT_THAT(ChangedParts(label, given.Inputs()), IsEmpty()) << name;
    EXPECT_THAT(label, Not(HasSubstr("\n")));
  }
}

TEST(ChangedParts, UnderstandALineForEach) {
  Given given;
  std::string lines = given.Inputs().PartsLabel();
  std::replace(lines.begin(), lines.end(), ';', '\n');
  given.context.files[1].digest = Digest::OfBytes("other");
  EXPECT_THAT(ChangedParts(lines, given.Inputs()), ElementsAre("file run.sh"));
}

TEST(ImageLabels, SayWhatTheImageIs) {
  Given given;
  given.facts.eol_date = "2027-05-01";
  const BuildInputs inputs = given.Inputs();
  const auto labels = ImageLabels(given.config, given.image(), inputs, given.facts,
                                  "https://git.example.com/x", "2026-05-28T00:00:00Z");
  const std::map<std::string, std::string> expected = {
      {"org.opencontainers.image.created", "2026-05-28T00:00:00Z"},
      {"org.opencontainers.image.revision", "cafe"},
      {"org.opencontainers.image.source", "https://git.example.com/x"},
      {"org.opencontainers.image.version", "3.1"},
      {"org.opencontainers.image.title", "app"},
      {"org.opencontainers.image.base.name", "r.io/m:3.1"},
      {"org.opencontainers.image.base.digest", DigestText("a1")},
      {"io.imglife.inputs", inputs.digest.str()},
      {"io.imglife.inputs-parts", inputs.PartsLabel()},
      {"io.imglife.type", "core"},
      {"io.imglife.core-version", "1.0"},
      {"io.imglife.eol-date", "2027-05-01"},
      {"BASE_IMAGE_REF", "r.io/m:3.1"}};
  EXPECT_EQ(labels, expected);
}

TEST(ImageLabels, LeaveOutWhatIsNotKnown) {
  Given given;
  given.facts.revision.clear();
  given.written().type = ImageType::kSpeDev;
  const auto labels = ImageLabels(given.config, given.image(), given.Inputs(), given.facts, "",
                                  "2026-05-28T00:00:00Z");
  for (const char* label : {"org.opencontainers.image.revision", "org.opencontainers.image.source",
                            "io.imglife.eol-date"}) {
    EXPECT_THAT(labels, Not(Contains(Key(label))));
  }
  EXPECT_THAT(labels, Contains(Pair("io.imglife.type", "spe-dev")));
}

}  // namespace
}  // namespace imglife
