// Builds on image layouts and into them, with real buildah.
#include "nlohmann/json.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/layouts_fixture.h"
#include "tests/support/byte_readers.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using Json = nlohmann::json;

constexpr char kMirrorOfNewest[] = R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^3\.'
      keep_last: 1
      check_digest: true
      target: ocidir://m/alpine
)";

std::string Build(const std::string& registry, const std::string& base,
                  const std::string& backend = "buildah") {
  return "build:\n  core_version: \"1.0.0\"\n  registry: " + registry + "\n  backend: " + backend +
         "\n  platforms: [linux/amd64, linux/arm64]\n  images:\n"
         "    - {name: alpine, folder: images/alpine, type: core, mirror_tag: '3.21.3', "
         "mirror_image: '" +
         base + "'}\n";
}

// Stands on the image that Build makes.
std::string AndTools(const std::string& registry) {
  return "    - {name: tools, folder: images/alpine, type: spe, mirror_tag: 3.21.3-core1.0.0, "
         "version: '1', mirror_image: '" +
         registry + "/alpine'}\n";
}

constexpr char kBuilt[] = "3.21.3-core1.0.0";

class LayoutBuildsTest : public LayoutsTest {
 protected:
  void SetUp() override {
    for (const char* tag : {"3.21.3", "3.24.1"}) {
      upstream_images_[tag] = Push(upstream_, "library/alpine", tag);
    }
    Write("team/images/alpine/Dockerfile.tmpl", "FROM {{ .BaseImage }}\nCOPY motd /etc/motd\n");
    Write("team/images/alpine/motd", "hello\n");
  }

  void Configure(const std::string& yaml) const { Write("team/imglife.yaml", yaml); }
  // From a directory that isn't the configuration's.
  ImglifeRun RunIt(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", "team/imglife.yaml"});
    return RunIn("", arguments);
  }
  void ExpectNothingLeft() const {
    const ImglifeRun run = RunIt({"plan", "--detailed-exitcode"});
    EXPECT_THAT(run, ExitsWith(0));
    EXPECT_THAT(run.out, EndsWith("No changes. Registries match the configuration.\n"));
  }

  // All that a manifest of two platforms leads to, or nothing and a failed test.
  struct Whole {
    Json index;
    std::vector<Json> manifests;
    std::vector<std::string> configs;
  };
  Whole Read(Registry& registry, const Repository& repository, const std::string& tag) {
    Whole whole;
    const auto index = registry.GetManifest(repository, tag);
    EXPECT_TRUE(index.ok()) << index.status();
    if (!index.ok()) return whole;
    whole.index = Json::parse(index->content);
    for (const Json& child : whole.index["manifests"]) {
      const auto manifest = registry.GetManifest(repository, child["digest"]);
      EXPECT_TRUE(manifest.ok()) << manifest.status();
      if (!manifest.ok()) return whole;
      whole.manifests.push_back(Json::parse(manifest->content));
      for (const Json& blob : whole.manifests.back()["layers"]) {
        EXPECT_TRUE(Blob(registry, repository, blob).ok()) << blob;
      }
      const auto config = Blob(registry, repository, whole.manifests.back()["config"]);
      EXPECT_TRUE(config.ok()) << config.status();
      whole.configs.push_back(config.value_or("{}"));
    }
    return whole;
  }

  void ExpectWhole(Registry& registry, const Repository& repository, const std::string& tag,
                   std::size_t layers, const std::string& base_name, const std::string& base) {
    const Whole whole = Read(registry, repository, tag);
    ASSERT_EQ(whole.configs.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
      const Json config = Json::parse(whole.configs[i]);
      EXPECT_EQ(config["architecture"], i == 0 ? "amd64" : "arm64");
      EXPECT_EQ(whole.manifests[i]["layers"].size(), layers);
      const Json& labels = config["config"]["Labels"];
      EXPECT_EQ(labels["org.opencontainers.image.base.name"], base_name);
      EXPECT_EQ(labels["org.opencontainers.image.base.digest"], base);
      EXPECT_EQ(labels["BASE_IMAGE_REF"], base_name);
      const Json& annotations = whole.manifests[i]["annotations"];
      EXPECT_EQ(annotations["org.opencontainers.image.base.name"], base_name);
      EXPECT_EQ(annotations["org.opencontainers.image.base.digest"], base);
      EXPECT_THAT(whole.configs[i], Not(HasSubstr(directory_.path())));
      EXPECT_THAT(whole.configs[i], Not(HasSubstr("imglife-build")));
    }
  }

