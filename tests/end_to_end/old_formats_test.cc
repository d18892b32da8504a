// Images in docker's first format, which no registry takes any more: they are left out, and said.
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"
#include "tests/end_to_end/registry_front.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kSchema1[] = R"({"schemaVersion":1,"name":"library/alpine","tag":"2.6"})";

class OldFormatsTest : public RegistriesTest {
 protected:
  void SetUp() override {
    for (const char* tag : {"2.6", "3.23.0", "3.24.0"}) Push(upstream_, "library/alpine", tag);
    front_ = std::make_unique<RegistryFront>(upstream_.url(), Old);
    environment_["FRONT"] = front_->host();
  }

  void ConfigureMirror(const std::string& more) const {
    Configure(R"(sync:
  entries:
    - source: $FRONT/library/alpine
      target: $PRIVATE/mirrors/alpine
)" + more);
  }

  static std::optional<ServedResponse> Old(const ServedRequest& request) {
    if (!request.path.ends_with("/manifests/2.6")) return std::nullopt;
    return ServedResponse{
        200,
        {{"Content-Type", "application/vnd.docker.distribution.manifest.v1+prettyjws"},
         {"Docker-Content-Digest", Digest::OfBytes(kSchema1).str()}},
        kSchema1};
  }

  std::unique_ptr<RegistryFront> front_;
};

TEST_F(OldFormatsTest, AreSkippedWithAWarningAndTheOthersCopied) {
  for (const char* more : {"      tag_regex: '.*'\n      check_digest: true\n",
                           "      tag_regex: '.*'\n      platforms: [linux/amd64]\n"}) {
    SCOPED_TRACE(more);
    ConfigureMirror(more);
    const ImglifeRun run = Run({"apply"});
    EXPECT_THAT(run, ExitsWith(0)) << run.err;
    EXPECT_THAT(run.out + run.err, HasSubstr("alpine:2.6 is skipped: "));
    EXPECT_THAT(run.out + run.err, HasSubstr("schema 1"));
    EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.23.0", "3.24.0"));
    const ImglifeRun again = Run({"plan", "--detailed-exitcode"});
    EXPECT_THAT(again, ExitsWith(0)) << again.out;
    EXPECT_THAT(again.out + again.err, HasSubstr("alpine:2.6 is skipped: "));
  }
}

// A mirror that has the tag in a format of today keeps it.
TEST_F(OldFormatsTest, TakeNothingFromTheMirror) {
  const TestImage mirrored = Push(private_, "mirrors/alpine", "2.6");
  ConfigureMirror("      tag_regex: '.*'\n      check_digest: true\n");
  EXPECT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_EQ(DigestOf(private_, "mirrors/alpine", "2.6"), mirrored.manifest.digest.str());
}

}  // namespace
}  // namespace imglife
