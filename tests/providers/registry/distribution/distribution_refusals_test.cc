// What people read where a registry refuses, or has nothing there: what happened, where, and what
// to do.
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "tests/providers/registry/distribution/scripted_registry.h"
#include "tests/support/byte_readers.h"
#include "tests/support/image_maker.h"

namespace imglife {
namespace {

using testing::HasSubstr;

enum class Login { kNone, kBasic, kBearer };

struct Request {
  const char* name = "";
  const char* doing = "";
  absl::Status (*run)(Registry&, const Repository&) = nullptr;
  std::string what;  // as messages name it
};

const TestImage& Image() {
  static const TestImage image = MakeImage({});
  return image;
}

std::vector<Request> AllRequests() {
  const std::string digest = Image().manifest.digest.str();
  const std::string blob = Digest::OfBytes("bytes").str();
  return {
      {"list", "reading",
       [](Registry& r, const Repository& app) { return r.ListTags(app).status(); },
       "reg.example/acme/app"},
      {"resolve", "reading",
       [](Registry& r, const Repository& app) { return r.Resolve(app, "1").status(); },
       "reg.example/acme/app:1"},
      {"get", "reading",
       [](Registry& r, const Repository& app) { return r.GetManifest(app, "1").status(); },
       "reg.example/acme/app:1"},
      {"get blob", "reading",
       [](Registry& r, const Repository& app) {
         return r.GetBlob(app, DescribeBlob("bytes")).status();
       },
       "reg.example/acme/app@" + blob},
      {"put", "writing",
       [](Registry& r, const Repository& app) { return r.PutManifest(app, "1", Image().manifest); },
       "reg.example/acme/app:1"},
      {"put blob", "writing",
       [](Registry& r, const Repository& app) {
         return r.PushBlob(app, DescribeBlob("bytes"), SourceOf("bytes"), {.known_absent = true})
             .status();
       },
       "reg.example/acme/app@" + blob},
      {"delete", "deleting",
       [](Registry& r, const Repository& app) {
         return r.DeleteManifest(app, Image().manifest.digest);
       },
       "reg.example/acme/app@" + digest},
      {"probe", "deleting",
       [](Registry& r, const Repository& app) { return r.Probe(app).status(); },
       "reg.example/acme/app"},
  };
}

class RefusalsTest : public ScriptedRegistryTest {
 protected:
  // Every request is answered so once it is logged in; before a deletion the manifest is there.
  void Refuse(Login login, int status, const std::string& code) {
    answer = [=](const SentRequest& request) -> HttpResponse {
      if (request.url.find("/token") != std::string::npos) {
        return Answer(200, {}, R"({"token":"t"})");
      }
      const bool wants_login = login != Login::kNone && request.authorization.empty();
      if (wants_login || status == 401) {
        return Answer(401,
                      {{"www-authenticate", login == Login::kBasic
                                                ? "Basic realm=x"
                                                : "Bearer realm=\"https://reg.example/token\""}});
      }
      const bool looks =
          request.method == "HEAD" && request.url.find("sha256:") != std::string::npos;
      if (looks) {
        return Answer(200, {{"content-type", Image().manifest.media_type},
                            {"content-length", "1"},
                            {"docker-content-digest", Image().manifest.digest.str()}});
      }
      return Answer(status, {{"docker-distribution-api-version", "registry/2.0"}},
                    code.empty() ? "" : R"({"errors":[{"code":")" + code + R"("}]})");
    };
  }

  // Answers to HEAD have no body.
  static std::string Code(const Request& request) {
    return request.name == std::string("resolve") ? "" : " (DENIED)";
  }

  std::string Message(const Request& request) {
    const auto fresh = MakeDistributionRegistry(transport, credentials, settings);
    return std::string(request.run(*fresh, app).message());
  }
};

TEST_F(RefusalsTest, A403NamesTheCredentialsAndWhatTheyLack) {
  LogIn();
  for (const Login login : {Login::kBasic, Login::kBearer}) {
    Refuse(login, 403, "DENIED");
    for (const Request& request : AllRequests()) {
      EXPECT_EQ(Message(request),
                request.what + ": the registry answered 403" + Code(request) +
                    "; the credentials from docker config "
                    "don't allow " +
                    request.doing +
                    ": give them that permission, or set IMGLIFE_REG_EXAMPLE_USERNAME and "
                    "IMGLIFE_REG_EXAMPLE_PASSWORD to others")
          << request.name;
    }
  }
}

TEST_F(RefusalsTest, A403WithoutCredentialsSaysHowToGiveSome) {
  Refuse(Login::kBearer, 403, "DENIED");
  for (const Request& request : AllRequests()) {
    EXPECT_EQ(Message(request), request.what + ": the registry answered 403" + Code(request) +
                                    "; no credentials for "
                                    "reg.example were found: set IMGLIFE_REG_EXAMPLE_USERNAME and "
                                    "IMGLIFE_REG_EXAMPLE_PASSWORD, or log in with docker login")
        << request.name;
  }
}

// Credentials that were never sent are not to blame, and not looked for.
TEST_F(RefusalsTest, A403OfARegistryThatWantsNoLoginSaysSo) {
  LogIn();
  Refuse(Login::kNone, 403, "");
  for (const Request& request : AllRequests()) {
    EXPECT_EQ(Message(request), request.what + ": the registry answered 403; it refuses " +
                                    request.doing +
                                    " without asking for a login: check its rules and those of "
                                    "proxies before it")
        << request.name;
  }
  EXPECT_TRUE(credentials.Hosts().empty());
}

TEST_F(RefusalsTest, A404SaysWhoMayNotSeeItOrWhatToMake) {
  LogIn();
  for (const Login login : {Login::kBasic, Login::kBearer}) {
    Refuse(login, 404, "");
    for (const Request& request : AllRequests()) {
      if (std::string(request.name) == "probe") continue;  // an answer: it can't delete
      const bool writes = std::string(request.doing) == "writing";
      EXPECT_EQ(Message(request),
                request.what + ": the registry answered 404; " +
                    (writes ? "reg.example/acme/app may have to be made there first, or its name "
                              "is another"
                            : "check the name, and that the credentials from docker config may "
                              "see it"))
          << request.name;
    }
  }
  credentials.credential = {};
  Refuse(Login::kBearer, 404, "MANIFEST_UNKNOWN");
  EXPECT_EQ(Message(AllRequests()[2]),
            "reg.example/acme/app:1: the registry answered 404 (MANIFEST_UNKNOWN); check the name, "
            "and that somebody without credentials may see it");
}

TEST_F(RefusalsTest, A401ThatStaysNamesTheCredentialsToo) {
  for (const Login login : {Login::kBasic, Login::kBearer}) {
    LogIn();
    Refuse(login, 401, "UNAUTHORIZED");
    for (const Request& request : AllRequests()) {
      const std::string message = Message(request);
      EXPECT_THAT(message, HasSubstr(request.what + ": reg.example refused the credentials from "
                                                    "docker config with 401"))
          << request.name;
      EXPECT_THAT(message, HasSubstr("set IMGLIFE_REG_EXAMPLE_USERNAME")) << request.name;
    }
  }
}

}  // namespace
}  // namespace imglife
