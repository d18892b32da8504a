// The same inputs give the same bytes.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/golden.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using testing::HasSubstr;

constexpr char kManyTags[] = R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^3\.\d+\.\d+$'
      keep_last: 3
      check_digest: true
      target: $PRIVATE/mirrors/alpine
      lifecycle:
        product: alpine
        extract: minor
    - source: $UPSTREAM/library/golang
      tag_regex: '.'
      target: $PRIVATE/mirrors/golang
    - source: $UPSTREAM/library/golang
      tag_regex: '^none$'
      target: $PRIVATE/mirrors/golang
build:
  core_version: "1.0.0"
  registry: $PRIVATE/bases
  backend: buildah
  images:
    - name: alpine
      folder: images/alpine
      type: core
      mirror_image: $PRIVATE/mirrors/alpine
      mirror_tag: "3.21.3"
      args:
        FIRST: "1"
        SECOND: "2"
retention:
  keep_last: 1
  max_age_days: 90
  guard:
    max_deletes: 100
    min_keep: 1
lifecycle:
  eol_data_file: eol-data.yaml
  warn_days: 90
)";

// kManyTags with the keys of every mapping in another order.
constexpr char kShuffled[] = R"(lifecycle:
  warn_days: 90
  eol_data_file: eol-data.yaml
retention:
  guard:
    min_keep: 1
    max_deletes: 100
  max_age_days: 90
  keep_last: 1
build:
  images:
    - mirror_tag: "3.21.3"
      args:
        SECOND: "2"
        FIRST: "1"
      mirror_image: $PRIVATE/mirrors/alpine
      type: core
      name: alpine
      folder: images/alpine
  backend: buildah
  registry: $PRIVATE/bases
  core_version: "1.0.0"
sync:
  entries:
    - lifecycle:
        extract: minor
        product: alpine
      target: $PRIVATE/mirrors/alpine
      check_digest: true
      keep_last: 3
      source: $UPSTREAM/library/alpine
      tag_regex: '^3\.\d+\.\d+$'
    - target: $PRIVATE/mirrors/golang
      source: $UPSTREAM/library/golang
      tag_regex: '.'
    - tag_regex: '^none$'
      target: $PRIVATE/mirrors/golang
      source: $UPSTREAM/library/golang
)";

// Each mapping on a line of its own.
constexpr char kInline[] = R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag_regex: '^3', keep_last: 3, target: $PRIVATE/mirrors/alpine}
    - {source: $UPSTREAM/library/golang, tag_regex: '.', target: $PRIVATE/mirrors/golang}
build: {core_version: "1.0.0", registry: $PRIVATE/bases, images: [
    {name: alpine, folder: images/alpine, type: core, mirror_image: $PRIVATE/mirrors/alpine, args: {A: "1", B: "2"}}]}
retention: {keep_last: 1, max_age_days: 90, guard: {max_deletes: 100, min_keep: 1}}
)";

constexpr char kInlineShuffled[] = R"(sync:
  entries:
    - {target: $PRIVATE/mirrors/alpine, keep_last: 3, tag_regex: '^3', source: $UPSTREAM/library/alpine}
    - {tag_regex: '.', target: $PRIVATE/mirrors/golang, source: $UPSTREAM/library/golang}
build: {registry: $PRIVATE/bases, core_version: "1.0.0", images: [
    {args: {B: "2", A: "1"}, mirror_image: $PRIVATE/mirrors/alpine, type: core, folder: images/alpine, name: alpine}]}
retention: {guard: {min_keep: 1, max_deletes: 100}, max_age_days: 90, keep_last: 1}
)";

struct Renderings {
  std::string text;
  std::string markdown;
  std::string json;
};

class DeterminismTest : public RegistriesTest {
 protected:
  void SetUp() override {
    for (const char* tag : {"3.21.3", "3.22.0", "3.23.5", "3.24.0"}) {
      Push(upstream_, "library/alpine", tag);
    }
    for (const char* tag : {"1.26.6", "1.26.7", "1.26", "latest", "20260801"}) {
      Push(upstream_, "library/golang", tag, Image("golang"));
    }
    // There, moved, and old with and without another name.
    Push(private_, "mirrors/alpine", "3.24.0", Image("library/alpine:3.24.0"));
    Push(private_, "mirrors/alpine", "3.23.5", Image("before it moved"));
    for (const char* tag : {"3.15.0", "3.16.0", "3.17.0", "3.17"}) {
      Push(private_, "mirrors/alpine", tag,
           Image("old " + std::string(tag).substr(0, 4), "2024-01-01"));
    }
    Write("images/alpine/Dockerfile.tmpl", "FROM {{ .BaseImage }}\nARG FIRST\nARG SECOND\n");
    environment_["IMGLIFE_EOL_URL"] = eol_.url();
  }

