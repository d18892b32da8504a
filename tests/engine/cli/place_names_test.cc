// Places with two names are refused before anything is asked of them.
#include "engine/cli/place_names.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/cli/registry_endpoints.h"
#include "schema/config/read_config.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;

// What is wrong with the names; empty if nothing is.
std::string Refusal(const std::string& yaml, const Environment& environment = {},
                    const std::string& directory = "") {
  Findings findings;
  auto config = ReadConfig("imglife.yaml", yaml, environment, findings);
  for (const Finding& finding : findings.Sorted()) {
    ADD_FAILURE() << RenderFinding("imglife.yaml", yaml, finding);
  }
  if (!config) return "not read";
  config->directory = directory;
  const RegistryServers servers = ServersOf(*config, environment);
  absl::Status checked = CheckRegistryNames(*config, servers);
  checked.Update(CheckPlaceConflicts(*config, servers));
  return std::string(checked.message());
}

std::string TwoTargets(const std::string& one, const std::string& other) {
  return "sync:\n  entries:\n    - {source: a.io/x, tag: '1', target: '" + one +
         "/m'}\n    - {source: a.io/x, tag: '1', target: '" + other + "/m'}\n";
}

TEST(RegistryNames, LoopbackIsOneHost) {
  for (const char* other : {"127.0.0.1:5000", "127.0.0.2:5000", "[::1]:5000"}) {
    EXPECT_THAT(Refusal(TwoTargets("localhost:5000", other)), HasSubstr("one registry")) << other;
  }
  EXPECT_EQ(Refusal(TwoTargets("localhost:5000", "localhost:5000")), "");
  EXPECT_EQ(Refusal(TwoTargets("localhost:5000", "127.0.0.1:5001")), "");
  EXPECT_EQ(Refusal(TwoTargets("localhost:5000", "10.0.0.1:5000")), "");
}

TEST(RegistryNames, SayWhatWhereAndWhatToDo) {
  EXPECT_EQ(Refusal(TwoTargets("localhost:5000", "127.0.0.1:5000")),
            "imglife.yaml:4:7: sync.entries[1].target names 127.0.0.1:5000, and imglife.yaml:3:7: "
            "sync.entries[0].target names localhost:5000: they are one registry under two names, "
            "of which each would delete what the other wants; write it in one way");
}

TEST(RegistryNames, ThePortThatIsUnderstoodIsAPort) {
  EXPECT_THAT(Refusal(TwoTargets("r.io", "r.io:443")), HasSubstr("one registry"));
  EXPECT_EQ(Refusal(TwoTargets("r.io", "r.io:80")), "");
}

TEST(RegistryNames, HostsWithOneEndpointAreOneRegistry) {
  const Environment same = {{"IMGLIFE_REGISTRY_ENDPOINT_ONE_IO", "http://cache.io:5000/"},
                            {"IMGLIFE_REGISTRY_ENDPOINT_TWO_IO", "http://CACHE.io:5000"}};
  EXPECT_THAT(Refusal(TwoTargets("one.io", "two.io"), same),
              HasSubstr("(IMGLIFE_REGISTRY_ENDPOINT_ONE_IO, IMGLIFE_REGISTRY_ENDPOINT_TWO_IO)"));
  EXPECT_THAT(Refusal(TwoTargets("one.io", "cache.io:5000"), same), HasSubstr("one registry"));
  const Environment parts = {{"IMGLIFE_REGISTRY_ENDPOINT_ONE_IO", "http://cache.io:5000/one"},
                             {"IMGLIFE_REGISTRY_ENDPOINT_TWO_IO", "http://cache.io:5000/two"}};
  EXPECT_EQ(Refusal(TwoTargets("one.io", "two.io"), parts), "");
}

// http://h.io/v2 is asked for /v2/v2/m, as h.io is for its v2/m.
TEST(RegistryNames, APathOfAServerMayBeARepositoryOfIt) {
  const Environment environment = {{"IMGLIFE_REGISTRY_ENDPOINT_ONE_IO", "https://h.io/v2"},
                                   {"IMGLIFE_REGISTRY_ENDPOINT_TWO_IO", "https://h.io/x"}};
  EXPECT_THAT(Refusal(TwoTargets("one.io", "h.io/v2"), environment), HasSubstr("one registry"));
  EXPECT_EQ(Refusal(TwoTargets("one.io", "h.io"), environment), "");
  EXPECT_EQ(Refusal(TwoTargets("one.io", "two.io"), environment), "");
}

TEST(RegistryNames, AnEndpointMakesTwoOfOneHost) {
  EXPECT_EQ(Refusal(TwoTargets("localhost:5000", "127.0.0.1:5000"),
                    {{"IMGLIFE_REGISTRY_ENDPOINT_LOCALHOST_5000", "http://elsewhere.io"}}),
            "");
}

