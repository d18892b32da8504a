// build.registry, an image's name and tag_format together.
#include "engine/observe/image_reference.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/observe/config_maker.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<Reference> ReferenceOf(const std::string& tag_format,
                                      ImageType type = ImageType::kCore) {
  BuildSection build;
  build.core_version = "1.2";
  build.registry = MakeRepository("r.test/bases");
  build.tag_format = tag_format;
  BuildImage image;
  image.name = "app";
  image.folder = "/config/images/app";
  image.folder_as_written = "images/app";
  image.type = type;
  image.mirror_image = MakeRepository("r.test/mirrors/alpine");
  return ImageReference(build, image, "3.21", "9.5");
}

struct FormatCase {
  std::string format;
  std::string reference;
};

class TagFormatTest : public ::testing::TestWithParam<FormatCase> {};

TEST_P(TagFormatTest, GivesTheReference) {
  const auto reference = ReferenceOf(GetParam().format);
  ASSERT_TRUE(reference.ok()) << reference.status();
  EXPECT_EQ(reference->ToString(), GetParam().reference);
}

INSTANTIATE_TEST_SUITE_P(
    Templates, TagFormatTest,
    ::testing::Values(
        FormatCase{BuildSection().tag_format, "r.test/bases/app:9.5-core1.2"},
        FormatCase{"{{.Name}}.{{.Type}}.{{.MirrorTag}}", "r.test/bases/app:app.core.3.21"},
        FormatCase{R"({{replace "/" "_" .Folder}})", "r.test/bases/app:images_app"},
        FormatCase{R"({{replace "/" "_" .MirrorImage}})", "r.test/bases/app:r.test_mirrors_alpine"},
        FormatCase{R"({{replace ":" "_" .BaseImage | replace "/" "_"}})",
                   "r.test/bases/app:r.test_mirrors_alpine_3.21"},
        FormatCase{R"({{replace "/" "_" .Registry}})", "r.test/bases/app:r.test_bases"}));

INSTANTIATE_TEST_SUITE_P(
    Tokens, TagFormatTest,
    ::testing::Values(
        FormatCase{"{version}-core{core_version}", "r.test/bases/app:9.5-core1.2"},
        FormatCase{"{name}_{build_name}-{mirror-tag}", "r.test/bases/app:app_app-3.21"},
        FormatCase{"fixed", "r.test/bases/app:fixed"},
        FormatCase{"{registry}/{name}:{version}", "r.test/bases/app:9.5"},
        FormatCase{"{registry}/{folder}/{name}:{mirror-tag}", "r.test/bases/images/app/app:3.21"}));

TEST(ImageReference, TypesHaveTheirWords) {
  EXPECT_EQ(ReferenceOf("{{.Type}}", ImageType::kCore)->tag, "core");
  EXPECT_EQ(ReferenceOf("{{.Type}}", ImageType::kSpe)->tag, "spe");
  EXPECT_EQ(ReferenceOf("{{.Type}}", ImageType::kSpeDev)->tag, "spe-dev");
}

class BadTagFormatTest : public ::testing::TestWithParam<FormatCase> {};

TEST_P(BadTagFormatTest, SaysWhatItGave) {
  const auto reference = ReferenceOf(GetParam().format);
  EXPECT_TRUE(absl::IsInvalidArgument(reference.status())) << reference.status();
  EXPECT_THAT(std::string(reference.status().message()), HasSubstr(GetParam().reference));
}

INSTANTIATE_TEST_SUITE_P(
    Formats, BadTagFormatTest,
    ::testing::Values(FormatCase{"{folder}", "gives the tag \"images/app\" for app"},
                      FormatCase{"{Version}", "gives the tag \"{Version}\" for app"},
                      FormatCase{"{version", "gives the tag \"{version\" for app"},
                      FormatCase{"-{version}", "gives the tag \"-9.5\" for app"},
                      FormatCase{"{{.Type | len}}{{/**/}}{{if false}}{{end}} ", "\"4 \""},
                      FormatCase{"{{if false}}x{{end}}", "gives the tag \"\" for app"},
                      FormatCase{"{{.Version", "build.tag_format:1:"},
                      FormatCase{"{registry}/{name}", "r.test/bases/app for app, which has no tag"},
                      FormatCase{"{registry}/{name}:a b", "a b"}));

}  // namespace
}  // namespace imglife
