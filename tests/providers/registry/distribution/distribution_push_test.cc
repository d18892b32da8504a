#include <chrono>
#include <future>

#include "absl/status/status.h"
#include "gmock/gmock.h"

#include "tests/providers/registry/distribution/scripted_registry.h"
#include "tests/support/byte_readers.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kUploads[] = "https://reg.example/v2/acme/app/blobs/uploads/";

class PushTest : public ScriptedRegistryTest {
 protected:
  PushTest() {
    blob.digest = Digest::OfBytes("bytes");
    blob.size = 5;
    options.known_absent = true;
    answer = [this](const SentRequest& request) {
      if (request.method == "POST") return post;
      if (request.method == "PUT") return put;
      return Answer(404);
    };
  }

  std::string Push() {
    const absl::StatusOr<PushOutcome> outcome =
        registry().PushBlob(app, blob, SourceOf("bytes"), options);
    if (!outcome.ok()) return outcome.status().ToString();
    if (*outcome == PushOutcome::kMounted) return "mounted";
    return *outcome == PushOutcome::kUploaded ? "uploaded" : "present";
  }

  std::string DigestParameter() const {
    return "digest=sha256%3A" + std::string(blob.digest.hex());
  }

  Descriptor blob;
  PushBlobOptions options;
  HttpResponse post = Answer(202, {{"location", "/v2/acme/app/blobs/uploads/1?_state=a%3D"}});
  HttpResponse put = Answer(201);
};

TEST_F(PushTest, TheDigestIsAddedToTheLocation) {
  EXPECT_EQ(Push(), "uploaded");
  EXPECT_THAT(transport.Lines(),
              ElementsAre(std::string("POST ") + kUploads,
                          std::string("PUT ") + kUploads + "1?_state=a%3D&" + DigestParameter()));
  EXPECT_EQ(transport.Requests()[1].body, "bytes");
  EXPECT_FALSE(transport.Requests()[1].idempotent);

  post = Answer(202, {{"location", "https://reg.example/upload/2"}});
  put = Answer(204);
  EXPECT_EQ(Push(), "uploaded");
  EXPECT_EQ(transport.Lines().back(), "PUT https://reg.example/upload/2?" + DigestParameter());
}

