// Signatures, SBOMs and attestations come along with the images of entries with `referrers`, and
// into the archive; they go with an image if its plan has shown them.
#include <functional>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/breaking_proxy.h"
#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/golden.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

// docker-registry 2.8 has no referrers API: both sides use the fallback tag.
class ReferrersTest : public RegistriesTest {
 protected:
  void SetUp() override {
    image_ = Push(upstream_, kUpstream, "3.24.1");
    sbom_ = Refer(upstream_, kUpstream, MakeReferrer(image_.ToDescriptor(), "sbom"));
    of_sbom_ = Refer(upstream_, kUpstream, MakeReferrer(sbom_.ToDescriptor(), "signed sbom"));
    signature_ = Sign(upstream_, kUpstream, image_.manifest.digest, {"alice"});
    of_part_ = Sign(upstream_, kUpstream, image_.children.at(1).digest, {"part"}, ".att");
    old_sbom_ = Sign(upstream_, kUpstream, image_.manifest.digest, {"contents"}, ".sbom");
    Configure(Entries("$UPSTREAM/library/alpine", "$PRIVATE/mirrors/alpine"));
  }

  static std::string Entries(const std::string& source, const std::string& target) {
    return "sync:\n  entries:\n    - source: " + source + "\n      target: " + target +
           "\n      tag_regex: '.'\n      referrers: true\n";
  }

  TestImage Refer(const DockerRegistry& server, const std::string& path,
                  const TestImage& referrer) {
    return Push(server, path, referrer.manifest.digest.str(), referrer);
  }

  TestImage Sign(const DockerRegistry& server, const std::string& path, const Digest& subject,
                 const std::vector<std::string>& signers, const std::string& ending = ".sig") {
    return Push(server, path, TagOf(subject, ending), MakeSignatures(signers));
  }

  std::vector<Digest> Referrers(const DockerRegistry& server, const std::string& path,
                                const TestImage& subject) {
    const auto listed = registry().ListReferrers(server.At(path), subject.manifest.digest);
    EXPECT_TRUE(listed.ok()) << listed.status();
    std::vector<Digest> digests;
    for (const Descriptor& referrer : listed.value_or(std::vector<Descriptor>())) {
      digests.push_back(referrer.digest);
    }
    return digests;
  }

  void ExpectAll(const std::string& path) {
    for (const TestImage& each : {image_, sbom_, of_sbom_, signature_, of_part_, old_sbom_}) {
      EXPECT_TRUE(HasAll(private_, path, each));
    }
    EXPECT_THAT(Referrers(private_, path, image_), Contains(sbom_.manifest.digest));
    EXPECT_THAT(Referrers(private_, path, sbom_), ElementsAre(of_sbom_.manifest.digest));
    EXPECT_EQ(DigestOf(private_, path, TagOf(image_.manifest.digest, ".sig")),
              signature_.manifest.digest.str());
    EXPECT_EQ(DigestOf(private_, path, TagOf(image_.children.at(1).digest, ".att")),
              of_part_.manifest.digest.str());
    EXPECT_EQ(DigestOf(private_, path, TagOf(image_.manifest.digest, ".sbom")),
              old_sbom_.manifest.digest.str());
  }

  // The manifests that the journal has of the last change announced with this address.
  std::vector<std::string> JournaledOf(const std::string& address) {
    std::vector<std::string> digests;
    std::istringstream lines(ReadTestFile(Path(".imglife/journal.ndjson")));
    for (std::string line; std::getline(lines, line);) {
      const auto event = nlohmann::json::parse(line);
      if (event["event"] != "intent" || event["address"] != address) continue;
      digests.clear();
      for (const auto& manifest : event["manifests"]) {
        digests.push_back(manifest["digest"].get<std::string>());
      }
    }
    return digests;
  }

  TestImage image_;
  TestImage sbom_;
  TestImage of_sbom_;
  // As cosign attached them before there were referrers.
  TestImage old_sbom_;
  TestImage signature_;
  TestImage of_part_;
};

