#include "engine/diff/pin_base.h"

#include "gtest/gtest.h"

#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

struct PinCase {
  const char* name;
  const char* base;
  std::string before;
  std::string after;  // @D stands for the digest
};

const std::string kDigest = "@" + DigestText("a1");

std::string WithDigest(std::string text) {
  for (std::size_t at = 0; (at = text.find("@D", at)) != std::string::npos;) {
    text.replace(at, 2, kDigest);
  }
  return text;
}

class PinBaseCases : public ::testing::TestWithParam<PinCase> {};

TEST_P(PinBaseCases, PinsWhatNamesTheBaseAndNothingElse) {
  const PinCase& c = GetParam();
  EXPECT_EQ(PinBase(c.before, MakeReference(c.base), MakeDigest("a1")), WithDigest(c.after));
}

INSTANTIATE_TEST_SUITE_P(
    PinBase, PinBaseCases,
    ::testing::Values(
        PinCase{"one_line", "r.io/m:3", "FROM r.io/m:3\nRUN x\n", "FROM r.io/m:3@D\nRUN x\n"},
        PinCase{"no_newline_at_the_end", "r.io/m:3", "FROM r.io/m:3", "FROM r.io/m:3@D"},
        PinCase{"name_of_the_stage", "r.io/m:3", "FROM r.io/m:3 AS build",
                "FROM r.io/m:3@D AS build"},
        PinCase{"any_case_and_blanks", "r.io/m:3", "  from\t r.io/m:3  as b ",
                "  from\t r.io/m:3@D  as b "},
        PinCase{"platform", "r.io/m:3", "FROM --platform=$BUILDPLATFORM r.io/m:3",
                "FROM --platform=$BUILDPLATFORM r.io/m:3@D"},
        PinCase{"several_flags", "r.io/m:3", "FROM --platform=x --new=y r.io/m:3",
                "FROM --platform=x --new=y r.io/m:3@D"},
        PinCase{"carriage_returns", "r.io/m:3", "FROM r.io/m:3\r\nRUN x\r\n",
                "FROM r.io/m:3@D\r\nRUN x\r\n"},
        PinCase{"every_stage", "r.io/m:3", "FROM r.io/m:3 AS a\nFROM r.io/m:3\n",
                "FROM r.io/m:3@D AS a\nFROM r.io/m:3@D\n"},
        PinCase{"empty_lines_stay", "r.io/m:3", "\n\nFROM r.io/m:3\n\n\n",
                "\n\nFROM r.io/m:3@D\n\n\n"},
        PinCase{"short_name_of_docker_hub", "alpine:3", "FROM alpine:3",
                "FROM docker.io/library/alpine:3@D"},
        PinCase{"no_tag_is_latest", "r.io/m:latest", "FROM r.io/m", "FROM r.io/m:latest@D"},
        PinCase{"no_tag_is_no_other", "r.io/m:3", "FROM r.io/m", "FROM r.io/m"},
        PinCase{"another_digest", "r.io/m:3", "FROM r.io/m:3@" + DigestText("ff"),
                "FROM r.io/m:3@D"},
        PinCase{"digest_without_tag", "r.io/m:latest", "FROM r.io/m@" + DigestText("ff"),
                "FROM r.io/m@" + DigestText("ff")},
        PinCase{"another_tag", "r.io/m:3", "FROM r.io/m:3.1", "FROM r.io/m:3.1"},
        PinCase{"another_repository", "r.io/m:3", "FROM r.io/m/x:3", "FROM r.io/m/x:3"},
        PinCase{"variable", "r.io/m:3", "ARG B=r.io/m:3\nFROM $B\n", "ARG B=r.io/m:3\nFROM $B\n"},
        PinCase{"comment", "r.io/m:3", "# FROM r.io/m:3\n", "# FROM r.io/m:3\n"},
        PinCase{"other_instruction", "r.io/m:3", "COPY --from=r.io/m:3 / /\nRUN FROM r.io/m:3\n",
                "COPY --from=r.io/m:3 / /\nRUN FROM r.io/m:3\n"},
        PinCase{"longer_word", "r.io/m:3", "FROMX r.io/m:3\n", "FROMX r.io/m:3\n"},
        PinCase{"stage_of_that_name", "alpine:latest", "FROM r.io/x:1 AS alpine\nFROM Alpine\n",
                "FROM r.io/x:1 AS alpine\nFROM Alpine\n"},
        PinCase{"stage_named_later", "alpine:latest", "FROM alpine AS a\nFROM r.io/x AS alpine\n",
                "FROM docker.io/library/alpine:latest@D AS a\nFROM r.io/x AS alpine\n"},
        PinCase{"continued", "r.io/m:3", "FROM \\ \n # why\n  r.io/m:3 \\\n AS a\nFROM a\n",
                "FROM \\ \n # why\n  r.io/m:3@D \\\n AS a\nFROM a\n"},
        PinCase{"other_escape", "r.io/m:3", "# escape=`\nRUN a `\nFROM r.io/m:3\nFROM `\nr.io/m:3",
                "# escape=`\nRUN a `\nFROM r.io/m:3\nFROM `\nr.io/m:3@D"},
        PinCase{"continued_run", "r.io/m:3", "RUN a \\\n# b\n\nFROM r.io/m:3\nFROM r.io/m:3\n",
                "RUN a \\\n# b\n\nFROM r.io/m:3\nFROM r.io/m:3@D\n"},
        PinCase{"here_document", "r.io/m:3",
                "COPY <<-'A' <<B /x\nFROM r.io/m:3\n\tA\nFROM r.io/m:3\nB\nFROM r.io/m:3\n",
                "COPY <<-'A' <<B /x\nFROM r.io/m:3\n\tA\nFROM r.io/m:3\nB\nFROM r.io/m:3@D\n"},
        PinCase{"document_without_end", "r.io/m:3", "RUN <<A\nFROM r.io/m:3\n",
                "RUN <<A\nFROM r.io/m:3\n"},
        PinCase{"nothing_named", "r.io/m:3", "FROM\nFROM --platform=x\n",
                "FROM\nFROM --platform=x\n"},
        PinCase{"nothing", "r.io/m:3", "", ""}),
    [](const ::testing::TestParamInfo<PinCase>& tested) { return tested.param.name; });

