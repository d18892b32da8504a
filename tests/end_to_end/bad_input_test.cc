// What people get wrong, and what registries do: each has its message and its exit code.
#include <filesystem>
#include <sstream>

#include "nlohmann/json.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kMirrorConfig[] = R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^3'
      target: $PRIVATE/mirrors/alpine
)";

ServedResponse JsonAnswer(const std::string& body) {
  return {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = body};
}

ServedResponse AsResponse(const ManifestBytes& manifest) {
  return {.status = 200,
          .headers = {{"Content-Type", manifest.media_type},
                      {"Docker-Content-Digest", manifest.digest.str()}},
          .body = manifest.content};
}

// What came from a server neither moves the cursor nor begins a line of its own.
void ExpectNoMarkup(const ImglifeRun& run) {
  for (const std::string& text : {run.out, run.err}) {
    EXPECT_THAT(text, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\r")),
                            Not(HasSubstr("\nPlan: 9 to add"))));
  }
}

class BadInputTest : public RegistriesTest {
 protected:
  // Nothing was asked of any registry.
  void ExpectNoRequests() {
    EXPECT_THAT(NewRequests(upstream_), IsEmpty());
    EXPECT_THAT(NewRequests(private_), IsEmpty());
  }
};

TEST_F(BadInputTest, UnknownKey) {
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regexp: '^3'
      target: $PRIVATE/mirrors/alpine
)");
  const ImglifeRun run = Run({"plan"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err, HasSubstr("imglife.yaml:4:7: error: sync.entries[0].tag_regexp: unknown key "
                                 "`tag_regexp`, did you mean `tag_regex`?\n"
                                 "      tag_regexp: '^3'\n"
                                 "      ^\n"));
  EXPECT_THAT(run.out, IsEmpty());
  ExpectNoRequests();
}

