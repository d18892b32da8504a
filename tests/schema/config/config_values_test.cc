// What ReadConfig makes of values: defaults, variables, inheritance, the environment.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/config/config.h"
#include "schema/config/read_config.h"
#include "schema/text/diagnostics.h"
#include "tests/support/golden.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::optional<Config> Read(const std::string& content, Environment environment = {},
                           std::string_view file = "imglife.yaml") {
  environment.emplace("CI_REGISTRY", "registry.gitlab.example.com");
  Findings findings;
  std::optional<Config> config = ReadConfig(file, content, environment, findings);
  for (const Finding& finding : findings.Sorted()) {
    ADD_FAILURE() << RenderFinding("imglife.yaml", content, finding);
  }
  return config;
}

std::vector<std::string> Codes(const std::string& content, const Environment& environment = {}) {
  Findings findings;
  EXPECT_FALSE(ReadConfig("imglife.yaml", content, environment, findings).has_value());
  std::vector<std::string> codes;
  for (const Finding& finding : findings.Sorted()) codes.push_back(finding.code);
  return codes;
}

constexpr const char* kEntry = R"(
sync:
  entries:
    - source: alpine
      target: $CI_REGISTRY/mirrors/alpine
      tag_regex: ^3
)";

constexpr const char* kImage = R"(
build:
  core_version: 1.0.0
  registry: $CI_REGISTRY/bases
  images:
    - {name: alpine, folder: images/alpine, type: core, mirror_image: alpine}
)";

// A digest of what the file says, not of how it is written.
TEST(ReadConfig, ADigestOfWhatItSays) {
  const Environment environment = {{"CI_REGISTRY", "registry.example.com"}};
  const auto digest = [&](const std::string& content) {
    Findings findings;
    const auto config = ReadConfig("imglife.yaml", content, environment, findings);
    EXPECT_TRUE(config.has_value()) << content;
    return config ? config->digest.str() : "";
  };
  const std::string first = digest("sync: {entries: [{source: a, target: r.io/a, tag: '1'}]}\n");
  EXPECT_EQ(first.size(), 71U);
  EXPECT_EQ(digest("# A comment.\nsync:\n  entries:\n  - tag: \"1\"\n    source: a\n"
                   "    target: r.io/a\n"),
            first);
  for (const char* other :
       {"sync: {entries: [{source: a, target: r.io/a, tag: '2'}]}",
        "sync: {entries: [{source: b, target: r.io/a, tag: '1'}]}",
        "sync: {entries: [{source: a, target: r.io/a, tag: '1'}]}\nstatus: {}",
        "sync: {entries: [{source: a, target: r.io/a, tag: '1', keep_last: 1}]}"}) {
    EXPECT_NE(digest(other), first) << other;
  }
}

TEST(ReadConfig, UnderstandsTheGuide) {
  const std::string content = ReadTestFile(IMGLIFE_TESTDATA "/config/valid/guide.yaml");
  const std::optional<Config> config = Read(content);
  ASSERT_TRUE(config && config->package_registry && config->sync && config->build);
  EXPECT_EQ(config->package_registry->url, "https://gitlab.example.com");
  EXPECT_EQ(config->package_registry->api_url, "https://gitlab.example.com");
  EXPECT_EQ(config->package_registry->project_id, 42);
  ASSERT_EQ(config->sync->entries.size(), 2u);
  const SyncEntry& alpine = config->sync->entries[0];
  EXPECT_EQ(alpine.source.ToString(), "docker.io/library/alpine");
  EXPECT_EQ(alpine.target.ToString(), "registry.gitlab.example.com/mirrors/alpine");
  EXPECT_EQ(alpine.tag_regex, R"(^3\.\d+\.\d+$)");
  EXPECT_EQ(alpine.keep_last, 3);
  EXPECT_EQ(alpine.rule.path, "sync.entries[0]");
  EXPECT_EQ(alpine.rule.at, (SourcePosition{7, 7}));
  ASSERT_EQ(config->build->images.size(), 2u);
  const BuildImage& golang = config->build->images[1];
  EXPECT_EQ(golang.mirror_tag, "1.22.3-alpine3.21");
  ASSERT_TRUE(golang.lifecycle);
  EXPECT_EQ(golang.lifecycle->product, "go");
  EXPECT_EQ(golang.lifecycle->extract, LifecycleExtract::kMinor);
  EXPECT_EQ(golang.platforms.size(), 2u);
  EXPECT_EQ(golang.folder, "images/golang");
  EXPECT_EQ(config->build->registry.ToString(), "registry.gitlab.example.com/bases");
  EXPECT_EQ(config->build->tag_format, "{{.Version}}-core{{.CoreVersion}}");
  ASSERT_TRUE(config->retention);
  EXPECT_EQ(config->retention->defaults.max_age_days, 90);
  EXPECT_EQ(config->status.client_zone,
            "Pipeline runs daily at 06:00 UTC.\nContact `#platform-images` for questions.\n");
}