TEST(PinBase, NamesTheTagInFullIfThereIsNoDigest) {
  EXPECT_EQ(PinBase("FROM alpine:3@" + DigestText("ff") + " AS a\n", MakeReference("alpine:3"), {}),
            "FROM docker.io/library/alpine:3 AS a\n");
}

TEST(NameBase, PutsTheNameInThePlaceOfTheBase) {
  const Reference base = MakeReference("ocidir://m/alpine:3");
  EXPECT_EQ(NameBase("FROM --platform=$BUILDPLATFORM ocidir://./m/alpine:3 AS a\n"
                     "FROM ocidir://m/alpine:3@" +
                         DigestText("a1") +
                         "\n"
                         "FROM a\nFROM ocidir://m/alpine:4\nCOPY --from=a x ocidir://m/alpine:3\n",
                     base, "localhost/base"),
            "FROM --platform=$BUILDPLATFORM localhost/base AS a\nFROM localhost/base\nFROM a\n"
            "FROM ocidir://m/alpine:4\nCOPY --from=a x ocidir://m/alpine:3\n");
}

TEST(FindFinalImage, FollowsTheStagesThatTheLastFromNames) {
  const Reference base = MakeReference("r.io/m:3");
  const auto find = [&](const std::string& dockerfile) {
    const FinalImage found = FindFinalImage(dockerfile, base);
    return found.name + (found.is_base ? " (base)" : "");
  };
  EXPECT_EQ(find("FROM r.io/x:1 AS a\nFROM r.io/m:3@" + DigestText("a1")),
            "r.io/m:3@" + DigestText("a1") + " (base)");
  EXPECT_EQ(find("FROM r.io/m:3 AS a\nFROM r.io/x:1\n"), "r.io/x:1");
  EXPECT_EQ(find("FROM r.io/m:3 AS a\nFROM r.io/x:1 AS b\nFROM A AS c\nFROM c"), "r.io/m:3 (base)");
  EXPECT_EQ(find("ARG B\nFROM $B\n"), "$B");
  for (const char* none : {"", "# FROM r.io/m:3\n", "RUN x\n", "FROM\n", "FROM --platform=x\n"}) {
    EXPECT_EQ(find(none), "") << none;
  }
}

TEST(LayoutBesideBase, IsTheFirstOfAFrom) {
  const Reference base = MakeReference("ocidir://m/alpine:3");
  EXPECT_EQ(LayoutBesideBase("FROM ocidir://m/alpine:3\n# FROM ocidir://x:1\nFROM r.io/x\n", base),
            "");
  EXPECT_EQ(LayoutBesideBase("FROM scratch\nFROM ocidir://x:1 AS x\nFROM ocidir://y:1\n", base),
            "ocidir://x:1");
}

}  // namespace
}  // namespace imglife