TEST_F(PushTest, TheSourceIsOpenedWhileTheSessionIsAskedFor) {
  std::promise<void> opened;
  const std::shared_future<void> is_opened = opened.get_future().share();
  answer = [&](const SentRequest& request) {
    if (request.method == "PUT") return put;
    EXPECT_TRUE(is_opened.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
    return post;
  };
  const OpenBlob source = SourceOf("bytes");
  const auto open = [&] {
    opened.set_value();
    return source();
  };
  const auto outcome = registry().PushBlob(app, blob, open, options);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(transport.Requests()[1].body, "bytes");
}

TEST_F(PushTest, CredentialsDoNotGoToALocationElsewhere) {
  LogIn();
  answer = [](const SentRequest& request) {
    if (request.url.find("uploads.example") != std::string::npos) return Answer(201);
    if (request.authorization.empty()) return Answer(401, {{"www-authenticate", "Basic realm=x"}});
    return Answer(202, {{"location", "https://uploads.example/1?sig=2"}});
  };
  EXPECT_EQ(Push(), "uploaded");
  EXPECT_EQ(transport.Requests().back().authorization, "");
  EXPECT_EQ(transport.Requests().back().body, "bytes");
}

TEST_F(PushTest, DangerousLocationsAreRefused) {
  for (const char* location :
       {"http://reg.example/1", "https://127.0.0.1/1", "https://localhost:9000/", "https://[::1]/",
        "https://10.0.0.1/", "https://169.254.169.254/latest", "https://2130706433/",
        "https://u:p@reg.example/1", "file:///etc/passwd", "", "/a b"}) {
    post = Answer(202, {{"location", location}});
    EXPECT_THAT(Push(), HasSubstr("INVALID_ARGUMENT")) << location;
  }
  for (const std::string& line : transport.Lines()) EXPECT_THAT(line, HasSubstr("POST "));
}

TEST_F(PushTest, ALocationOfTheSameInternalHostIsFine) {
  app.host = "10.0.0.1:5000";
  post = Answer(202, {{"location", "https://10.0.0.1:5001/1"}});
  EXPECT_EQ(Push(), "uploaded");
}

TEST_F(PushTest, AMountIsAskedOfTheBestSource) {
  options.mount_from = {{Repository::Kind::kDistribution, "reg.example", "acme/base"},
                        {Repository::Kind::kDistribution, "reg.example", "acme/other"}};
  post = Answer(201);
  EXPECT_EQ(Push(), "mounted");
  EXPECT_THAT(transport.Lines(), ElementsAre(std::string("POST ") + kUploads + "?mount=sha256%3A" +
                                             std::string(blob.digest.hex()) + "&from=acme%2Fbase"));
}

TEST_F(PushTest, AMountOfSomethingElseIsNone) {
  options.mount_from = {{Repository::Kind::kDistribution, "reg.example", "acme/base"}};
  answer = [](const SentRequest& request) {
    if (request.url.find("mount=") != std::string::npos) {
      return Answer(201, {{"docker-content-digest", Digest::OfBytes("other").str()}});
    }
    return request.method == "POST" ? Answer(202, {{"location", "/up"}}) : Answer(201);
  };
  EXPECT_EQ(Push(), "uploaded");
}

TEST_F(PushTest, AMountThatIsRefusedBecomesAnUpload) {
  options.mount_from = {{Repository::Kind::kDistribution, "reg.example", "acme/base"}};
  for (const int status : {400, 403, 404, 405, 429, 500, 503}) {
    answer = [status](const SentRequest& request) {
      if (request.url.find("mount=") != std::string::npos) {
        EXPECT_FALSE(request.idempotent) << "the upload is there for that";
        return Answer(status);
      }
      if (request.method == "POST") return Answer(202, {{"location", "/up"}});
      return Answer(201);
    };
    EXPECT_EQ(Push(), "uploaded") << status;
  }
}

TEST_F(PushTest, AMountThatBreaksTheConnectionBecomesAnUpload) {
  options.mount_from = {{Repository::Kind::kDistribution, "reg.example", "acme/base"}};
  answer = [](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
    if (request.url.find("mount=") != std::string::npos) {
      return absl::UnavailableError("connection reset");
    }
    if (request.method == "POST") return Answer(202, {{"location", "/up"}});
    return Answer(201);
  };
  EXPECT_EQ(Push(), "uploaded");
}

TEST_F(PushTest, AMountThatBecomesASessionIsUploadedToIt) {
  options.mount_from = {{Repository::Kind::kDistribution, "reg.example", "acme/base"}};
  EXPECT_EQ(Push(), "uploaded");
  EXPECT_EQ(transport.Requests().size(), 2u);
  EXPECT_THAT(transport.Lines().back(), HasSubstr("/uploads/1?_state=a%3D&digest="));
}

TEST_F(PushTest, AMountWhoseTokenIsRefusedBecomesAnUpload) {
  options.mount_from = {{Repository::Kind::kDistribution, "reg.example", "acme/base"}};
  answer = [](const SentRequest& request) {
    if (request.url.find("/token") != std::string::npos) {
      const bool both = request.url.find("base") != std::string::npos;
      return both ? Answer(403) : Answer(200, {}, R"({"token":"t"})");
    }
    if (request.authorization.empty()) {
      return Answer(401, {{"www-authenticate", R"(Bearer realm="/token",service="s")"}});
    }
    if (request.method == "POST") return Answer(202, {{"location", "/up"}});
    return Answer(201);
  };
  EXPECT_EQ(Push(), "uploaded");
}

TEST_F(PushTest, TheTokenOfAMountIsForBothTheTargetFirst) {
  options.mount_from = {{Repository::Kind::kDistribution, "reg.example", "acme/base"}};
  answer = [](const SentRequest& request) {
    if (request.url.find("/token") != std::string::npos) return Answer(200, {}, R"({"token":"t"})");
    if (request.authorization.empty()) {
      return Answer(401, {{"www-authenticate", R"(Bearer realm="/token")"}});
    }
    return Answer(201);
  };
  EXPECT_EQ(Push(), "mounted");
  EXPECT_THAT(transport.Lines()[1], HasSubstr("scope=repository%3Aacme%2Fapp%3Apull%2Cpush"
                                              "&scope=repository%3Aacme%2Fbase%3Apull"));
}

TEST_F(PushTest, AMountThatLeadsNowhereBecomesAnUpload) {
  options.mount_from = {{Repository::Kind::kDistribution, "reg.example", "acme/base"}};
  int posts = 0;
  answer = [&](const SentRequest& request) {
    if (request.method == "PUT") return put;
    return ++posts == 1 ? Answer(202) : post;
  };
  EXPECT_EQ(Push(), "uploaded");
  EXPECT_EQ(posts, 2);
}

TEST_F(PushTest, AfterAFailedPutItLooksAndUploadsAgain) {
  int puts = 0;
  answer = [&puts](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
    if (request.method == "POST") return Answer(202, {{"location", "/up"}});
    if (request.method == "HEAD" || request.method == "GET") return Answer(404);
    if (++puts == 1) return absl::UnavailableError("connection reset");
    if (puts == 2) return Answer(404, {}, R"({"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]})");
    EXPECT_EQ(request.body, "bytes");
    return Answer(201);
  };
  EXPECT_EQ(Push(), "uploaded");
  std::vector<std::string> methods;
  for (const SentRequest& request : transport.Requests()) methods.push_back(request.method);
  EXPECT_THAT(methods, ElementsAre("POST", "PUT", "HEAD", "GET", "POST", "PUT", "HEAD", "GET",
                                   "POST", "PUT"));
}