  std::string LayoutDigest(const std::string& path, const std::string& tag) {
    const auto resolved = layouts().Resolve(At(path), tag);
    EXPECT_TRUE(resolved.ok()) << resolved.status();
    return resolved.ok() ? resolved->digest.str() : "";
  }

  std::map<std::string, TestImage> upstream_images_;

 private:
  static absl::StatusOr<std::string> Blob(Registry& registry, const Repository& repository,
                                          const Json& descriptor) {
    const auto reader = registry.GetBlob(
        repository, {.digest = *Digest::Parse(descriptor["digest"].get<std::string>()),
                     .size = descriptor["size"].get<std::int64_t>()});
    if (!reader.ok()) return reader.status();
    return ReadAll(**reader);
  }
};

TEST_F(LayoutBuildsTest, EverythingInLayouts) {
  PushRealBase(upstream_.At("library/alpine"), "3.21.3");
  Configure(kMirrorOfNewest + Build("ocidir://bases", "ocidir://m/alpine") +
            AndTools("ocidir://bases"));
  ASSERT_THAT(RunIt({"plan", "--out", "plan.json"}), ExitsWith(0));
  const ImglifeRun applied = RunIn("", {"apply", "plan.json"});
  ASSERT_THAT(applied, ExitsWith(0));
  EXPECT_THAT(applied.out, StartsWith("Apply complete: 4 added, 0 changed, 0 destroyed; "));
  ExpectNothingLeft();

  EXPECT_THAT(TagsOf("team/m/alpine"), ElementsAre("3.21.3", "3.24.1"));
  ExpectWhole(layouts(), At("team/bases/alpine"), kBuilt, 2, "ocidir://m/alpine:3.21.3",
              DigestOf(upstream_, "library/alpine", "3.21.3"));
  ExpectWhole(layouts(), At("team/bases/tools"), "1-core1.0.0", 3,
              std::string("ocidir://bases/alpine:") + kBuilt,
              LayoutDigest("team/bases/alpine", kBuilt));
  const ImglifeRun again = RunIn("", {"apply", "plan.json"});
  EXPECT_THAT(again.out, HasSubstr("0 added, 0 changed, 0 destroyed; 4 already so"));
}

TEST_F(LayoutBuildsTest, FromALayoutIntoARegistry) {
  Configure(kMirrorOfNewest + Build("$PRIVATE/bases", "ocidir://m/alpine"));
  ASSERT_THAT(RunIt({"apply"}), ExitsWith(0));
  ExpectNothingLeft();
  ExpectWhole(registry(), private_.At("bases/alpine"), kBuilt, 3, "ocidir://m/alpine:3.21.3",
              upstream_images_["3.21.3"].manifest.digest.str());
}

TEST_F(LayoutBuildsTest, FromARegistryIntoALayout) {
  Configure(kMirrorOfNewest + Build("ocidir://bases", "$UPSTREAM/library/alpine"));
  ASSERT_THAT(RunIt({"apply"}), ExitsWith(0));
  ExpectNothingLeft();
  ExpectWhole(layouts(), At("team/bases/alpine"), kBuilt, 3,
              upstream_.host() + "/library/alpine:3.21.3",
              upstream_images_["3.21.3"].manifest.digest.str());
}