TEST(ReadConfig, HasTheDefaultsOfTheSpecification) {
  const std::optional<Config> config = Read(std::string(kEntry) + kImage + "retention: {}\n");
  ASSERT_TRUE(config);
  EXPECT_FALSE(config->package_registry);
  const SyncEntry& entry = config->sync->entries[0];
  EXPECT_FALSE(entry.keep_last);
  EXPECT_EQ(entry.keep_last_per, KeepLastPer::kAll);
  EXPECT_FALSE(entry.os_normalize || entry.check_digest || entry.referrers);
  EXPECT_THAT(entry.platforms, IsEmpty());
  EXPECT_FALSE(entry.lifecycle);
  EXPECT_EQ(config->build->backend, BuildBackend::kAuto);
  const BuildImage& image = config->build->images[0];
  EXPECT_EQ(image.mirror_tag, "");
  EXPECT_EQ(image.tmpl, "Dockerfile.tmpl");
  ASSERT_EQ(image.platforms.size(), 1u);
  EXPECT_EQ(image.platforms[0].ToString(), "linux/amd64");
  const Retention& retention = *config->retention;
  EXPECT_EQ(retention.defaults.keep_last, 5);
  EXPECT_EQ(retention.defaults.max_age_days, 30);
  EXPECT_EQ(retention.defaults.order, RetentionOrder::kAge);
  EXPECT_FALSE(retention.archive.enabled);
  EXPECT_EQ(retention.archive.keep_days, 90);
  EXPECT_EQ(retention.guard.max_delete_percent, 100);
  EXPECT_FALSE(retention.guard.max_deletes);
  EXPECT_EQ(retention.guard.min_keep, 1);
  EXPECT_EQ(config->lifecycle.eol_url, "https://endoflife.date");
  EXPECT_EQ(config->lifecycle.eol_data_file, "eol-data.yaml");
  EXPECT_EQ(config->lifecycle.warn_days, 90);
  EXPECT_EQ(config->lifecycle.critical_days, 30);
  EXPECT_EQ(config->lifecycle.git.remote, "origin");
  EXPECT_EQ(config->notify.threshold, NotifySection::Threshold::kCritical);
}

TEST(ReadConfig, KeepsStringsThatLookLikeOtherTypes) {
  const std::optional<Config> config = Read(R"(
build:
  core_version: 1.10
  registry: $CI_REGISTRY/bases
  images:
    - name: 7
      folder: 007
      type: core
      mirror_image: alpine
      mirror_tag: 3.20
      version: 1e3
      args: {NO: no, HEX: 0x1F, EMPTY: "", D: $$x}
)");
  ASSERT_TRUE(config);
  const BuildImage& image = config->build->images[0];
  EXPECT_EQ(config->build->core_version, "1.10");
  EXPECT_EQ(image.folder, "007");
  EXPECT_EQ(image.mirror_tag, "3.20");
  EXPECT_EQ(image.version, "1e3");
  EXPECT_THAT(image.args, ElementsAre(std::pair<const std::string, std::string>("D", "$x"),
                                      std::pair<const std::string, std::string>("EMPTY", ""),
                                      std::pair<const std::string, std::string>("HEX", "0x1F"),
                                      std::pair<const std::string, std::string>("NO", "no")));
}

