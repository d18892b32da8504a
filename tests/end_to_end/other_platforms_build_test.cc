// Builds for platforms that their base isn't there for, with real buildah.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kOnMirror[] = "$PRIVATE/mirrors/alpine";

class OtherPlatformsBuildTest : public RegistriesTest {
 protected:
  void SetUp() override {
    Write("alpine/Dockerfile.tmpl", "FROM {{ .BaseImage }}\nCOPY motd /etc/motd\n");
    Write("alpine/motd", "hello\n");
  }

  static std::string Build(const std::string& base, const std::string& platforms) {
    return "build:\n  core_version: 1.0.0\n  registry: $PRIVATE/bases\n  backend: buildah\n"
           "  platforms: [" +
           platforms +
           "]\n  images:\n    - {name: app, folder: alpine, type: core, mirror_tag: '3', "
           "mirror_image: " +
           base + "}\n";
  }
  static std::string MirrorOf(const std::string& platforms) {
    return "sync:\n  platforms: [" + platforms +
           "]\n  entries:\n    - {source: $UPSTREAM/library/alpine, tag: '3', target: "
           "$PRIVATE/mirrors/alpine}\n";
  }

  void ExpectNothingBuilt(const std::string& lacks) {
    for (const char* command : {"plan", "apply"}) {
      const ImglifeRun run = Run({command});
      EXPECT_THAT(run, ExitsWith(1));
      EXPECT_THAT(run.out + run.err, HasSubstr("build.images[0]: its base " + private_.host() +
                                               "/mirrors/alpine:3 has no " + lacks));
    }
    EXPECT_THAT(Tags(private_, "bases/app"), IsEmpty());
  }
};

TEST_F(OtherPlatformsBuildTest, AMirrorThatLeavesOneOut) {
  PushRealBase(upstream_.At("library/alpine"), "3");
  Configure(MirrorOf("linux/amd64") + Build(kOnMirror, "linux/amd64, linux/arm64"));
  // Before the mirror has it, and when it does.
  ExpectNothingBuilt("linux/arm64 (it has linux/amd64); ");
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), testing::ElementsAre("3"));
  ExpectNothingBuilt("linux/arm64 (it has linux/amd64); ");
}

TEST_F(OtherPlatformsBuildTest, ABaseWithoutAnIndex) {
  Push(private_, "mirrors/alpine", "3", MakeImage(ImageSpec()));
  Configure(Build(kOnMirror, "linux/amd64, linux/arm64"));
  ExpectNothingBuilt("linux/arm64 (it has linux/amd64); ");
}

TEST_F(OtherPlatformsBuildTest, APlatformThatNoBaseHas) {
  Push(private_, "mirrors/alpine", "3", Image("base"));
  Configure(Build(kOnMirror, "linux/amd64, linux/riscv64"));
  ExpectNothingBuilt("linux/riscv64 (it has linux/amd64, linux/arm64); ");
}

TEST_F(OtherPlatformsBuildTest, ABaseThatThisPlanBuilds) {
  Push(private_, "mirrors/alpine", "3", Image("base"));
  Configure(Build(kOnMirror, "linux/amd64") +
            "    - {name: top, folder: alpine, type: spe, mirror_image: $PRIVATE/bases/app, "
            "mirror_tag: 3-core1.0.0, version: '1', platforms: [linux/amd64, linux/arm64]}\n");
  const ImglifeRun run = Run({"plan"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.out + run.err, HasSubstr("build.images[1]: its base " + private_.host() +
                                           "/bases/app:3-core1.0.0 has no linux/arm64"));
}

// An image that only tools are taken from needs to be there for their platform only.
TEST_F(OtherPlatformsBuildTest, ToolsOfAnotherPlatformAreNoBase) {
  PushRealBase(upstream_.At("library/alpine"), "3");
  Write("alpine/Dockerfile.tmpl",
        "FROM --platform=linux/amd64 {{ .BaseImage }} AS tools\nFROM scratch\n"
        "COPY --from=tools /base /base\n");
  Configure(MirrorOf("linux/amd64") + Build(kOnMirror, "linux/amd64, linux/arm64"));
  EXPECT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "bases/app"), testing::ElementsAre("3-core1.0.0"));
}

}  // namespace
}  // namespace imglife
