// Which date an image has (registry.md, "Age of a tag").
#include "gtest/gtest.h"

#include "engine/observe/read_images.h"
#include "tests/engine/observe/config_maker.h"
#include "tests/support/fake_registry.h"

namespace imglife {
namespace {

using Date = std::optional<std::string>;

struct AgeCase {
  const char* what;
  std::vector<Date> created;  // of the configs; one: a single image, more: an index
  Date annotation;            // of the manifest that the tag points to
  Date age;
};

class AgeTest : public ::testing::TestWithParam<AgeCase> {};

std::optional<absl::Time> TimeOf(const Date& date) {
  absl::Time time;
  std::string error;
  if (!date) return std::nullopt;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, *date, &time, &error)) << error;
  return time;
}

TestImage ImageOf(const AgeCase& age) {
  Annotations annotations;
  if (age.annotation) annotations[std::string(annotation::kCreated)] = *age.annotation;
  std::vector<ImageSpec> images;
  for (const Date& created : age.created) {
    images.push_back({.name = "image" + std::to_string(images.size()), .created = TimeOf(created)});
  }
  if (images.size() > 1) return MakeIndex({.images = images, .annotations = annotations});
  images[0].annotations = annotations;
  return MakeImage(images[0]);
}

TEST_P(AgeTest, IsTheNewestKnownDate) {
  FakeRegistry world;
  world.AddImage("r.test/app:1", ImageOf(GetParam()));
  const auto memo = MakeRegistryMemo(world);
  const auto read = ReadImages(*memo, {{MakeRepository("r.test/app"), "1"}});
  ASSERT_TRUE(read[0].ok()) << read[0].status();
  EXPECT_EQ(read[0]->created, TimeOf(GetParam().age));
}

const Date kNone;
const Date k2023 = "2023-01-02T03:04:05Z";
const Date k2024 = "2024-01-02T03:04:05.5+02:00";
const Date k1970 = "1970-01-01T00:00:00Z";
const Date k1980 = "1980-01-01T00:00:01Z";

INSTANTIATE_TEST_SUITE_P(
    Dates, AgeTest,
    ::testing::Values(AgeCase{"OfTheConfig", {k2023}, kNone, k2023},
                      AgeCase{"OfTheConfigThoughAnnotated", {k2023}, k2024, k2023},
                      AgeCase{"OfTheNewestChild", {k2023, k2024, k2023}, kNone, k2024},
                      AgeCase{"OfTheOnlyChildThatHasOne", {kNone, k2023, k1970}, k2024, k2023},
                      AgeCase{"OfTheAnnotationWithoutConfigDate", {kNone}, k2024, k2024},
                      AgeCase{"OfTheAnnotationOfAnIndex", {kNone, k1980}, k2023, k2023},
                      AgeCase{"OfTheAnnotationIn1970", {k1970}, k2023, k2023},
                      AgeCase{"OfTheAnnotationIn1980", {k1980}, k2023, k2023},
                      AgeCase{"UnknownIn1970", {k1970}, k1970, kNone},
                      AgeCase{"UnknownIn1980", {kNone}, k1980, kNone},
                      AgeCase{"UnknownAtTheEndOf1970", {kNone}, "1970-12-31T23:59:59Z", kNone},
                      AgeCase{
                          "KnownIn1971", {kNone}, "1971-01-01T00:00:00Z", "1971-01-01T00:00:00Z"},
                      AgeCase{"UnknownWithoutAny", {kNone, kNone}, kNone, kNone},
                      AgeCase{"UnknownIfItIsNoDate", {kNone}, "yesterday", kNone}),
    [](const auto& test) { return test.param.what; });

TEST(ImageAge, GosZeroDateIsNone) {
  FakeRegistry world;
  world.AddImage(
      "r.test/app:1",
      MakeImage({.created = std::nullopt,
                 .annotations = {{std::string(annotation::kCreated), "0001-01-01T00:00:00Z"}}}));
  const auto memo = MakeRegistryMemo(world);
  EXPECT_EQ(ReadImages(*memo, {{MakeRepository("r.test/app"), "1"}})[0]->created, std::nullopt);
}

}  // namespace
}  // namespace imglife