TEST(ReadConfig, ReadsDecimalIntegers) {
  EXPECT_EQ(Read("retention: {keep_last: 010}")->retention->defaults.keep_last, 10);
  EXPECT_EQ(Read("retention: {keep_last: 1000000}")->retention->defaults.keep_last, 1000000);
  EXPECT_THAT(Codes("retention: {keep_last: 1000001}"), ElementsAre("out-of-range"));
  for (const char* text : {"0x10", "0o7", "1_000", "1.0", "1e3", "", "--1", "\"5\"", "[1]"}) {
    EXPECT_THAT(Codes(std::string("retention: {keep_last: ") + text + "}"),
                ElementsAre("wrong-type"))
        << text;
  }
}

TEST(ReadConfig, InheritsPlatformsAndSbomInAnyOrderOfKeys) {
  const std::optional<Config> config = Read(R"(
sync:
  entries:
    - {source: alpine, target: $CI_REGISTRY/a, tag: "3"}
    - {source: alpine, target: $CI_REGISTRY/b, tag: "3", platforms: [linux/s390x]}
  platforms: [linux/arm64]
build:
  images:
    - {name: a, folder: a, type: spe, mirror_image: alpine}
    - {name: b, folder: b, type: spe-dev, mirror_image: alpine, sbom: false, platforms: [linux/386]}
  sbom: true
  platforms: [linux/amd64, linux/arm64]
  core_version: 1
  registry: localhost:5000
)");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->sync->entries[0].platforms[0].ToString(), "linux/arm64");
  EXPECT_EQ(config->sync->entries[1].platforms[0].ToString(), "linux/s390x");
  EXPECT_EQ(config->build->images[0].platforms.size(), 2u);
  EXPECT_TRUE(config->build->images[0].sbom);
  EXPECT_EQ(config->build->images[1].platforms.size(), 1u);
  EXPECT_FALSE(config->build->images[1].sbom);
  EXPECT_EQ(config->build->registry.host, "localhost:5000");
  EXPECT_EQ(config->build->registry.path, "");
}

TEST(ReadConfig, TakesPrefixesForWhatTheyAre) {
  const auto registry = [](const std::string& text) {
    return Read("build: {core_version: 1, registry: " + text + "}")->build->registry;
  };
  EXPECT_EQ(registry("docker.io/myorg").path, "myorg");
  EXPECT_EQ(registry("myorg").host, "docker.io");
  EXPECT_EQ(registry("registry.example.com").path, "");
  EXPECT_EQ(registry("ocidir://out").path, "out");
}

TEST(ReadConfig, InheritsTheLifecycleOfTheMirror) {
  const std::optional<Config> config = Read(R"(
build:
  core_version: 1
  registry: $CI_REGISTRY/bases
  images:
    - {name: a, folder: a, type: core, mirror_image: $CI_REGISTRY/m}
    - {name: b, folder: a, type: core, mirror_image: $CI_REGISTRY/m, lifecycle: {product: own}}
    - {name: c, folder: a, type: core, mirror_image: $CI_REGISTRY/other}
sync:
  entries:
    - {source: alpine, target: $CI_REGISTRY/m, tag: a}
    - {source: alpine, target: $CI_REGISTRY/m, tag: b, lifecycle: {product: mirror, track: 'regex:(.)'}}
)");
  ASSERT_TRUE(config);
  const std::vector<BuildImage>& images = config->build->images;
  EXPECT_EQ(images[0].lifecycle->product, "mirror");
  EXPECT_EQ(images[0].lifecycle->extract, LifecycleExtract::kRegex);
  EXPECT_EQ(images[0].lifecycle->regex, "(.)");
  EXPECT_EQ(images[1].lifecycle->product, "own");
  EXPECT_FALSE(images[2].lifecycle);
}