TEST_F(ReferrersTest, ComeAlongAndASecondPlanIsEmpty) {
  const ImglifeRun plan = Run({"plan"});
  EXPECT_THAT(plan.out, HasSubstr("5 referrers"));
  EXPECT_THAT(plan.out, Not(HasSubstr(".sig")));
  ASSERT_THAT(Run({"apply", "--auto-approve"}), ExitsWith(0));
  ExpectAll(kMirror);
  const ImglifeRun second = Run({"plan", "--detailed-exitcode"});
  EXPECT_THAT(second, ExitsWith(0));
  EXPECT_THAT(second.out, HasSubstr(kNoChanges));
}

TEST_F(ReferrersTest, TheNameComesLast) {
  NewWrites(private_);
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_THAT(NewWrites(private_).back(), HasSubstr("/manifests/3.24.1"));
}

TEST_F(ReferrersTest, ANewSignatureUpstreamIsAChange) {
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  signature_ = Sign(upstream_, kUpstream, image_.manifest.digest, {"alice", "bob"});
  const TestImage late = Refer(upstream_, kUpstream, MakeReferrer(of_sbom_.ToDescriptor(), "late"));
  const ImglifeRun plan = Run({"plan", "--detailed-exitcode"});
  EXPECT_THAT(plan, ExitsWith(2));
  EXPECT_THAT(plan.out, AllOf(HasSubstr("the image stays · 2 referrers more upstream"),
                              HasSubstr("+ signature " + signature_.manifest.digest.Short()),
                              HasSubstr("+ application/spdx+json " + late.manifest.digest.Short()),
                              HasSubstr("Plan: 0 to add, 1 to change, 0 to destroy.")));
  ASSERT_THAT(Run({"plan", "--out", "saved.json"}), ExitsWith(0));
  EXPECT_THAT(Run({"apply", "saved.json"}), ExitsWith(0));
  ExpectAll(kMirror);
  EXPECT_THAT(Referrers(private_, kMirror, of_sbom_), ElementsAre(late.manifest.digest));
  const ImglifeRun again = Run({"apply", "saved.json"});
  EXPECT_THAT(again, ExitsWith(0));
  EXPECT_THAT(again.out + again.err, HasSubstr("1 already so"));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

TEST_F(ReferrersTest, ASignatureThatIsReplacedIsInTheJournal) {
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  const std::string tag = TagOf(image_.manifest.digest, ".sig");
  const std::string address = "copy " + private_.host() + "/" + kMirror + ":" + tag;
  EXPECT_THAT(JournaledOf(address), IsEmpty()) << "nothing was there";
  const std::string first = signature_.manifest.digest.str();
  signature_ = Sign(upstream_, kUpstream, image_.manifest.digest, {"alice", "bob"});
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  ExpectAll(kMirror);
  EXPECT_THAT(JournaledOf(address), ElementsAre(first));
}

TEST_F(ReferrersTest, OfAnImageWithTwoNamesAreWrittenOnce) {
  Push(upstream_, kUpstream, "3.24", image_);
  NewWrites(private_);
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  ExpectAll(kMirror);
  const std::vector<std::string> writes = NewWrites(private_);
  for (const std::string& name :
       {TagOf(image_.manifest.digest, ".sig"), TagOf(image_.children.at(1).digest, ".att"),
        sbom_.manifest.digest.str(), of_sbom_.manifest.digest.str()}) {
    EXPECT_THAT(writes, Contains(HasSubstr("/manifests/" + name + " ")).Times(1));
  }
}

TEST_F(ReferrersTest, WhatOthersAttachedToTheMirrorStays) {
  Push(private_, kMirror, "3.24.1", image_);
  const TestImage own = Refer(private_, kMirror, MakeReferrer(image_.ToDescriptor(), "own scan"));
  Sign(private_, kMirror, image_.manifest.digest, {"alice", "our own"});
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_THAT(Referrers(private_, kMirror, image_),
              UnorderedElementsAre(own.manifest.digest, sbom_.manifest.digest));
  EXPECT_EQ(DigestOf(private_, kMirror, TagOf(image_.manifest.digest, ".sig")),
            MakeSignatures({"alice", "our own"}).manifest.digest.str());
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

TEST_F(ReferrersTest, FewRequestsWhereNothingIsNew) {
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  ForgetRequests();
  ASSERT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  // The list, the fallback tags of eight manifests, three of cosign's tags; and the API that isn't
  // there, for which those that are looked at together all may ask.
  EXPECT_LE(NewRequests(upstream_).size(), 15u);
  // The list and the image; of the manifests to which something refers what the source has too.
  EXPECT_EQ(NewRequests(private_).size(), 8u);

  Configure(
      "sync:\n  entries:\n    - {source: $UPSTREAM/library/alpine, target: "
      "$PRIVATE/mirrors/alpine, tag: 3.24.1}\n");
  ASSERT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  EXPECT_THAT(NewRequests(private_), ElementsAre(HasSubstr("/tags/list")));
}

TEST_F(ReferrersTest, WithoutThemThereIsNoName) {
  const BreakingProxy broken(private_.host(), [](int, const std::string& line) {
    return line.rfind("PUT ", 0) == 0 && line.find("/manifests/sha256-") != std::string::npos
               ? Fault::kUnavailable
               : Fault::kNone;
  });
  Configure(Entries("$UPSTREAM/library/alpine", broken.host() + "/mirrors/alpine"));
  EXPECT_THAT(Run({"apply"}), ExitsWith(1));
  EXPECT_EQ(DigestOf(private_, kMirror, "3.24.1"), "");
  Configure(Entries("$UPSTREAM/library/alpine", "$PRIVATE/mirrors/alpine"));
  EXPECT_THAT(Run({"apply"}), ExitsWith(0));
  ExpectAll(kMirror);
}

// A layout on disk lists referrers itself, as the API does: without fallback tags.
TEST_F(ReferrersTest, ThroughALayoutAndBack) {
  Configure(Entries("$UPSTREAM/library/alpine", "ocidir://layout"));
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  Configure(Entries("ocidir://layout", "$PRIVATE/mirrors/alpine"));
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  ExpectAll(kMirror);
}

TEST_F(ReferrersTest, OfThePlatformsThatAreCopied) {
  Configure(Entries("$UPSTREAM/library/alpine", "$PRIVATE/mirrors/alpine") +
            "      check_digest: true\n      platforms: [linux/arm64]\n");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_TRUE(HasAll(private_, kMirror, of_part_));
  EXPECT_EQ(DigestOf(private_, kMirror, sbom_.manifest.digest.str()), "")
      << "it refers to the whole index, which isn't there";
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

// Of an image that is deleted.
class DeletedReferrersTest : public ReferrersTest {
 protected:
  void SetUp() override {
    ReferrersTest::SetUp();
    ASSERT_THAT(Run({"apply"}), ExitsWith(0));
    Push(private_, kMirror, "kept", Image("kept"));
    ConfigureDeletion("");
  }

  void ConfigureDeletion(const std::string& archive) {
    Configure(R"(sync:
  entries:
    - {source: $PRIVATE/elsewhere, target: $PRIVATE/mirrors/alpine, tag: kept}
retention:
  keep_last: 0
)" + archive);
  }

  // Saves a plan, lets `attach` happen, and applies it: nothing goes, for `why`.
  void ExpectKept(const std::function<void()>& attach, const std::string& why) {
    ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
    attach();
    NewWrites(private_);
    const ImglifeRun run = Run({"apply", "plan.json"});
    EXPECT_THAT(run, ExitsWith(3));
    EXPECT_THAT(run.out, HasSubstr("0 destroyed; 0 already so, 0 failed, 0 skipped, 1 blocked"));
    EXPECT_THAT(run.err,
                AllOf(HasSubstr("blocked (drift)"), HasSubstr(why), HasSubstr("plan again")));
    EXPECT_THAT(NewWrites(private_), IsEmpty());
    ExpectAll(kMirror);
  }

  // What was seen goes.
  void ExpectGone() {
    ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
    ASSERT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
    EXPECT_THAT(Tags(private_, kMirror), ElementsAre("kept"));
    for (const TestImage& each : {image_, sbom_, signature_, of_part_}) {
      EXPECT_EQ(DigestOf(private_, kMirror, each.manifest.digest.str()), "");
    }
  }
};

TEST_F(DeletedReferrersTest, ASignatureThatWasReplacedSinceThePlanKeepsTheImage) {
  const Digest before = signature_.manifest.digest;
  ExpectKept(
      [&] {
        signature_ = Sign(private_, kMirror, image_.manifest.digest, {"alice", "our own"});
      },
      TagOf(image_.manifest.digest, ".sig") +
          " belongs to it and changed since the plan was made: expected " + before.Short());
  ExpectGone();
}

TEST_F(DeletedReferrersTest, ASignatureOfAPartThatCameSinceThePlanKeepsTheImage) {
  const Digest part = image_.children.at(0).digest;
  ExpectKept([&] { Sign(private_, kMirror, part, {"since"}); },
             TagOf(part, ".sig") + " belongs to it and isn't in the plan");
  ExpectGone();
}

// On this registry the list of referrers is a tag too, which changes with them.
TEST_F(DeletedReferrersTest, AnSbomThatCameSinceThePlanKeepsTheImage) {
  TestImage since;
  ExpectKept(
      [&] { since = Refer(private_, kMirror, MakeReferrer(image_.ToDescriptor(), "since")); },
      TagOf(image_.manifest.digest) + " belongs to it and changed since the plan was made");
  EXPECT_TRUE(HasAll(private_, kMirror, since));
  ExpectGone();
  EXPECT_EQ(DigestOf(private_, kMirror, since.manifest.digest.str()), "");
}

class ArchivedReferrersTest : public DeletedReferrersTest {
 protected:
  void SetUp() override {
    DeletedReferrersTest::SetUp();
    ConfigureDeletion("  archive: {enabled: true, keep_days: 90, registry: $PRIVATE/archive}\n");
  }
};

TEST_F(ArchivedReferrersTest, GoIntoTheArchiveBeforeTheImageIsNamedThere) {
  const ImglifeRun plan = Run({"plan"});
  EXPECT_THAT(plan.out, HasSubstr("with its signatures, SBOMs and attestations"));
  NewWrites(private_);
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  ExpectAll(kArchived);
  EXPECT_THAT(Tags(private_, kMirror), ElementsAre("kept"));
  std::vector<std::string> archived = NewWrites(private_);
  std::erase_if(archived,
                [](const std::string& line) { return line.find(kArchived) == std::string::npos; });
  EXPECT_THAT(archived.back(), HasSubstr("/manifests/3.24.1"));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));

  // The date is still there, and everything goes when its time is over.
  environment_["IMGLIFE_NOW"] = "2027-03-01T00:00:00Z";
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("(archive.keep_days 90)"));
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, kArchived), IsEmpty());
  for (const TestImage& each : {image_, sbom_, of_sbom_, signature_, of_part_}) {
    EXPECT_EQ(DigestOf(private_, kArchived, each.manifest.digest.str()), "");
  }
}

