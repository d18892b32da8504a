// `build --output-dir`, and the images that others build from what it writes.
#include <filesystem>
#include <string>

#include "nlohmann/json.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/commands_fixture.h"
#include "tests/support/golden.h"

namespace imglife {
namespace {

using Json = nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class BuildContextsTest : public CommandsTest {};

TEST_F(BuildContextsTest, AreWritten) {
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  const ImglifeRun run = Run({"build", "--output-dir", "contexts"});
  EXPECT_THAT(run, ExitsWith(0));
  const std::string base = DigestOf(private_, "mirrors/alpine", "3.21.3");
  EXPECT_THAT(ReadTestFile(Path("contexts/alpine/Dockerfile")),
              StartsWith("FROM " + mirror() + ":3.21.3@" + base + "\n"));
  EXPECT_EQ(ReadTestFile(Path("contexts/alpine/etc/motd")), "hello\n");
  EXPECT_FALSE(std::filesystem::exists(Path("contexts/alpine/secret"))) << ".dockerignore";
  const Json build = Json::parse(ReadTestFile(Path("contexts/alpine/build.json")));
  EXPECT_EQ(build["tag"], bases() + ":3.21.3-core1.0.0");
  EXPECT_EQ(build["platforms"], (Json{"linux/amd64"}));
  EXPECT_EQ(build["args"], (Json{{"MIRROR", "eu-1"}}));
  EXPECT_EQ(build["base"], (Json{{"name", mirror() + ":3.21.3"}, {"digest", base}}));
  EXPECT_EQ(build["labels"]["io.imglife.inputs"], build["inputs"]);
  EXPECT_EQ(build["labels"]["org.opencontainers.image.base.digest"], base);
  EXPECT_THAT(Tags(private_, "bases/alpine"), IsEmpty()) << "it was built";
}

// What imglife didn't write isn't its to replace: in "images" the image's own folder has that name.
TEST_F(BuildContextsTest, ReplaceOnlyBuildContexts) {
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  Write("out/alpine/notes.txt", "mine");
  const ImglifeRun foreign = Run({"build", "--output-dir", "out"});
  EXPECT_THAT(foreign, ExitsWith(1));
  EXPECT_THAT(foreign.err, HasSubstr("out/alpine is there already"));
  EXPECT_EQ(ReadTestFile(Path("out/alpine/notes.txt")), "mine");
  const std::string tmpl = ReadTestFile(Path("images/alpine/Dockerfile.tmpl"));
  const ImglifeRun own = Run({"build", "--output-dir", "images"});
  EXPECT_THAT(own, ExitsWith(64));
  EXPECT_THAT(own.err, StartsWith("error: --output-dir images would replace images/alpine, which "
                                  "holds the template of imglife.yaml:13:7: build.images[0]"));
  EXPECT_EQ(ReadTestFile(Path("images/alpine/Dockerfile.tmpl")), tmpl);
  EXPECT_THAT(Run({"build", "--output-dir", "contexts"}), ExitsWith(0));
  EXPECT_THAT(Run({"build", "--output-dir", "contexts"}), ExitsWith(0)) << "again";
}

// The guide's "Option C", with buildah in the place of kaniko: nobody passes labels.
constexpr char kBuildAll[] = R"(
buildah() {
  command buildah --storage-driver vfs --root "$PWD/storage" --runroot "$PWD/run" "$@"
}
imglife build --output-dir contexts
for dir in contexts/*/; do
  [ -f "$dir/build.json" ] || continue
  tag=$(jq -r .tag "$dir/build.json")
  buildah build --isolation chroot --tls-verify=false --tag "$tag" "$dir"
  buildah push --tls-verify=false "$tag"
  buildah inspect --type image "$tag" | jq .OCIv1.config.Labels >labels.json
done
)";

TEST_F(BuildContextsTest, MakeImagesThatImglifeKeepsUpToDate) {
  std::string config = kConfig;
  config.replace(config.find("\"1.0.0\""), 7, R"('1.0 "of us" $${HOME} \ $$1 #2 it''s')");
  config.insert(config.find("  backend:"), "  tag_format: '{{.MirrorTag}}-core'\n");
  Configure(config);
  Write("images/alpine/etc/a;b $HOME", "hello\n");
  Write("images/alpine/Dockerfile.tmpl",
        "FROM {{ .BaseImage }} AS base\nFROM base\nLABEL io.imglife.type=none\nCOPY etc /etc \\\n");
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  ASSERT_THAT(RunScript(directory_.path(), kBuildAll, environment_), ExitsWith(0));
  const Json build = Json::parse(ReadTestFile(Path("contexts/alpine/build.json")));
  const Json labels = Json::parse(ReadTestFile(Path("labels.json")));
  for (const auto& [name, value] : build["labels"].items()) {
    EXPECT_EQ(labels.value(name, ""), value) << name;
  }
  EXPECT_EQ(labels["io.imglife.core-version"], R"(1.0 "of us" ${HOME} \ $1 #2 it's)");

  const ImglifeRun plan = Run({"plan", "--detailed-exitcode", "--only", "build"});
  EXPECT_THAT(plan, ExitsWith(0));
  EXPECT_THAT(plan.out, EndsWith("Plan: 0 to add, 0 to change, 0 to destroy.\n"));
  const ImglifeRun nothing = Run({"build", "--output-dir", "nothing"});
  EXPECT_THAT(nothing, ExitsWith(0));
  EXPECT_EQ(nothing.out, "0 build contexts written to nothing, 1 up to date, 0 failed.\n");
  EXPECT_TRUE(std::filesystem::is_empty(Path("nothing"))) << "or it isn't there";
  Write("images/alpine/etc/a;b $HOME", "bye\n");
  const ImglifeRun file = Run({"plan", "--detailed-exitcode", "--only", "build"});
  EXPECT_THAT(file, ExitsWith(2));
  EXPECT_THAT(file.out, HasSubstr("~ build   " + bases() + ":3.21.3-core"));
  EXPECT_THAT(file.out, HasSubstr("file etc/a%3Bb $HOME changed"));
  Write("images/alpine/Dockerfile.tmpl", "FROM {{ .BaseImage }}\nCOPY etc /etc\nUSER app\n");
  ASSERT_THAT(RunScript(directory_.path(), kBuildAll, environment_), ExitsWith(0));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode", "--only", "build"}), ExitsWith(0));
}

TEST_F(BuildContextsTest, AreNotWrittenWithLabelsThatNoDockerfileCanHold) {
  std::string config = kConfig;
  config.insert(config.find("      args:"), "      version: \"3.21.3\\n\"\n");
  config.insert(config.find("  backend:"), "  tag_format: '{{.MirrorTag}}-core'\n");
  Configure(config);
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"build", "--output-dir", "contexts"},
        {"build", "--output-dir", "contexts", "--dry-run"}}) {
    const ImglifeRun run = Run(command);
    EXPECT_THAT(run, ExitsWith(1));
    EXPECT_THAT(run.err, HasSubstr("label org.opencontainers.image.version has a line break"));
    EXPECT_FALSE(std::filesystem::exists(Path("contexts/alpine")));
  }
}

}  // namespace
}  // namespace imglife