TEST(ReadConfig, TakesNamesOfProductsThatCanBeAskedFor) {
  const auto with_product = [](const std::string& product) {
    return "sync: {entries: [{source: a, target: r.io/a, tag: \"1\", lifecycle: {product: \"" +
           product + "\"}}]}";
  };
  for (const std::string& product : {std::string("c++"), std::string(128, 'a')}) {
    EXPECT_TRUE(Read(with_product(product))) << product;
  }
  for (const std::string& product : {std::string(".go"), std::string(129, 'a')}) {
    EXPECT_THAT(Codes(with_product(product)), ElementsAre("bad-value")) << product;
  }
}

TEST(ReadConfig, LeavesVariablesAloneWhereTheyMeanSomethingElse) {
  const std::optional<Config> config = Read(R"(
sync:
  hooks: {post_sync: [{cmd: echo $A $$B, timeout: 90s}]}
  entries:
    - source: alpine
      target: $CI_REGISTRY/m
      tag_regex: ^v$A
      exclude: [$B$]
      lifecycle: {product: a, extract: 'regex:(a)$C'}
retention:
  exclude_tags: [/x$D/]
  repositories: [{match: /m$E}]
status: {client_zone: costs $F}
)");
  ASSERT_TRUE(config);
  const SyncEntry& entry = config->sync->entries[0];
  EXPECT_EQ(config->sync->post_sync[0].cmd, "echo $A $$B");
  EXPECT_EQ(config->sync->post_sync[0].timeout, absl::Seconds(90));
  EXPECT_EQ(config->sync->post_sync[0].rule.path, "sync.hooks.post_sync[0]");
  EXPECT_EQ(entry.tag_regex, "^v$A");
  EXPECT_THAT(entry.exclude, ElementsAre("$B$"));
  EXPECT_EQ(entry.lifecycle->regex, "(a)$C");
  EXPECT_THAT(config->retention->defaults.exclude_tag_regexes, ElementsAre("x$D"));
  EXPECT_EQ(config->retention->repositories[0].match, "/m$E");
  EXPECT_EQ(config->status.client_zone, "costs $F");
}

TEST(ReadConfig, TakesAVariableForDataNotForYaml) {
  const std::optional<Config> config =
      Read("status: {title: $TITLE}\nregistry: {provider: $P, project_id: 3}",
           {{"TITLE", "a: [b]\n*c"}, {"P", "file"}});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->status.title, "a: [b]\n*c");
  EXPECT_EQ(config->package_registry->provider, PackageRegistry::Provider::kFile);
}

TEST(ReadConfig, LetsTheEnvironmentWin) {
  const std::optional<Config> config =
      Read(std::string(kImage) + "lifecycle: {warn_days: 1, eol_url: https://a.example.com}\n",
           {{"IMGLIFE_EOL_URL", "http://127.0.0.1:9"},
            {"IMGLIFE_ALERT_WARN_DAYS", "120"},
            {"IMGLIFE_ALERT_CRITICAL_DAYS", "60"},
            {"IMGLIFE_BUILD_BACKEND", "buildctl"},
            {"IMGLIFE_BUILDER", "b2"}});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->lifecycle.eol_url, "http://127.0.0.1:9");
  EXPECT_EQ(config->lifecycle.warn_days, 120);
  EXPECT_EQ(config->lifecycle.critical_days, 60);
  EXPECT_EQ(config->build->backend, BuildBackend::kBuildctl);
  EXPECT_EQ(config->build->builder, "b2");
  EXPECT_EQ(Read(kImage, {{"IMGLIFE_BUILDER", ""}})->build->backend, BuildBackend::kDocker);
  const auto message = [](const std::string& name, const std::string& value) {
    Findings findings;
    ReadConfig("imglife.yaml", kImage, {{name, value}}, findings);
    return findings.Sorted().empty() ? "" : findings.Sorted().front().message;
  };
  EXPECT_EQ(message("IMGLIFE_ALERT_WARN_DAYS", "soon"),
            "expected a number of days from 0 to 36500, found `soon`");
  EXPECT_THAT(message("IMGLIFE_BUILD_BACKEND", "dokcer"), testing::EndsWith(", found `dokcer`"));
  EXPECT_THAT(message("IMGLIFE_EOL_URL", "ftp://x"), testing::EndsWith(", found `ftp://x`"));
  EXPECT_THAT(message("IMGLIFE_EOL_URL", "https://u:s3cret@host"),
              testing::Not(testing::HasSubstr("s3cret")));
  EXPECT_THAT(
      message("IMGLIFE_EOL_URL", "https://mirror.local/eol?key=s3cret"),
      testing::EndsWith("without query and fragment, found `https://mirror.local/eol?***`"));
  EXPECT_EQ(Codes("x-a: 1", {{"IMGLIFE_ALERT_WARN_DAYS", "soon"}, {"IMGLIFE_EOL_URL", "x"}}).size(),
            2u);
}