TEST_F(PushTest, ABlobThatArrivedInSpiteOfAnErrorIsNotSentAgain) {
  answer = [](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
    if (request.method == "POST") return Answer(202, {{"location", "/up"}});
    if (request.method == "HEAD") return Answer(200);
    return absl::UnavailableError("connection reset");
  };
  EXPECT_EQ(Push(), "uploaded");
  EXPECT_EQ(transport.Requests().size(), 3u);
}

TEST_F(PushTest, ItGivesUpInTheEnd) {
  put = Answer(503);
  EXPECT_THAT(Push(), HasSubstr("UNAVAILABLE"));
  std::vector<std::string> methods;
  for (const SentRequest& request : transport.Requests()) methods.push_back(request.method);
  std::vector<std::string> expected;
  for (int tries = 1; tries < 5; ++tries) {
    expected.insert(expected.end(), {"POST", "PUT", "HEAD", "GET"});
  }
  expected.insert(expected.end(), {"POST", "PUT", "DELETE"});
  EXPECT_EQ(methods, expected);
}

TEST_F(PushTest, ARefusalIsFinal) {
  put = Answer(403, {}, R"({"errors":[{"code":"DENIED","message":"quota exceeded"}]})");
  EXPECT_THAT(Push(), HasSubstr("quota exceeded"));
  EXPECT_EQ(transport.Requests().size(), 3u);
  EXPECT_EQ(transport.Requests().back().method, "DELETE");
  put = Answer(400, {}, R"({"errors":[{"code":"DIGEST_INVALID"}]})");
  EXPECT_THAT(Push(), HasSubstr("DATA_LOSS"));
}

TEST_F(PushTest, AnExpiredTokenReopensTheSource) {
  LogIn();
  int puts = 0;
  answer = [&puts](const SentRequest& request) {
    const HttpResponse challenge = Answer(401, {{"www-authenticate", R"(Bearer realm="/token")"}});
    if (request.url.find("/token") != std::string::npos) {
      return Answer(200, {}, R"({"token":"t)" + std::to_string(puts) + R"("})");
    }
    if (request.authorization.empty()) return challenge;
    if (request.method == "POST") return Answer(202, {{"location", "/up"}});
    if (++puts == 1) return challenge;
    EXPECT_EQ(request.authorization, "Bearer t1");
    EXPECT_EQ(request.body, "bytes");
    return Answer(201);
  };
  EXPECT_EQ(Push(), "uploaded");
  EXPECT_EQ(puts, 2);
}

TEST_F(PushTest, ABlobStoredUnderAnotherDigestIsDataLoss) {
  put = Answer(201, {{"docker-content-digest", Digest::OfBytes("x").str()}});
  EXPECT_THAT(Push(), HasSubstr("DATA_LOSS"));
}

TEST_F(PushTest, NoSecretIsInAnyMessage) {
  LogIn();
  answer = [](const SentRequest&) { return Answer(401, {{"www-authenticate", "Basic realm=x"}}); };
  const std::string text = Push();
  EXPECT_THAT(text, HasSubstr("docker config"));
  EXPECT_THAT(text, Not(HasSubstr("pass\"")));
  EXPECT_THAT(text, Not(HasSubstr("bWU6cGFzcw")));
}

}  // namespace
}  // namespace imglife