TEST_F(ArchivedReferrersTest, ThatAreNewFollowAnImageThatIsArchivedAlready) {
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  Push(private_, kMirror, "3.24.1", image_);
  const TestImage late = Refer(private_, kMirror, MakeReferrer(image_.ToDescriptor(), "late"));
  EXPECT_THAT(Run({"plan"}).out, AllOf(HasSubstr("archived again before it is deleted"),
                                       HasSubstr(late.manifest.digest.Short())));
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_TRUE(HasAll(private_, kArchived, late));
  EXPECT_THAT(Referrers(private_, kArchived, image_), Contains(late.manifest.digest));
  EXPECT_THAT(Tags(private_, kMirror), ElementsAre("kept"));
}

TEST_F(ArchivedReferrersTest, ASignatureThatIsReplacedInTheArchiveIsInTheJournal) {
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  const std::string first = signature_.manifest.digest.str();
  Push(private_, kMirror, "3.24.1", image_);
  signature_ = Sign(private_, kMirror, image_.manifest.digest, {"alice", "bob"});
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  ExpectAll(kArchived);
  EXPECT_THAT(JournaledOf("archive " + private_.host() + "/" + kArchived + ":" +
                          TagOf(image_.manifest.digest, ".sig")),
              ElementsAre(first));
}

TEST_F(ArchivedReferrersTest, WhatIsNotArchivedIsNotDeleted) {
  Push(private_, kArchived, TagOf(image_.manifest.digest, ".sig"), MakeSignatures({"another"}));
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(1));
  ExpectAll(kMirror);
}

}  // namespace
}  // namespace imglife