// Paths are put behind all other URLs.
TEST(ReadConfig, TakesAQueryForAWebhookOnly) {
  const std::optional<Config> config =
      Read("notify: {webhooks: [{url: \"https://hooks.local/eol?to=a@b\"}]}");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->notify.webhooks[0].url, "https://hooks.local/eol?to=a@b");
  const Environment environment = {{"WITH_QUERY", "https://mirror.local/eol?key=s3cret"}};
  Findings findings;
  ReadConfig("imglife.yaml", "lifecycle: {eol_url: $WITH_QUERY}", environment, findings);
  ASSERT_EQ(findings.Sorted().size(), 1u);
  EXPECT_THAT(findings.Sorted().front().message,
              testing::EndsWith("as paths are put behind it, found `$WITH_QUERY`"));
}

TEST(ReadConfig, JoinsPathsWithTheDirectoryOfTheFile) {
  const std::string content = std::string(kImage) + R"(
registry: {provider: file, path: records}
lifecycle: {eol_data_file: /abs/eol.yaml}
status: {output: README.md}
sync: {entries: [{source: "ocidir://in", target: "ocidir:///out", tag: a}]}
)";
  const std::optional<Config> config = Read(content, {}, "/etc/imglife/imglife.yaml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->directory, "/etc/imglife");
  EXPECT_EQ(config->build->images[0].folder, "/etc/imglife/images/alpine");
  EXPECT_EQ(config->build->images[0].folder_as_written, "images/alpine");
  EXPECT_EQ(config->package_registry->path, "/etc/imglife/records");
  EXPECT_EQ(config->lifecycle.eol_data_file, "/abs/eol.yaml");
  EXPECT_EQ(config->status.output, "/etc/imglife/README.md");
  EXPECT_EQ(config->status.output_as_written, "README.md");
  EXPECT_EQ(config->sync->entries[0].source.path, "in") << "the registry knows where it is";
  EXPECT_EQ(config->sync->entries[0].target.path, "/out");
  EXPECT_EQ(Read(content, {}, "./imglife.yaml")->status.output, "README.md");
  EXPECT_EQ(Read("x-a: 1", {}, "/imglife.yaml")->lifecycle.eol_data_file, "/eol-data.yaml");
}

TEST(ReadConfig, KnowsInsecureRegistries) {
  const std::optional<Config> config = Read(R"(
registry:
  provider: gitea
  url: http://Gitea.local:3000/sub
  owner: o
  insecure_registries: [Registry.local:5000, gitea.local:3000]
)");
  ASSERT_TRUE(config);
  EXPECT_THAT(config->insecure_registries, ElementsAre("registry.local:5000", "gitea.local:3000"));
  const std::optional<Config> alone = Read("registry: {insecure_registries: [a.local]}");
  EXPECT_FALSE(alone->package_registry);
  EXPECT_THAT(alone->insecure_registries, ElementsAre("a.local"));
}