// What was planned is what is built: the base by its digest, whatever its tag is by then.
TEST_F(LayoutBuildsTest, StandsOnTheDigestOfThePlan) {
  Configure(Build("ocidir://bases", "ocidir://made/alpine"));
  const TestImage base = Image("made by hand");
  ASSERT_TRUE(PushImage(layouts(), At("team/made/alpine"), "3.21.3", base).ok());
  ASSERT_THAT(RunIt({"plan", "--out", "plan.json"}), ExitsWith(0));
  ASSERT_TRUE(PushImage(layouts(), At("team/made/alpine"), "3.21.3", Image("moved")).ok());
  ASSERT_THAT(RunIn("", {"apply", "plan.json"}), ExitsWith(0));
  ExpectWhole(layouts(), At("team/bases/alpine"), kBuilt, 3, "ocidir://made/alpine:3.21.3",
              base.manifest.digest.str());

  const ImglifeRun pending = RunIt({"build", "--list"});
  EXPECT_THAT(pending.out, HasSubstr("~ build   ocidir://bases/alpine:3.21.3-core1.0.0"));
  EXPECT_THAT(pending.out, HasSubstr("base digest changed"));
}

TEST_F(LayoutBuildsTest, ATagThatSomethingElseWroteIsLeftAlone) {
  Configure(kMirrorOfNewest + Build("ocidir://bases", "ocidir://m/alpine"));
  ASSERT_THAT(RunIt({"plan", "--out", "plan.json"}), ExitsWith(0));
  const TestImage foreign = Image("foreign");
  ASSERT_TRUE(PushImage(layouts(), At("team/bases/alpine"), kBuilt, foreign).ok());
  EXPECT_THAT(RunIn("", {"apply", "plan.json"}), ExitsWith(3));
  EXPECT_EQ(LayoutDigest("team/bases/alpine", kBuilt), foreign.manifest.digest.str());
}

TEST_F(LayoutBuildsTest, CleanupKeepsWhatAKeptImageStandsOn) {
  const auto configure = [&](const std::string& mirror_tag, const std::string& kept) {
    std::string build = Build("ocidir://bases", "ocidir://m/alpine");
    build.replace(build.find("3.21.3"), 6, mirror_tag);
    Configure(kMirrorOfNewest + build +
              "retention: {keep_last: 0, max_age_days: 1, exclude_tags: [" + kept + "]}\n");
  };
  configure("3.21.3", "");
  ASSERT_THAT(RunIt({"apply"}), ExitsWith(0));
  ASSERT_TRUE(PushImage(layouts(), At("team/m/alpine"), "3.18.4", Image("old", "2023-10-01")).ok());

  configure("3.24.1", kBuilt);
  ASSERT_THAT(RunIt({"apply", "--auto-approve"}), ExitsWith(0));
  EXPECT_THAT(TagsOf("team/m/alpine"), ElementsAre("3.21.3", "3.24.1"));
  EXPECT_THAT(TagsOf("team/bases/alpine"), ElementsAre(kBuilt, "3.24.1-core1.0.0"));
  ExpectNothingLeft();

  configure("3.24.1", "");
  ASSERT_THAT(RunIt({"apply", "--auto-approve"}), ExitsWith(0));
  EXPECT_THAT(TagsOf("team/bases/alpine"), ElementsAre("3.24.1-core1.0.0"));
  ASSERT_THAT(RunIt({"apply", "--auto-approve"}), ExitsWith(0));
  EXPECT_THAT(TagsOf("team/m/alpine"), ElementsAre("3.24.1"));
}

TEST_F(LayoutBuildsTest, ABuilderThatHasNoLayoutsIsAnErrorOfThePlan) {
  Configure(kMirrorOfNewest + Build("ocidir://bases", "$UPSTREAM/library/alpine", "docker"));
  const ImglifeRun run = RunIt({"plan"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err + run.out,
              HasSubstr("team/imglife.yaml:14:7: build.images[0]: docker can't build on image "
                        "layouts (ocidir://) or write them: use buildx, buildctl or buildah"));
}

TEST_F(LayoutBuildsTest, ContextsForOtherProgramsSayWhyNot) {
  Configure(kMirrorOfNewest + Build("ocidir://bases", "$UPSTREAM/library/alpine"));
  const ImglifeRun run = RunIt({"build", "--output-dir", "contexts"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err, HasSubstr("build ocidir://bases/alpine:3.21.3-core1.0.0: "
                                 "ocidir://bases/alpine is an image layout"));
  EXPECT_FALSE(Exists("contexts/alpine"));
}

}  // namespace
}  // namespace imglife
