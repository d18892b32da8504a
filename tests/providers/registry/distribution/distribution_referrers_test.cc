// What refers to a manifest: reading it, and keeping it where the registry doesn't.
#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include <fmt/format.h>

#include "providers/registry/distribution/referrers.h"
#include "schema/image/media_type.h"
#include "tests/providers/registry/distribution/scripted_registry.h"
#include "tests/support/image_maker.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

class ReferrersTest : public ScriptedRegistryTest {
 protected:
  static std::string Index(const std::string& name) {
    return fmt::format(
        R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{{"mediaType":"{}","digest":"{}",)"
        R"("size":1,"artifactType":"application/{}"}}]}})",
        media_type::kOciIndex, media_type::kOciManifest, Digest::OfBytes(name).str(), name);
  }

  // docker-registry 2.8 about a path that it doesn't know, and about what isn't there.
  static HttpResponse NoSuchPath() {
    return Answer(404, {{"docker-distribution-api-version", "registry/2.0"}}, "404 page not found");
  }
  static HttpResponse NotFoundHere() {
    return Answer(404, {}, R"({"errors":[{"code":"MANIFEST_UNKNOWN"}]})");
  }
  // Traefik without a backend.
  static HttpResponse ProxysPage() { return Answer(404, {}, "404 page not found"); }

  static std::vector<Digest> DigestsOf(const std::vector<Descriptor>& referrers) {
    std::vector<Digest> digests;
    for (const Descriptor& referrer : referrers) digests.push_back(referrer.digest);
    return digests;
  }

  static bool EndsInBase(const SentRequest& request) { return request.url.ends_with("/v2/"); }

  const Digest subject = Digest::OfBytes("subject");
};

TEST_F(ReferrersTest, ComeFromAllPagesOfTheApi) {
  answer = [](const SentRequest& request) {
    const std::string path = request.url.substr(0, request.url.find('?'));
    const int number = absl::StrContains(request.url, "page=3")   ? 3
                       : absl::StrContains(request.url, "page=2") ? 2
                                                                  : 1;
    HttpResponse page = Answer(200, {{"content-type", std::string(media_type::kOciIndex)}},
                               Index(number == 1   ? "a"
                                     : number == 2 ? "b"
                                                   : "c"));
    // Some write the digest's colon so.
    const std::string next = absl::StrReplaceAll(path.substr(path.find("/v2/")), {{":", "%3A"}});
    if (number < 3) {
      page.headers.emplace("link", fmt::format("<{}?page={}>; rel=\"next\"", next, number + 1));
    }
    return page;
  };
  const absl::StatusOr<std::vector<Descriptor>> referrers = registry().ListReferrers(app, subject);
  ASSERT_TRUE(referrers.ok()) << referrers.status();
  EXPECT_THAT(
      DigestsOf(*referrers),
      UnorderedElementsAre(Digest::OfBytes("a"), Digest::OfBytes("b"), Digest::OfBytes("c")));
  EXPECT_THAT(transport.Lines()[0],
              "GET https://reg.example/v2/acme/app/referrers/" + subject.str());
}

// The specification says nothing of an order, and one that two pages name is one.
TEST_F(ReferrersTest, AreSortedByDigestAndEachIsThereOnce) {
  std::vector<Digest> sorted = {Digest::OfBytes("a"), Digest::OfBytes("b"), Digest::OfBytes("c")};
  std::sort(sorted.begin(), sorted.end());
  const auto entry = [](const Digest& digest) {
    return nlohmann::json{{"mediaType", std::string(media_type::kOciManifest)},
                          {"digest", digest.str()},
                          {"size", 1}};
  };
  for (const bool has_api : {true, false}) {
    answer = [&](const SentRequest& request) {
      if (!has_api && absl::StrContains(request.url, "/referrers/")) return NoSuchPath();
      nlohmann::json list = nlohmann::json::parse(Index("a"));
      list["manifests"] = {entry(sorted[2]), entry(sorted[0]), entry(sorted[1]), entry(sorted[0])};
      return Answer(200, {{"content-type", std::string(media_type::kOciIndex)}}, list.dump());
    };
    const auto fresh = MakeDistributionRegistry(transport, credentials, settings);
    const auto referrers = fresh->ListReferrers(app, subject);
    ASSERT_TRUE(referrers.ok()) << referrers.status();
    EXPECT_EQ(DigestsOf(*referrers), sorted);
  }
}

TEST_F(ReferrersTest, EightMebibytesAPageAreTheMost) {
  std::string page = Index("a");
  page.resize(std::size_t{8} << 20, ' ');
  answer = [&page](const SentRequest&) {
    return Answer(200, {{"content-type", std::string(media_type::kOciIndex)}}, page);
  };
  EXPECT_TRUE(registry().ListReferrers(app, subject).ok());
  page += ' ';
  EXPECT_TRUE(absl::IsResourceExhausted(registry().ListReferrers(app, subject).status()));
}

// OCI distribution-spec 1.1, "Referrers Tag Schema": at most 32 and 64 characters.
TEST_F(ReferrersTest, TheTagOfALongDigestIsCut) {
  const std::string hex(128, 'a');
  EXPECT_EQ(ReferrersTag(*Digest::Parse("sha512:" + hex)), "sha512-" + hex.substr(0, 64));
  EXPECT_EQ(ReferrersTag(subject), "sha256-" + std::string(subject.hex()));
}

TEST_F(ReferrersTest, ALinkThatCannotBeReadIsNoEnd) {
  answer = [](const SentRequest&) {
    return Answer(200,
                  {{"content-type", std::string(media_type::kOciIndex)}, {"link", "<?page=2>"}},
                  Index("a"));
  };
  EXPECT_TRUE(absl::IsInvalidArgument(registry().ListReferrers(app, subject).status()));
}

TEST_F(ReferrersTest, ComeFromTheTagWithoutTheApi) {
  answer = [this](const SentRequest& request) {
    if (absl::StrContains(request.url, "/referrers/")) return NoSuchPath();
    EXPECT_THAT(request.url, HasSubstr("/manifests/sha256-" + std::string(subject.hex())));
    return Answer(200, {{"content-type", std::string(media_type::kOciIndex)}}, Index("a"));
  };
  const absl::StatusOr<std::vector<Descriptor>> referrers = registry().ListReferrers(app, subject);
  ASSERT_TRUE(referrers.ok()) << referrers.status();
  EXPECT_EQ(referrers->size(), 1u);
}

// docker-registry 2.8 knows no such path; a registry with the API may say 404 about a repository.
TEST_F(ReferrersTest, ARepositoryWithoutTheApiIsAskedOnce) {
  for (const HttpResponse& no_api : {NoSuchPath(), NotFoundHere()}) {
    int asked = 0;
    answer = [&asked, &no_api](const SentRequest& request) {
      if (!absl::StrContains(request.url, "/referrers/")) return NotFoundHere();
      ++asked;
      return no_api;
    };
    const bool knows_the_path = no_api.body.front() == '{';
    const auto fresh = MakeDistributionRegistry(transport, credentials, settings);
    for (int i = 0; i < 2; ++i) {
      const absl::StatusOr<std::vector<Descriptor>> none = fresh->ListReferrers(app, subject);
      ASSERT_TRUE(none.ok()) << none.status();
      EXPECT_TRUE(none->empty());
    }
    EXPECT_EQ(asked, knows_the_path ? 2 : 1);
    EXPECT_THAT(transport.Lines(), Each(Not(EndsWith("/v2/")))) << "that it is there shows already";
  }
}

// An ingress whose backend restarts: every path is 404, in its own words, or one answer only is.
TEST_F(ReferrersTest, ANotFoundOfAProxyIsNotNothing) {
  int away_for = 0;
  answer = [&](const SentRequest& request) {
    if (away_for-- > 0) return ProxysPage();
    if (absl::StrContains(request.url, "/referrers/")) {
      return Answer(200, {{"content-type", std::string(media_type::kOciIndex)}}, Index("a"));
    }
    return EndsInBase(request) ? Answer(200) : NotFoundHere();
  };
  for (const int answers : {1, 2}) {
    away_for = answers;
    const auto referrers = registry().ListReferrers(app, subject);
    if (answers == 1) {
      ASSERT_TRUE(referrers.ok()) << referrers.status();
      EXPECT_EQ(referrers->size(), 1u);
    } else {
      EXPECT_TRUE(absl::IsUnavailable(referrers.status())) << referrers.status();
      EXPECT_THAT(std::string(referrers.status().message()),
                  AllOf(HasSubstr("acme/app@sha256:"), HasSubstr("try again")));
    }
    away_for = 0;
    const auto later = registry().ListReferrers(app, subject);
    ASSERT_TRUE(later.ok()) << later.status();
    EXPECT_EQ(later->size(), 1u) << "the API was given up for one page of a proxy";
  }
}

// The same about the tag, where the registry is known to have no API.
TEST_F(ReferrersTest, ANotFoundOfAProxyAboutTheTagIsNotNothing) {
  int away_for = 0;
  answer = [&](const SentRequest& request) {
    if (away_for-- > 0) return ProxysPage();
    if (absl::StrContains(request.url, "/referrers/")) return NoSuchPath();
    if (EndsInBase(request)) return Answer(200);
    return Answer(200, {{"content-type", std::string(media_type::kOciIndex)}}, Index("a"));
  };
  for (const int answers : {0, 1}) {
    away_for = answers;
    const auto referrers = registry().ListReferrers(app, subject);
    ASSERT_TRUE(referrers.ok()) << referrers.status();
    EXPECT_EQ(referrers->size(), 1u);
  }
  away_for = 2;
  EXPECT_TRUE(absl::IsUnavailable(registry().ListReferrers(app, subject).status()));
}

// A plain file server in the layout of a registry: it is seen to be there, and believed then.
TEST_F(ReferrersTest, WhoeverIsThereAndSaysItTwiceIsBelieved) {
  for (const int base : {200, 401, 403}) {
    int asked = 0;
    answer = [&](const SentRequest& request) {
      if (EndsInBase(request)) return Answer(base);
      asked += absl::StrContains(request.url, "/referrers/") ? 1 : 0;
      return ProxysPage();
    };
    const auto fresh = MakeDistributionRegistry(transport, credentials, settings);
    for (int i = 0; i < 2; ++i) {
      const auto none = fresh->ListReferrers(app, subject);
      ASSERT_TRUE(none.ok()) << none.status();
      EXPECT_TRUE(none->empty());
    }
    EXPECT_EQ(asked, 2) << "twice the first time, not at all the second";
  }
}

// Artifactory gave 406 for want of the API; other clients take 400 and 405 for that too. That it is
// the registry that says so must show.
TEST_F(ReferrersTest, ARefusalOfTheRegistryMeansThatItHasNoApi) {
  const std::multimap<std::string, std::string> own = {
      {"docker-distribution-api-version", "registry/2.0"}};
  for (const HttpResponse& no_api :
       {Answer(406, own), Answer(400, own), Answer(405, own),
        Answer(405, {}, R"({"errors":[{"code":"UNSUPPORTED"}]})"),
        Answer(406, {}, R"({"errors":[{"status":406,"message":"Not Acceptable"}]})")}) {
    bool has_list = true;
    answer = [&](const SentRequest& request) {
      if (absl::StrContains(request.url, "/referrers/")) return no_api;
      if (EndsInBase(request)) return Answer(200);
      return has_list
                 ? Answer(200, {{"content-type", std::string(media_type::kOciIndex)}}, Index("a"))
                 : NotFoundHere();
    };
    const auto fresh = MakeDistributionRegistry(transport, credentials, settings);
    const auto listed = fresh->ListReferrers(app, subject);
    ASSERT_TRUE(listed.ok()) << listed.status();
    EXPECT_EQ(listed->size(), 1u);
    has_list = false;
    const auto none = fresh->ListReferrers(app, subject);
    ASSERT_TRUE(none.ok()) << none.status();
    EXPECT_TRUE(none->empty());
  }
}

// Else what refers to an image would be left behind, or a part that something refers to would go.
TEST_F(ReferrersTest, ARefusalOfAProxyIsNotNothing) {
  for (const int status : {400, 405, 406}) {
    int asked = 0;
    answer = [&](const SentRequest& request) {
      if (!absl::StrContains(request.url, "/referrers/")) return NotFoundHere();
      ++asked;
      return Answer(status, {}, "<html>no</html>");
    };
    const absl::Status refused = registry().ListReferrers(app, subject).status();
    EXPECT_FALSE(refused.ok());
    EXPECT_THAT(std::string(refused.message()),
                AllOf(HasSubstr(std::to_string(status)), HasSubstr("/v2/acme/app/referrers/")));
    EXPECT_EQ(asked, 1);
  }
}

TEST_F(ReferrersTest, WhoHasTheApiDoesNotLackItLater) {
  HttpResponse api =
      Answer(200, {{"content-type", std::string(media_type::kOciIndex)}}, Index("a"));
  answer = [&](const SentRequest& request) {
    return absl::StrContains(request.url, "/referrers/") ? api : NotFoundHere();
  };
  ASSERT_TRUE(registry().ListReferrers(app, subject).ok());
  for (const int status : {400, 405, 406}) {
    api = Answer(status, {{"docker-distribution-api-version", "registry/2.0"}});
    EXPECT_FALSE(registry().ListReferrers(app, subject).ok()) << status;
  }
}

TEST_F(ReferrersTest, OnlyTheFirstPageTellsOfTheApi) {
  answer = [](const SentRequest& request) {
    if (!absl::StrContains(request.url, "/referrers/")) return NotFoundHere();
    if (absl::StrContains(request.url, "page=2")) {
      return Answer(406, {{"docker-distribution-api-version", "registry/2.0"}});
    }
    return Answer(
        200,
        {{"content-type", std::string(media_type::kOciIndex)}, {"link", "<?page=2>; rel=\"next\""}},
        Index("a"));
  };
  EXPECT_FALSE(registry().ListReferrers(app, subject).ok());
}

// registry.gitlab.com has no API and takes the tag for a digest (oras-go#1396).
TEST_F(ReferrersTest, ASubjectUnderTheTagIsNoList) {
  IndexSpec parts;
  parts.images.resize(2);
  for (const TestImage& image : {MakeImage(ImageSpec()), MakeIndex(parts)}) {
    answer = [&image](const SentRequest& request) {
      if (absl::StrContains(request.url, "/referrers/")) return NoSuchPath();
      return Answer(200, {{"content-type", image.manifest.media_type}}, image.manifest.content);
    };
    const auto none = registry().ListReferrers(app, image.manifest.digest);
    ASSERT_TRUE(none.ok()) << none.status();
    EXPECT_TRUE(none->empty());
  }
}

TEST_F(ReferrersTest, FailuresAreNotEmpty) {
  answer = [](const SentRequest&) { return Answer(500); };
  EXPECT_TRUE(absl::IsUnavailable(registry().ListReferrers(app, subject).status()));
  answer = [](const SentRequest&) { return Answer(200, {}, "<html>"); };
  EXPECT_FALSE(registry().ListReferrers(app, subject).ok());
}

// A registry that takes no notice of subjects, with one tag for referrers.
class ReferrersTagTest : public ReferrersTest {
 protected:
  ReferrersTagTest() {
    Descriptor described;
    described.media_type = std::string(media_type::kOciManifest);
    described.digest = subject;
    described.size = 7;
    SignFor(described);
    answer = [this](const SentRequest& request) {
      const bool of_tag = absl::StrContains(request.url, tag);
      if (request.method == "PUT") return of_tag ? put_of_tag : put;
      if (absl::StrContains(request.url, "/tags/list")) {
        return Answer(200, {}, nlohmann::json({{"name", "acme/app"}, {"tags", tags}}).dump());
      }
      return of_tag ? index : NotFoundHere();
    };
  }

