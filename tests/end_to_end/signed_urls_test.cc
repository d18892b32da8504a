// Logins of the kinds that clouds have, where uploads and downloads go to URLs that are secrets
// themselves: none of that is in anything that is printed or written.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"
#include "tests/end_to_end/registry_front.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing::Not;

class SignedUrlsTest : public RegistriesTest {
 protected:
  void SetUp() override {
    image_ = Push(upstream_, "library/alpine", "3.24.0");
    environment_["SOURCE"] = source_.host();
    environment_["TARGET"] = target_.host();
    Configure(R"(sync:
  entries:
    - {source: $SOURCE/library/alpine, tag: "3.24.0", target: $TARGET/mirrors/one}
    - {source: $SOURCE/library/alpine, tag: "3.24.0", target: $TARGET/mirrors/two}
retention: {keep_last: 0}
)");
    LogIn();
  }

  // The store knows the one registry's user "<token>", the file has a token for the other.
  void LogIn() {
    fs::create_directories(Path("input"));
    environment_["DOCKER_CONFIG"] = Path("input");
    Write("input/config.json",
          fmt::format(R"({{"credsStore":"s","auths":{{"{}":{{"registrytoken":"{}"}}}}}})",
                      source_.host(), kReading));
    Write(
        "input/docker-credential-s",
        fmt::format("#!/bin/sh\n"
                    "if grep -q {} -; then echo '{{\"Username\":\"<token>\",\"Secret\":\"{}\"}}'\n"
                    "else echo credentials not found in native store; exit 1; fi\n",
                    target_.host(), kRefresh));
    fs::permissions(Path("input/docker-credential-s"), fs::perms::owner_all);
  }

  ImglifeRun RunWithHelper(const std::string& arguments) const {
    return RunScript(directory_.path(),
                     fmt::format("PATH={}:$PATH; exec imglife {} --log-level debug --journal "
                                 "journal.ndjson",
                                 Path("input"), arguments),
                     environment_);
  }

  void ExpectNoSecret(const ImglifeRun& run) const {
    EXPECT_THAT(run.out, Not(HasSubstr("S3CRET")));
    EXPECT_THAT(run.err, Not(HasSubstr("S3CRET")));
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory_.path())) {
      const std::string path = entry.path().string();
      if (!entry.is_regular_file() || path.find("/input/") != std::string::npos) continue;
      EXPECT_THAT(ReadFile(path).value_or("S3CRET: not readable"), Not(HasSubstr("S3CRET")))
          << path;
    }
  }

  static ServedResponse Refuse() {
    return {401, {{"WWW-Authenticate", R"(Bearer realm="/token",service="reg")"}}, ""};
  }

  // Blobs are elsewhere, behind a signature that is good for anybody.
  std::optional<ServedResponse> ServeSource(const ServedRequest& request) const {
    if (request.Header("authorization") != std::string("Bearer ") + kReading) return Refuse();
    if (request.method != "GET" || request.path.find("/blobs/") == std::string::npos) return {};
    return ServedResponse{
        307, {{"Location", fmt::format("{}{}?sig={}", storage_.url(), request.path, kGet)}}, ""};
  }

  ServedResponse ServeBlob(const ServedRequest& request) const {
    EXPECT_EQ(request.Header("authorization"), "");
    if (storage_denies_) return {403, {}, "<Error>signature expired</Error>"};
    for (const auto& [digest, bytes] : image_.blobs) {
      if (request.path.ends_with(digest.str())) return {200, {}, bytes};
    }
    return {404, {}, ""};
  }

  std::optional<ServedResponse> ServeTarget(const ServedRequest& request) const {
    if (request.path == "/token") {
      EXPECT_THAT(request.body, HasSubstr(kRefresh));
      return ServedResponse{200, {}, fmt::format(R"({{"access_token":"{}"}})", kWriting)};
    }
    if (request.Header("authorization") != std::string("Bearer ") + kWriting) return Refuse();
    const bool sends = request.method == "PUT" || request.method == "PATCH";
    if (sends && request.path.find("/uploads/") != std::string::npos) {
      EXPECT_THAT(request.target, HasSubstr(kPut));
    }
    if (target_denies_ && request.method == "PUT") {
      return ServedResponse{
          403,
          {{"Content-Type", "application/json"}},
          fmt::format(R"({{"errors":[{{"code":"DENIED","message":"not with {}"}}]}})",
                      request.Header("authorization"))};
    }
    ServedResponse answer = target_.Forward(request);
    for (auto& [name, value] : answer.headers) {
      const bool upload = name == "location" && value.find("/uploads/") != std::string::npos;
      if (upload) value += fmt::format("{}sig={}", value.find('?') == value.npos ? '?' : '&', kPut);
    }
    return answer;
  }

  static constexpr char kReading[] = "S3CRET-reading";
  static constexpr char kRefresh[] = "S3CRET-refresh";
  static constexpr char kWriting[] = "S3CRET-writing";
  static constexpr char kGet[] = "S3CRET-get";
  static constexpr char kPut[] = "S3CRET-put";

  TestImage image_;
  std::atomic<bool> storage_denies_{false};
  std::atomic<bool> target_denies_{false};
  HttpServer storage_{[this](const ServedRequest& request) { return ServeBlob(request); }};
  RegistryFront source_{upstream_.url(),
                        [this](const ServedRequest& request) { return ServeSource(request); }};
  RegistryFront target_{private_.url(),
                        [this](const ServedRequest& request) { return ServeTarget(request); }};
};

TEST_F(SignedUrlsTest, AreUsedAndNotShown) {
  const ImglifeRun run = RunWithHelper("apply");
  EXPECT_THAT(run, ExitsWith(0)) << run.err;
  ExpectNoSecret(run);
  EXPECT_TRUE(HasAll(private_, "mirrors/one", image_));
  EXPECT_TRUE(HasAll(private_, "mirrors/two", image_));
  for (const char* request :
       {"PUT http://", "POST http://", "/v2/mirrors/one/manifests/3.24.0 201"}) {
    EXPECT_THAT(run.err, HasSubstr(request));
  }
  EXPECT_THAT(run.err, HasSubstr("GET " + storage_.url() + "/v2/library/alpine/blobs/"));
}

TEST_F(SignedUrlsTest, AreNotShownWhereADeletionUsesThem) {
  ASSERT_THAT(RunWithHelper("apply"), ExitsWith(0));
  Push(private_, "mirrors/one", "3.23.0");
  const ImglifeRun run = RunWithHelper("cleanup");
  EXPECT_THAT(run, ExitsWith(0)) << run.out << run.err;
  ExpectNoSecret(run);
  EXPECT_EQ(DigestOf(private_, "mirrors/one", "3.23.0"), "");
  EXPECT_THAT(run.err, HasSubstr("DELETE http://"));
}

TEST_F(SignedUrlsTest, AreNotShownWhereTheyAreRefused) {
  storage_denies_ = true;
  const ImglifeRun run = RunWithHelper("apply");
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.out + run.err, HasSubstr("403"));
  ExpectNoSecret(run);
}

TEST_F(SignedUrlsTest, AreNotShownWhereAnUploadIsRefused) {
  target_denies_ = true;
  const ImglifeRun run = RunWithHelper("apply");
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.out + run.err, HasSubstr("not with"));
  ExpectNoSecret(run);
}

}  // namespace
}  // namespace imglife