TEST(RegistryNames, SourcesMayHaveAnyName) {
  EXPECT_EQ(Refusal(R"(
sync:
  entries:
    - {source: localhost:5000/a, tag: '1', target: '127.0.0.1:5000/m'}
    - {source: docker.io/library/alpine, tag: '1', target: '127.0.0.1:5000/n'}
)",
                    {{"IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO", "http://127.0.0.1:5000"}}),
            "");
}

std::string Bases(const std::string& target, const std::string& mirror,
                  const std::string& registry) {
  return "sync:\n  entries: [{source: a.io/x, tag: '1', target: " + target +
         "}]\nbuild:\n  core_version: 1.0.0\n  registry: " + registry +
         "\n  images: [{name: x, folder: x, type: core, mirror_image: " + mirror +
         ", mirror_tag: '1'}]\n";
}

TEST(RegistryNames, ABaseIsWantedWhereItStands) {
  EXPECT_THAT(Refusal(Bases("localhost:5000/m", "127.0.0.1:5000/m", "r.io/b")),
              HasSubstr("build.images[0].mirror_image names 127.0.0.1:5000"));
  EXPECT_THAT(Refusal(Bases("a.io/m", "127.0.0.1:5000/b/y", "localhost:5000/b")),
              HasSubstr("build.registry names localhost:5000"));
  EXPECT_EQ(Refusal(Bases("localhost:5000/m", "127.0.0.1:5000/other", "r.io/b")), "");
}

TEST(RegistryNames, TheArchiveIsWrittenToo) {
  const std::string sync =
      "sync:\n  entries: [{source: a.io/x, tag: '1', target: 'localhost:5000/m'}]\n";
  EXPECT_THAT(Refusal(sync + "retention: {archive: {enabled: true, registry: '127.0.0.1:5000/a'}}"),
              HasSubstr("retention.archive.registry names 127.0.0.1:5000"));
  EXPECT_EQ(Refusal(sync + "retention: {archive: {enabled: true, registry: 'localhost:5000/a'}}"),
            "");
}

TEST(PlaceConflicts, AMirrorOfItselfUnderAnotherName) {
  const std::string sync =
      "sync:\n  entries: [{source: 'localhost:5000/a', tag: '1', target: '127.0.0.1:5000/a'}]\n";
  EXPECT_EQ(Refusal(sync),
            "imglife.yaml:2:13: sync.entries[0].target: the target 127.0.0.1:5000/a is the same "
            "repository as the source localhost:5000/a; mirror to another one "
            "(imglife.yaml:2:13: sync.entries[0].source)");
  EXPECT_EQ(Refusal(sync, {{"IMGLIFE_REGISTRY_ENDPOINT_LOCALHOST_5000", "http://elsewhere.io"}}),
            "");
}

TEST(PlaceConflicts, ADirectoryUnderAnotherName) {
  const std::string absolute = std::filesystem::current_path() / "a";
  EXPECT_THAT(Refusal("sync:\n  entries: [{source: 'ocidir://a', tag: '1', target: 'ocidir://" +
                      absolute + "'}]\n"),
              HasSubstr("same repository"));
}

// `--config /repo/imglife.yaml`, started somewhere else.
TEST(PlaceConflicts, RelativeLayoutsAreWhereTheConfigurationIs) {
  const std::string archive = R"(
sync:
  entries: [{source: a.io/x, tag: '1', target: 'ocidir://m'}]
retention: {archive: {enabled: true, registry: 'ocidir:///repo/m/old'}}
)";
  EXPECT_THAT(Refusal(archive, {}, "/repo"), HasSubstr("lie one within the other"));
  EXPECT_EQ(Refusal(archive, {}, "/elsewhere"), "");
  const std::string mirror =
      "sync:\n  entries: [{source: 'ocidir://a', tag: '1', target: 'ocidir:///repo/a'}]\n";
  EXPECT_THAT(Refusal(mirror, {}, "/repo"), HasSubstr("same repository"));
  EXPECT_EQ(Refusal(mirror, {}, "/elsewhere"), "");
}

TEST(PlaceConflicts, AnArchiveThatIsMirroredUnderAnotherName) {
  EXPECT_THAT(Refusal(R"(
sync:
  entries: [{source: '127.0.0.1:5000/old/m', tag_regex: '^1', target: 'r.io/m'}]
retention: {archive: {enabled: true, registry: 'localhost:5000/old'}}
)"),
              HasSubstr("retention.archive.registry: the archive localhost:5000/old holds the "
                        "source 127.0.0.1:5000/old/m"));
}

TEST(PlaceConflicts, ImagesAreWhereTagFormatPutsThem) {
  const std::string build = R"(
build:
  core_version: 1.0.0
  registry: r.io/b
  tag_format: '{registry}/{folder}:{version}'
  images: [{name: app, folder: old, type: core, mirror_image: a.io/m, mirror_tag: '1'}]
retention: {archive: {enabled: true, registry: r.io/b/)";
  EXPECT_THAT(
      Refusal(build + "old}}\n"),
      HasSubstr("the archive r.io/b/old and the image r.io/b/old lie one within the other"));
  EXPECT_EQ(Refusal(build + "older}}\n"), "");
}

}  // namespace
}  // namespace imglife