  // What is put from now on refers to it.
  void SignFor(const Descriptor& signed_image) {
    ImageSpec spec;
    spec.name = "signature";
    spec.artifact_type = "application/vnd.example.signature";
    spec.annotations = {{"by", "us"}};
    spec.subject = signed_image;
    signature = MakeImage(spec).manifest;
    tag = "/manifests/sha256-" + std::string(signed_image.digest.hex());
  }

  absl::Status Put() { return registry().PutManifest(app, signature.digest.str(), signature); }

  std::vector<std::string> Methods() const {
    std::vector<std::string> methods;
    for (const SentRequest& request : transport.Requests()) methods.push_back(request.method);
    return methods;
  }

  nlohmann::json Written() const {
    return nlohmann::json::parse(transport.Requests().back().body, nullptr, false);
  }

  static HttpResponse IndexAnswer(const std::string& body) {
    return Answer(200, {{"content-type", std::string(media_type::kOciIndex)}}, body);
  }

  std::string tag;
  HttpResponse put = Answer(201);
  HttpResponse put_of_tag = Answer(201);
  HttpResponse index = NotFoundHere();
  std::vector<std::string> tags = {"1.0"};
  ManifestBytes signature;
};

TEST_F(ReferrersTagTest, IsWrittenAfterTheManifestThatRefers) {
  ASSERT_TRUE(Put().ok());
  EXPECT_THAT(Methods(), ElementsAre("PUT", "GET", "PUT"));
  EXPECT_EQ(transport.Requests().front().body, signature.content);
  EXPECT_THAT(transport.Requests().back().url, HasSubstr(tag));
  EXPECT_EQ(transport.Requests().back().Header("content-type"), media_type::kOciIndex);
  const nlohmann::json written = Written();
  EXPECT_EQ(written["schemaVersion"], 2);
  EXPECT_EQ(written["mediaType"], std::string(media_type::kOciIndex));
  EXPECT_EQ(written["manifests"],
            nlohmann::json::array({{{"mediaType", signature.media_type},
                                    {"digest", signature.digest.str()},
                                    {"size", signature.content.size()},
                                    {"artifactType", "application/vnd.example.signature"},
                                    {"annotations", {{"by", "us"}}}}}));
}

// GitLab: its subject is no list, and its parts refer to nothing.
TEST_F(ReferrersTagTest, IsBegunWhereItIsTakenForTheSubject) {
  IndexSpec parts;
  parts.images.resize(2);
  for (const TestImage& image : {MakeImage(ImageSpec()), MakeIndex(parts)}) {
    SignFor(image.ToDescriptor());
    index = Answer(200, {{"content-type", image.manifest.media_type}}, image.manifest.content);
    ASSERT_TRUE(Put().ok());
    ASSERT_EQ(Written()["manifests"].size(), 1u);
    EXPECT_EQ(Written()["manifests"][0]["digest"], signature.digest.str());
  }
}

// It keeps the image there, whoever has set it.
TEST_F(ReferrersTagTest, IsNotOverwrittenWhereItIsATagOfTheSubject) {
  const TestImage image = MakeImage(ImageSpec());
  SignFor(image.ToDescriptor());
  index = Answer(200, {{"content-type", image.manifest.media_type}}, image.manifest.content);
  tags = {"1.0", ReferrersTag(image.manifest.digest)};
  EXPECT_TRUE(absl::IsFailedPrecondition(Put()));
  EXPECT_THAT(Methods(), ElementsAre("PUT", "GET", "GET")) << "the manifest alone is written";
}

// Else what others wrote would be lost.
TEST_F(ReferrersTagTest, IsNotBegunAnewForThePageOfAProxy) {
  index = ProxysPage();
  EXPECT_TRUE(absl::IsUnavailable(Put()));
  EXPECT_EQ(transport.Requests().front().method, "PUT") << "the manifest";
  EXPECT_THAT(Methods(), ElementsAre("PUT", "GET", "GET"));
}

TEST_F(ReferrersTagTest, KeepsWhatOthersWrote) {
  nlohmann::json there = nlohmann::json::parse(Index("other"));
  there["annotations"] = {{"kept", "yes"}};
  index = IndexAnswer(there.dump());
  ASSERT_TRUE(Put().ok());
  EXPECT_EQ(Written()["annotations"], there["annotations"]);
  ASSERT_EQ(Written()["manifests"].size(), 2u);
  EXPECT_EQ(Written()["manifests"][0], there["manifests"][0]);
  EXPECT_EQ(Written()["manifests"][1]["digest"], signature.digest.str());
}

// distribution 2.8 after garbage-collect --delete-untagged: it refuses an index that names what is
// gone.
class PrunedReferrersTagTest : public ReferrersTagTest {
 protected:
  PrunedReferrersTagTest() {
    nlohmann::json list = nlohmann::json::parse(Index("kept"));
    list["manifests"].push_back(nlohmann::json::parse(Index("other"))["manifests"][0]);
    list["annotations"] = {{"kept", "yes"}};
    index = IndexAnswer(list.dump());
    answer = [this](const SentRequest& request) {
      if (request.method == "HEAD") return AnswerAbout(request.url);
      const bool of_tag = absl::StrContains(request.url, tag);
      if (request.method == "GET") return of_tag ? index : Answer(503);
      return of_tag && absl::StrContains(request.body, Other()) ? Missing() : Answer(201);
    };
  }