TEST_F(BadInputTest, BadRegex) {
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^(3'
      target: $PRIVATE/mirrors/alpine
)");
  const ImglifeRun run = Run({"plan"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err, HasSubstr("imglife.yaml:4:19: error: sync.entries[0].tag_regex: not a valid "
                                 "RE2 regular expression: missing ): ^(3"));
  ExpectNoRequests();
}

TEST_F(BadInputTest, UnsetVariable) {
  environment_.erase("PRIVATE");
  Configure(kMirrorConfig);
  const ImglifeRun run = Run({"apply"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err,
              HasSubstr("imglife.yaml:5:15: error: sync.entries[0].target: the environment "
                        "variable PRIVATE is not set: set it, or write ${PRIVATE:-default}\n"));
  ExpectNoRequests();
}

TEST_F(BadInputTest, EmptyVariable) {
  environment_["PRIVATE"] = "";
  Configure(kMirrorConfig);
  const ImglifeRun run = Run({"validate"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err, AllOf(HasSubstr("imglife.yaml:5:15: error: sync.entries[0].target: "),
                             HasSubstr("is no image reference: "),
                             HasSubstr("; PRIVATE is set, and empty\n")));
}

TEST_F(BadInputTest, AllFindingsComeInOneRun) {
  environment_.erase("PRIVATE");
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^(3'
      keep_last: 0
      target: $PRIVATE/mirrors/alpine
)");
  const ImglifeRun run = Run({"--check"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err, AllOf(HasSubstr("imglife.yaml:4:"), HasSubstr("imglife.yaml:5:"),
                             HasSubstr("imglife.yaml:6:")));
}

TEST_F(BadInputTest, FiftyFindingsAreShown) {
  std::string yaml = "sync:\n  entries:\n";
  for (int i = 0; i < 65; ++i) yaml += "    - foo\n";
  Configure(yaml);
  EXPECT_THAT(Run({"plan"}).err, EndsWith("error: imglife.yaml: 15 more findings are not shown: "
                                          "mend these first\n"));
}

// One object for each error, and nothing else.
TEST_F(BadInputTest, ErrorsAsJson) {
  using Object = nlohmann::json;
  Configure("sync:\n  entries:\n    - foo\n    - {tag: x, sorce: y}\nnothing: {}\n");
  const std::vector<std::pair<std::vector<std::string>, std::size_t>> cases = {
      {{"validate", "--log-format", "json"}, 5},
      {{"--log-format=json", "plan"}, 5},
      {{"plan", "--frobnicate", "--log-format", "json"}, 1},
      {{"--log-format=json"}, 1},
      {{"plan", "--config", "nowhere.yaml", "--log-format", "json"}, 1}};
  for (const auto& [arguments, errors] : cases) {
    const ImglifeRun run = Run(arguments);
    EXPECT_NE(run.exit_code, 0);
    std::istringstream lines(run.err);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
      ASSERT_TRUE(Object::accept(line)) << line;
      EXPECT_EQ(Object::parse(line)["level"], "error");
      EXPECT_FALSE(Object::parse(line)["message"].get<std::string>().empty());
    }
    EXPECT_EQ(count, errors) << run.err;
  }
  environment_["IMGLIFE_LOG_FORMAT"] = "json";
  EXPECT_TRUE(Object::accept(Run({"destroy"}).err));
  const std::string first = Run({"plan"}).err.substr(0, Run({"plan"}).err.find('\n'));
  const Object finding = Object::parse(first);
  EXPECT_EQ(finding["file"], "imglife.yaml");
  EXPECT_EQ(finding["line"], 3);
  EXPECT_EQ(finding["path"], "sync.entries[0]");
}

TEST_F(BadInputTest, NoConfiguration) {
  const ImglifeRun run = Run({"plan"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err, HasSubstr("there is no imglife.yaml; name the configuration with --config "
                                 "or IMGLIFE_CONFIG"));
}

TEST_F(BadInputTest, MissingTemplate) {
  Push(private_, "mirrors/alpine", "3.21.3");
  Configure(R"(build:
  core_version: "1.0.0"
  registry: $PRIVATE/bases
  images:
    - name: alpine
      folder: images/alpine
      type: core
      mirror_image: $PRIVATE/mirrors/alpine
      mirror_tag: "3.21.3"
)");
  NewRequests(private_);
  const ImglifeRun checked = Run({"validate"});
  EXPECT_THAT(checked, ExitsWith(1));
  EXPECT_THAT(checked.err,
              AllOf(HasSubstr("imglife.yaml:5:7: error: build.images[0]: "),
                    HasSubstr("images/alpine/Dockerfile.tmpl"), Not(HasSubstr("is valid"))));
  const ImglifeRun json = Run({"validate", "--json"});
  EXPECT_THAT(json, ExitsWith(1));
  EXPECT_THAT(json.out, HasSubstr("\"code\": \"bad-template\""));
  EXPECT_THAT(NewRequests(private_), IsEmpty());
  const ImglifeRun run = Run({"plan", "--out", "plan.json"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.out, AllOf(HasSubstr("images/alpine/Dockerfile.tmpl"),
                             HasSubstr("imglife.yaml:5:7: build.images[0]")));
  EXPECT_FALSE(ReadFile(Path("plan.json")).ok()) << "a plan that isn't complete was written";
  EXPECT_THAT(Run({"apply"}), ExitsWith(1));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
}

TEST_F(BadInputTest, UnreachableRegistry) {
  // Nobody listens on port 1.
  environment_["UPSTREAM"] = "127.0.0.1:1";
  Configure(kMirrorConfig);
  const ImglifeRun run = Run({"plan", "--out", "plan.json"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.out, HasSubstr("127.0.0.1:1 can't be reached: it refuses connections"));
  EXPECT_THAT(run.err, HasSubstr("the plan is not complete (1 error above) and was not written"));
  EXPECT_FALSE(ReadFile(Path("plan.json")).ok());
}

TEST_F(BadInputTest, WrongCredentials) {
  const DockerRegistry locked({.deletes = true, .password = true});
  environment_["UPSTREAM"] = locked.host();
  std::string variable = "IMGLIFE_" + locked.host();
  for (char& c : variable) {
    if (c == '.' || c == ':') c = '_';
  }
  environment_[variable + "_USERNAME"] = DockerRegistry::kUsername;
  environment_[variable + "_PASSWORD"] = "wrong-sesame";
  Configure(kMirrorConfig);
  const ImglifeRun refused = Run({"plan"});
  EXPECT_THAT(refused, ExitsWith(1));
  EXPECT_THAT(refused.out, HasSubstr(locked.host() + " refused the credentials from " + variable +
                                     "_USERNAME with 401"));
  EXPECT_THAT(refused.out + refused.err, Not(HasSubstr("wrong-sesame")));

  environment_[variable + "_PASSWORD"] = DockerRegistry::kPassword;
  const ImglifeRun accepted = Run({"plan"});
  EXPECT_THAT(accepted.out, HasSubstr("there is no repository " + locked.host() +
                                      "/library/alpine; check `source`"));
}

TEST_F(BadInputTest, PlansThatCannotBeUsed) {
  Push(upstream_, "library/alpine", "3.24.0");
  Configure(kMirrorConfig);
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  const std::string whole = *ReadFile(Path("plan.json"));

  Write("half.json", whole.substr(0, whole.size() / 2));
  for (const char* command : {"apply", "show"}) {
    const ImglifeRun run = Run({command, "half.json"});
    EXPECT_THAT(run, ExitsWith(4)) << command;
    EXPECT_THAT(run.err, HasSubstr("half.json: ")) << command;
    EXPECT_THAT(run.err, AllOf(HasSubstr("truncated"), Not(HasSubstr("parse_error")))) << command;
  }

  std::string later = whole;
  const std::string version = "\"format_version\": \"1.0\"";
  ASSERT_NE(later.find(version), std::string::npos);
  later.replace(later.find(version), version.size(), "\"format_version\": \"2.0\"");
  Write("later.json", later);
  const ImglifeRun newer = Run({"apply", "later.json"});
  EXPECT_THAT(newer, ExitsWith(4));
  EXPECT_THAT(newer.err, HasSubstr("2.0"));

  const ImglifeRun missing = Run({"apply", "nowhere.json"});
  EXPECT_THAT(missing, ExitsWith(4));
  EXPECT_THAT(missing.err, HasSubstr("nowhere.json"));

  environment_["IMGLIFE_NOW"] = "2026-08-21T06:00:01Z";
  const ImglifeRun expired = Run({"apply", "plan.json"});
  EXPECT_THAT(expired, ExitsWith(4));
  EXPECT_THAT(expired.err, HasSubstr("expired"));
  environment_["IMGLIFE_NOW"] = "2026-08-20T06:00:00Z";

  Configure(std::string(kMirrorConfig) + "      keep_last: 1\n");
  const ImglifeRun other = Run({"apply", "plan.json"});
  EXPECT_THAT(other, ExitsWith(4));
  EXPECT_THAT(other.err, HasSubstr("configuration"));

  EXPECT_THAT(Tags(private_, "mirrors/alpine"), IsEmpty());
}

TEST_F(BadInputTest, TagWithControlCharacters) {
  const TestImage image = Image("alpine");
  const HttpServer hostile([&image](const ServedRequest& request) {
    const std::string manifests = "/v2/library/alpine/manifests/";
    if (request.path == "/v2/library/alpine/tags/list") {
      return JsonAnswer(R"({"tags":["3.1\u001b[31m\r\nPlan: 9 to add","3.2","3.3<b>|`"]})");
    }
    if (request.path == manifests + "3.2") return AsResponse(image.manifest);
    for (const ManifestBytes& child : image.children) {
      if (request.path == manifests + child.digest.str()) return AsResponse(child);
    }
    return ServedResponse{.status = 404, .headers = {}, .body = ""};
  });
  environment_["UPSTREAM"] = hostile.host();
  Configure(kMirrorConfig);
  const ImglifeRun run = Run({"plan", "--markdown", "plan.md", "--out", "plan.json"});
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out, HasSubstr("library/alpine: 2 names are no valid tags and are skipped"));
  EXPECT_THAT(run.out, HasSubstr("Plan: 1 to add, 0 to change, 0 to destroy.\n"));
  ExpectNoMarkup(run);
  for (const char* file : {"plan.md", "plan.json"}) {
    const std::string text = *ReadFile(Path(file));
    EXPECT_THAT(text, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("9 to add")))) << file;
  }
}

TEST_F(BadInputTest, ErrorWithControlCharacters) {
  const HttpServer hostile([](const ServedRequest&) {
    ServedResponse refused = JsonAnswer(
        R"({"errors":[{"code":"DENIED","message":"no\u001b[2J\r\nPlan: 9 to add <b>"}]})");
    refused.status = 403;
    return refused;
  });
  environment_["UPSTREAM"] = hostile.host();
  Configure(kMirrorConfig);
  const ImglifeRun run = Run({"plan", "--markdown", "plan.md"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.out, HasSubstr(hostile.host()));
  ExpectNoMarkup(run);
  const std::string markdown = *ReadFile(Path("plan.md"));
  EXPECT_THAT(markdown, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("<b>"))));
}

// As two repositories, each would delete what the other wants: what 127.0.0.1 is asked to lose is
// what localhost is asked to keep.
TEST_F(BadInputTest, OneRegistryUnderTwoNames) {
  Push(upstream_, "library/alpine", "3.1");
  for (const char* tag : {"3.1", "3.0"}) Push(private_, "m", tag, Image("old", "2020-01-01"));
  const std::string port = private_.host().substr(private_.host().find(':'));
  environment_["IMGLIFE_REGISTRY_ENDPOINT_MIRROR_TEST"] = private_.url();
  ForgetRequests();
  for (const std::string& name : {"localhost" + port, "[::1]" + port, std::string("mirror.test")}) {
    Configure("sync:\n  entries:\n    - {source: " + upstream_.host() +
              "/library/alpine, tag: '3.1', target: '" + name + "/m'}\n    - {source: " +
              upstream_.host() + "/library/alpine, tag: '3.1', target: " + private_.host() +
              "/m}\nretention: {keep_last: 0}\n");
    for (const auto& command : {std::vector<std::string>{"plan"},
                                {"apply", "--auto-approve"},
                                {"cleanup", "--force"},
                                {"status"}}) {
      const ImglifeRun run = Run(command);
      EXPECT_THAT(run, ExitsWith(1)) << name;
      EXPECT_THAT(run.err,
                  HasSubstr("imglife.yaml:4:7: sync.entries[1].target names " + private_.host() +
                            ", and imglife.yaml:3:7: sync.entries[0].target names " + name +
                            ": they are one registry under two names"));
    }
  }
  EXPECT_THAT(NewRequests(private_), IsEmpty());
  EXPECT_THAT(NewRequests(upstream_), IsEmpty());
}

// A source is only read.
TEST_F(BadInputTest, ASourceMayHaveAnyName) {
  Push(private_, "upstream/alpine", "3.1");
  const std::string port = private_.host().substr(private_.host().find(':'));
  Configure("sync:\n  entries:\n    - {source: localhost" + port +
            "/upstream/alpine, tag: '3.1', target: $PRIVATE/m}\nretention: {keep_last: 0}\n");
  EXPECT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

// A mirror of itself would be told to delete what it mirrors.
TEST_F(BadInputTest, AMirrorOfItself) {
  Push(private_, "m", "3.1");
  NewRequests(private_);
  Configure("sync:\n  entries:\n    - {source: $PRIVATE/m, tag: '3.1', target: $PRIVATE/m}\n");
  for (const char* command : {"validate", "plan", "apply"}) {
    const ImglifeRun run = Run({command});
    EXPECT_THAT(run, ExitsWith(1)) << command;
    EXPECT_THAT(run.err, HasSubstr("imglife.yaml:3:48: error: sync.entries[0].target: the target " +
                                   private_.host() + "/m is the same repository as the source " +
                                   private_.host() + "/m; mirror to another one\n"))
        << command;
  }
  const std::string port = private_.host().substr(private_.host().find(':'));
  Configure("sync:\n  entries:\n    - {source: localhost" + port +
            "/m, tag: '3.1', target: $PRIVATE/m}\n");
  const ImglifeRun run = Run({"plan"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err,
              HasSubstr("imglife.yaml:3:7: sync.entries[0].target: the target " + private_.host() +
                        "/m is the same repository as the source "
                        "localhost" +
                        port + "/m"));
  EXPECT_THAT(NewRequests(private_), IsEmpty());
}

// The same for image layouts.
TEST_F(BadInputTest, OneDirectoryUnderTwoNames) {
  const std::string directory = std::filesystem::path(directory_.path()).filename();
  for (const std::string& name : {Path("m"), "../" + directory + "/m"}) {
    Configure(R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag_regex: '^3', target: 'ocidir://m'}
    - {source: $UPSTREAM/library/alpine, tag_regex: '^2', target: 'ocidir://)" +
              name + "'}\n");
    const ImglifeRun run = Run({"plan"});
    EXPECT_THAT(run, ExitsWith(1)) << name;
    EXPECT_THAT(run.err, HasSubstr("imglife.yaml:4:7: sync.entries[1].target names ocidir://"))
        << name;
    EXPECT_THAT(run.err, HasSubstr("they are the same directory; write it in one way")) << name;
  }
  Configure(R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag: '3.1', target: 'ocidir://m'}
    - {source: $UPSTREAM/library/alpine, tag: '3.2', target: 'ocidir://./m/'}
)");
  for (const char* tag : {"3.1", "3.2"}) Push(upstream_, "library/alpine", tag);
  EXPECT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

}  // namespace
}  // namespace imglife