// `gitea/app` is a repository of docker.io, which must not lose its TLS for it.
TEST(ReadConfig, AUrlWhoseHostNoReferenceNamesMakesNothingInsecure) {
  for (const char* url :
       {"http://gitea", "http://gitea/", "http://Gitea/sub", "http://a_b.local"}) {
    const std::optional<Config> config =
        Read(std::string("registry: {provider: gitea, owner: o, url: \"") + url + "\"}");
    ASSERT_TRUE(config) << url;
    EXPECT_THAT(config->insecure_registries, IsEmpty()) << url;
  }
  const std::optional<Config> local =
      Read("registry: {provider: gitea, owner: o, url: http://localhost}");
  ASSERT_TRUE(local);
  EXPECT_THAT(local->insecure_registries, ElementsAre("localhost"));
}

TEST(ReadConfig, AppliesTheFirstOverrideThatMatches) {
  const std::optional<Config> config = Read(R"(
retention:
  repositories:
    - {match: /mirrors/, keep_last: 9, exclude_tags: []}
    - {match: alpine$, max_age_days: 7, order: version}
  keep_last: 2
  exclude_tags: [latest, /^stable-/]
)");
  ASSERT_TRUE(config);
  const Retention& retention = *config->retention;
  const auto rule = [&](const std::string& path) {
    return RetentionFor(retention, {Repository::Kind::kDistribution, "r.example.com", path});
  };
  EXPECT_EQ(rule("mirrors/alpine").keep_last, 9);
  EXPECT_EQ(rule("mirrors/alpine").max_age_days, 30);
  EXPECT_THAT(rule("mirrors/alpine").exclude_tags, ElementsAre("latest"));
  EXPECT_EQ(rule("mirrors/alpine").rule.path, "retention.repositories[0]");
  EXPECT_EQ(rule("bases/alpine").keep_last, 2);
  EXPECT_EQ(rule("bases/alpine").max_age_days, 7);
  EXPECT_EQ(rule("bases/alpine").order, RetentionOrder::kVersion);
  EXPECT_THAT(rule("bases/alpine").exclude_tags, ElementsAre("latest"));
  EXPECT_THAT(rule("bases/alpine").exclude_tag_regexes, ElementsAre("^stable-"));
  EXPECT_EQ(rule("bases/golang").rule.path, "retention");
}

TEST(ReadConfig, AcceptsFormatsOfTags) {
  const auto format = [](const std::string& text) {
    return Read("build: {core_version: 1, registry: a/b, tag_format: '" + text + "'}")
        ->build->tag_format;
  };
  for (const char* text :
       {"{{.Version}}", "{version}-core{core_version}", "{registry}/{folder}/{name}:{mirror-tag}",
        "latest", "{build_name}-{name}"}) {
    EXPECT_EQ(format(text), text);
  }
}

TEST(ReadConfig, CountsWhatItLeavesOut) {
  std::string content;
  for (int i = 0; i < 70; ++i) content += "key" + std::to_string(i) + ": 1\n";
  Findings findings;
  EXPECT_FALSE(ReadConfig("imglife.yaml", content, {}, findings));
  EXPECT_EQ(findings.Sorted().size(), 50u);
  EXPECT_EQ(findings.Omitted(), 20u);
}

TEST(ReadConfig, SurvivesEveryTruncationOfAWholeFile) {
  const std::string whole = ReadTestFile(IMGLIFE_TESTDATA "/config/valid/everything.yaml");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string_view content = std::string_view(whole).substr(0, size);
    Findings findings;
    const std::optional<Config> config = ReadConfig("imglife.yaml", content, {}, findings);
    EXPECT_NE(config.has_value(), findings.HasErrors()) << size;
    for (const Finding& finding : findings.Sorted()) {
      EXPECT_NE(RenderFinding("imglife.yaml", content, finding), "");
    }
  }
}

}  // namespace
}  // namespace imglife