  static std::string Other() { return Digest::OfBytes("other").str(); }

  static HttpResponse Missing() {
    return Answer(400, {}, R"({"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]})");
  }

  HttpResponse AnswerAbout(const std::string& url) const {
    if (absl::StrContains(url, Other())) return about_other;
    return Answer(200, {{"content-type", std::string(media_type::kOciManifest)},
                        {"docker-content-digest", url.substr(url.rfind('/') + 1)},
                        {"content-length", "1"}});
  }

  HttpResponse about_other = Absent();
};

TEST_F(PrunedReferrersTagTest, LosesWhatTheRegistryNoLongerHas) {
  ASSERT_TRUE(Put().ok());
  ASSERT_EQ(Written()["manifests"].size(), 2u);
  EXPECT_EQ(Written()["manifests"][0]["digest"], Digest::OfBytes("kept").str());
  EXPECT_EQ(Written()["manifests"][0]["artifactType"], "application/kept");
  EXPECT_EQ(Written()["manifests"][1]["digest"], signature.digest.str());
  EXPECT_EQ(Written()["annotations"]["kept"], "yes");
}

TEST_F(PrunedReferrersTagTest, LosesNothingThatCanNotBeRead) {
  for (const HttpResponse& unreadable : {Answer(503), Answer(403), ProxysPage()}) {
    about_other = unreadable;
    const absl::Status status = Put();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(":sha256-"), HasSubstr("MANIFEST_BLOB_UNKNOWN"),
                      HasSubstr("delete the tag")));
    for (const SentRequest& request : transport.Requests()) {
      const bool is_list = request.method == "PUT" && absl::StrContains(request.url, tag);
      EXPECT_TRUE(!is_list || absl::StrContains(request.body, Other()));
    }
  }
}

