// Registries behind TLS, which speak HTTP/2: a whole run, and how many connections it takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/counting_relay.h"
#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr int kTags = 12;

// The servers with TLS keep the same images as those without, to which the test speaks.
class TlsTest : public RegistriesTest {
 protected:
  TlsTest() {
    environment_["IMGLIFE_REGISTRY_ENDPOINT_UPSTREAM_TEST"] = "https://" + to_upstream_.host();
    environment_["IMGLIFE_REGISTRY_ENDPOINT_PRIVATE_TEST"] = "https://" + to_private_.host();
    environment_["SSL_CERT_FILE"] = certificate_.certificate_file();
    Configure(R"(sync:
  entries:
    - source: upstream.test/library/alpine
      target: private.test/mirrors/alpine
      tag_regex: '.'
      check_digest: true
)");
    for (int i = 0; i < kTags; ++i) {
      const std::string tag = "3." + std::to_string(i);
      images_.push_back(Push(upstream_, kUpstream, tag));
    }
  }

  std::vector<TestImage> images_;
  TestCertificate certificate_;
  DockerRegistry tls_upstream_{{.certificate = &certificate_, .images_of = &upstream_}};
  DockerRegistry tls_private_{{.certificate = &certificate_, .images_of = &private_}};
  CountingRelay to_upstream_{tls_upstream_.port()};
  CountingRelay to_private_{tls_private_.port()};
};

TEST_F(TlsTest, AMirrorRunTakesOneConnectionToEachRegistry) {
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  for (const TestImage& image : images_) EXPECT_TRUE(HasAll(private_, kMirror, image));
  EXPECT_EQ(to_upstream_.connections(), 1);
  EXPECT_EQ(to_private_.connections(), 1);
  for (const DockerRegistry* server : {&tls_upstream_, &tls_private_}) {
    EXPECT_THAT(server->Protocols(), AllOf(Not(IsEmpty()), Each("HTTP/2.0")));
  }

  const ImglifeRun second = Run({"plan", "--detailed-exitcode"});
  EXPECT_THAT(second, ExitsWith(0));
  EXPECT_THAT(second.out, HasSubstr(kNoChanges));
  EXPECT_EQ(to_private_.connections(), 2);
}

TEST_F(TlsTest, ADeletionTakesTheWordOfNobodyElse) {
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  environment_.erase("SSL_CERT_FILE");
  Configure(
      "sync:\n  entries:\n    - {source: upstream.test/library/alpine, target: "
      "private.test/mirrors/alpine, tag: '3.0'}\nretention: {keep_last: 0}\n");
  const ImglifeRun untrusted = Run({"cleanup"});
  EXPECT_THAT(untrusted, ExitsWith(1));
  EXPECT_THAT(untrusted.err, HasSubstr("certificate"));
  EXPECT_THAT(Tags(private_, kMirror), SizeIs(kTags));

  environment_["SSL_CERT_FILE"] = certificate_.certificate_file();
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, kMirror), ElementsAre("3.0"));
}

}  // namespace
}  // namespace imglife