  Renderings Plan(const char* config, const std::string& parallelism) {
    Configure(config);
    const ImglifeRun text = Run({"plan", "--parallelism", parallelism, "--markdown", "plan.md"});
    EXPECT_THAT(text, ExitsWith(0));
    const ImglifeRun json = Run({"plan", "--parallelism", parallelism, "--json"});
    EXPECT_THAT(json, ExitsWith(0));
    return {.text = text.out, .markdown = ReadTestFile(Path("plan.md")), .json = json.out};
  }

  HttpServer eol_{[](const ServedRequest& request) {
    if (request.path != "/api/v1/products/alpine/") {
      return ServedResponse{.status = 404, .headers = {}, .body = ""};
    }
    return ServedResponse{.status = 200,
                          .headers = {{"Content-Type", "application/json"}},
                          .body = ReadTestFile(IMGLIFE_TESTDATA "/eol/v1/alpine-linux.json")};
  }};
};

TEST_F(DeterminismTest, AnyParallelism) {
  environment_["IMGLIFE_CACHE_DIR"] = "";  // or the first run would answer for the others
  const Renderings one = Plan(kManyTags, "1");
  EXPECT_THAT(one.text, HasSubstr("Plan: 9 to add, 1 to change, 4 to destroy.\n"));
  for (int i = 0; i < 3; ++i) {
    const Renderings many = Plan(kManyTags, "32");
    EXPECT_EQ(many.text, one.text);
    EXPECT_EQ(many.markdown, one.markdown);
    EXPECT_EQ(many.json, one.json);
  }
}

// The line on which a rule stands is a fact about the file, and the plan's digest covers it; all
// other bytes are the same.
std::string WithoutLines(std::string plan) {
  EXPECT_GT(RE2::GlobalReplace(&plan, R"((\n *"line": )\d+)", R"(\1LINE)"), 0);
  EXPECT_EQ(RE2::GlobalReplace(&plan, R"((\n  "digest": ")sha256:[0-9a-f]{64})", R"(\1DIGEST)"), 1);
  return plan;
}

TEST_F(DeterminismTest, AnyOrderOfKeys) {
  const Renderings written = Plan(kManyTags, "32");
  EXPECT_THAT(written.text, HasSubstr("imglife.yaml: sync.entries[2]: no tag of"));
  const Renderings shuffled = Plan(kShuffled, "32");
  EXPECT_EQ(shuffled.text, written.text);
  EXPECT_EQ(shuffled.markdown, written.markdown);
  EXPECT_EQ(WithoutLines(shuffled.json), WithoutLines(written.json));
}

// Where no rule moves to another line, nothing at all differs.
TEST_F(DeterminismTest, AnyOrderOfKeysOnALine) {
  const Renderings written = Plan(kInline, "32");
  EXPECT_THAT(written.json, HasSubstr("\"kind\": \"delete\""));
  const Renderings shuffled = Plan(kInlineShuffled, "32");
  EXPECT_EQ(shuffled.json, written.json);
  EXPECT_EQ(shuffled.text, written.text);
  EXPECT_EQ(shuffled.markdown, written.markdown);
}

TEST_F(DeterminismTest, ASavedPlanIsWhatWasPrinted) {
  Configure(kManyTags);
  const ImglifeRun text = Run({"plan", "--out", "one.json"});
  const ImglifeRun json = Run({"plan", "--json", "--out", "two.json"});
  EXPECT_EQ(ReadTestFile(Path("one.json")), json.out);
  EXPECT_EQ(ReadTestFile(Path("two.json")), json.out);
  EXPECT_EQ(Run({"show", "one.json"}).out, text.out);
  EXPECT_EQ(Run({"show", "one.json", "--json"}).out, json.out);
  EXPECT_THAT(Run({"plan", "--markdown", "plan.md"}), ExitsWith(0));
  EXPECT_THAT(Run({"show", "one.json", "--markdown", "shown.md"}), ExitsWith(0));
  EXPECT_EQ(ReadTestFile(Path("shown.md")), ReadTestFile(Path("plan.md")));
}

}  // namespace
}  // namespace imglife