TEST_F(PrunedReferrersTagTest, KeepsAllWhereTheRegistryTakesIt) {
  answer = [this](const SentRequest& request) {
    if (request.method != "PUT") return index;
    return Answer(201);
  };
  ASSERT_TRUE(Put().ok());
  EXPECT_THAT(Methods(), ElementsAre("PUT", "GET", "PUT"));
  EXPECT_EQ(Written()["manifests"].size(), 3u);
}

TEST_F(ReferrersTagTest, StaysAsItIsWhereTheManifestIsListed) {
  ASSERT_TRUE(Put().ok());
  index = IndexAnswer(transport.Requests().back().body);
  ASSERT_TRUE(Put().ok());
  EXPECT_THAT(Methods(), ElementsAre("PUT", "GET", "PUT", "PUT", "GET"));
}

TEST_F(ReferrersTagTest, IsNotTouchedWhereTheRegistryTakesNotice) {
  put = Answer(201, {{"oci-subject", subject.str()}});
  ASSERT_TRUE(Put().ok());
  EXPECT_THAT(Methods(), ElementsAre("PUT"));
}

TEST_F(ReferrersTagTest, IsNotTouchedForAManifestWithoutSubject) {
  ImageSpec spec;
  spec.annotations = {{"subject", "only a word"}};
  signature = MakeImage(spec).manifest;
  ASSERT_TRUE(Put().ok());
  EXPECT_THAT(Methods(), ElementsAre("PUT"));
}

TEST_F(ReferrersTagTest, IsNotOverwrittenWhereItHoldsSomethingElse) {
  const std::string deep = std::string(1 << 20, '[') + std::string(1 << 20, ']');
  for (const HttpResponse& other :
       {Answer(200, {{"content-type", std::string(media_type::kOciManifest)}}, "{}"),
        IndexAnswer(R"({"schemaVersion":2,"manifests":{}})"),
        IndexAnswer(R"({"schemaVersion":2,"manifests":[],"x":)" + deep + "}")}) {
    index = other;
    const absl::Status status = Put();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("remove it"));
    EXPECT_EQ(Methods().back(), "GET");
  }
}

TEST_F(ReferrersTagTest, IsNotOverwrittenWhereItCanNotBeRead) {
  index = Answer(503);
  EXPECT_TRUE(absl::IsUnavailable(Put()));
  EXPECT_THAT(Methods(), ElementsAre("PUT", "GET"));
}

TEST_F(ReferrersTagTest, AFailureToWriteItIsReported) {
  put_of_tag = Answer(403);
  EXPECT_TRUE(absl::IsPermissionDenied(Put()));
}

}  // namespace
}  // namespace imglife
