#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "engine/diff/eol_after.h"
#include "tests/engine/diff/scene.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

EolCycle Cycle(const std::string& name, absl::CivilDay eol) {
  EolCycle cycle;
  cycle.cycle = name;
  cycle.eol = DateOrBool{eol, false};
  return cycle;
}

// kNow is on this day.
constexpr absl::CivilDay kToday(2026, 5, 28);
constexpr absl::CivilDay kFar(2030, 1, 1);

// The images follow.
constexpr char kMirroredAlpine[] = R"(
sync:
  entries:
    - {source: alpine, target: r.io/m, tag: '3.1', lifecycle: {product: alpine}}
build:
  core_version: '1'
  registry: r.io/bases
)";

class DiffEolOfAlpine : public ::testing::Test {
 protected:
  DiffEolOfAlpine() {
    scene_.observed.eol_file_in_work_tree = true;
    Fetched("alpine", {Cycle("3.2", kFar), Cycle("3.1", kFar)});
  }

  void Fetched(const std::string& product, const EolCycles& cycles) {
    scene_.observed.eol.insert_or_assign(product, cycles);
  }

  void File(const std::string& product, const EolCycles& cycles) {
    scene_.observed.eol_file.products[product] = cycles;
    scene_.observed.eol_file_content = WriteEolData(scene_.observed.eol_file);
  }

  StageDiff Eol() const { return DiffEol(scene_.config, scene_.Wanted(), scene_.observed, kNow); }

  std::vector<std::string> Details() const {
    std::vector<std::string> lines;
    const StageDiff diff = Eol();
    for (const ActionDetail& detail : diff.actions.at(0).details) {
      lines.push_back(fmt::format("{} {}", detail.symbol, detail.text));
    }
    return lines;
  }

  Scene scene_{
      std::string(kMirroredAlpine) +
      R"(  images: [{name: app, folder: app, type: core, mirror_image: r.io/m, mirror_tag: '3.1'}]
lifecycle: {eol_data_file: data/eol.yaml}
)"};
};

TEST_F(DiffEolOfAlpine, MakesAFileThatIsNotThere) {
  const StageDiff diff = Eol();
  EXPECT_THAT(diff.errors, IsEmpty());
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("commit data/eol.yaml"));
  const Action& commit = diff.actions[0];
  EXPECT_EQ(commit.stage, Stage::kEol);
  EXPECT_EQ(commit.operation, Operation::kCreate);
  EXPECT_EQ(commit.cause, Cause::kUpstream);
  EXPECT_EQ(commit.before, kAbsent);
  EXPECT_EQ(commit.after, Digest::OfBytes(commit.commit.content).str());
  EXPECT_EQ(commit.commit.content, WriteEolData(EolAfterUpdate(scene_.observed)));
  EXPECT_TRUE(commit.commit.content_known);
  EXPECT_THAT(commit.commit.changed, ElementsAre("alpine 3.2", "alpine 3.1"));
  EXPECT_THAT(Details(), ElementsAre("+ alpine   2 cycles, newest 3.2"));
}

// The lifecycle of a mirror tells of its tags, whatever version an image gives itself.
TEST_F(DiffEolOfAlpine, JudgesAnImageByItsBaseUnlessItHasALifecycleOfItsOwn) {
  Scene scene(std::string(kMirroredAlpine) + R"(  images:
    - {name: app, folder: app, type: core, mirror_image: r.io/m, mirror_tag: '3.1', version: '3.2'}
    - {name: own, folder: app, type: core, mirror_image: r.io/m, mirror_tag: '3.1', version: '3.2',
       lifecycle: {product: alpine}}
)");
  const EolData data = EolAfterUpdate(scene_.observed);
  const Desired wanted = scene.Wanted();
  EXPECT_EQ(CycleOfImage(scene.config, wanted.images.at(0), data)->cycle, "3.1");
  EXPECT_EQ(CycleOfImage(scene.config, wanted.images.at(1), data)->cycle, "3.2");
}

TEST_F(DiffEolOfAlpine, LeavesAFileThatSaysTheSame) {
  File("alpine", {Cycle("3.2", kFar), Cycle("3.1", kFar)});
  scene_.observed.eol_file_content = "# written differently\n";
  const StageDiff diff = Eol();
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors, IsEmpty());
}

TEST_F(DiffEolOfAlpine, CommitsAFileThatSaysTheSameAndIsNotCommitted) {
  File("alpine", {Cycle("3.2", kFar), Cycle("3.1", kFar)});
  scene_.observed.eol_file_content = "# written differently\n";
  scene_.observed.eol_file_uncommitted = true;
  const StageDiff diff = Eol();
  EXPECT_THAT(diff.errors, IsEmpty());
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("commit data/eol.yaml"));
  const Action& commit = diff.actions[0];
  EXPECT_EQ(commit.stage, Stage::kEol);
  EXPECT_EQ(commit.commit.content, "# written differently\n");
  EXPECT_EQ(commit.before, Digest::OfBytes("# written differently\n").str());
  EXPECT_EQ(commit.after, commit.before);
  EXPECT_THAT(commit.commit.changed, IsEmpty());
  EXPECT_THAT(commit.remarks, ElementsAre("written already, not committed yet"));
}

TEST_F(DiffEolOfAlpine, CommitsNoFileOfWhichNobodyKnowsWhatItShouldSay) {
  File("alpine", {Cycle("3.2", kFar), Cycle("3.1", kFar)});
  scene_.observed.eol_file_uncommitted = true;
  scene_.config.lifecycle.provider = LifecycleSection::Provider::kLocal;
  EXPECT_THAT(Eol().actions, IsEmpty()) << "it is itself the source";
  scene_.config.lifecycle.provider = LifecycleSection::Provider::kEndOfLife;
  EXPECT_EQ(Eol().actions.size(), 1u);
  scene_.observed.eol.insert_or_assign("alpine", absl::UnavailableError("no answer"));
  EXPECT_THAT(Eol().actions, IsEmpty());
}

TEST_F(DiffEolOfAlpine, WarnsWhereGitCannotTell) {
  File("alpine", {Cycle("3.2", kFar), Cycle("3.1", kFar)});
  scene_.observed.eol_file_uncommitted = absl::FailedPreconditionError("another user's");
  const StageDiff diff = Eol();
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors, IsEmpty());
  EXPECT_THAT(diff.warnings,
              ElementsAre("whether data/eol.yaml is committed can't be told: another user's"));
}

TEST_F(DiffEolOfAlpine, NamesTheCyclesThatChanged) {
  File("alpine", {Cycle("3.1", absl::CivilDay(2029, 1, 1)), Cycle("3.0", kFar)});
  const StageDiff diff = Eol();
  ASSERT_EQ(diff.actions.size(), 1u);
  EXPECT_EQ(diff.actions[0].operation, Operation::kUpdate);
  EXPECT_EQ(diff.actions[0].before, Digest::OfBytes(*scene_.observed.eol_file_content).str());
  EXPECT_EQ(diff.actions[0].reason, "3 cycles changed upstream");
  EXPECT_THAT(Details(), testing::UnorderedElementsAre("+ alpine 3.2   eol 2030-01-01",
                                                       "~ alpine 3.1   eol 2029-01-01 → 2030-01-01",
                                                       HasSubstr("- alpine 3.0")));
}

TEST_F(DiffEolOfAlpine, KeepsProductsThatAreNotFetched) {
  File("by-hand", {Cycle("1", kFar)});
  EXPECT_THAT(Eol().actions.at(0).commit.content, HasSubstr("by-hand"));
  EXPECT_THAT(Details(), ElementsAre("+ alpine   2 cycles, newest 3.2"));
}

TEST_F(DiffEolOfAlpine, KeepsAProductThatFailsAndWritesTheOthers) {
  File("debian", {Cycle("12", kFar)});
  scene_.observed.eol.insert_or_assign("debian", absl::UnavailableError("no answer"));
  const StageDiff diff = Eol();
  ASSERT_EQ(diff.actions.size(), 1u);
  EXPECT_THAT(diff.actions[0].commit.content, HasSubstr("debian"));
  EXPECT_THAT(diff.actions[0].commit.changed, ElementsAre("alpine 3.2", "alpine 3.1"));
  EXPECT_THAT(diff.errors,
              ElementsAre(testing::StrEq(
                  "imglife.yaml: EOL dates of debian could not be fetched, those of the "
                  "file stay: no answer")));
}

TEST_F(DiffEolOfAlpine, WritesNothingIfEverythingFails) {
  scene_.observed.eol.insert_or_assign("alpine", absl::NotFoundError("unknown product"));
  const StageDiff diff = Eol();
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors, ElementsAre(AllOf(
                               testing::StartsWith("imglife.yaml:4:"),
                               testing::EndsWith(": sync.entries[0].lifecycle: EOL dates of alpine "
                                                 "could not be fetched: unknown product"))));
}

TEST_F(DiffEolOfAlpine, WritesNothingOverAFileThatCannotBeRead) {
  scene_.observed.eol_file_status = absl::InvalidArgumentError("data/eol.yaml:3: no map");
  const StageDiff diff = Eol();
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors, ElementsAre(Problem("data/eol.yaml:3: no map")));
}

TEST_F(DiffEolOfAlpine, SaysThatNothingIsCommitted) {
  scene_.observed.eol_file_in_work_tree = false;
  EXPECT_THAT(Eol().actions.at(0).remarks,
              ElementsAre("2 cycles changed", "written, not committed (not in a git work tree)"));
  EXPECT_THAT(Eol().warnings,
              ElementsAre("data/eol.yaml is written and not committed: "
                          "it isn't in a git work tree; lifecycle.git.commit: false says that this "
                          "is meant"));
  scene_.observed.eol_file_in_work_tree = true;
  EXPECT_THAT(Eol().actions.at(0).remarks, ElementsAre("2 cycles changed"));
  EXPECT_THAT(Eol().warnings, IsEmpty());
  scene_.observed.eol_file_in_work_tree = false;
  scene_.config.lifecycle.git.commit = false;
  EXPECT_THAT(
      Eol().actions.at(0).remarks,
      ElementsAre("2 cycles changed", "written, not committed (lifecycle.git.commit is false)"));
  scene_.config.lifecycle.git.commit_by_option = true;
  EXPECT_THAT(Eol().actions.at(0).remarks,
              ElementsAre("2 cycles changed", "written, not committed (--commit is not given)"));
}

TEST_F(DiffEolOfAlpine, RefusesTheStoreThatThisVersionDoesNotHave) {
  scene_.config.lifecycle.target = LifecycleSection::Target::kPackageRegistry;
  const StageDiff diff = Eol();
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("eol_target: pkgregistry isn't available")));
}

TEST_F(DiffEolOfAlpine, AsksForNothingIfNothingWasFetched) {
  scene_.observed.eol.clear();
  File("alpine", {Cycle("3.1", kFar)});
  EXPECT_THAT(Eol().actions, IsEmpty());
  EXPECT_THAT(Eol().errors, IsEmpty());
}

TEST_F(DiffEolOfAlpine, WarnsOfBasesInTheirLastDays) {
  const auto warnings = [this](int days) {
    Fetched("alpine", {Cycle("3.2", kFar), Cycle("3.1", kToday + days)});
    return Eol().warnings;
  };
  EXPECT_THAT(warnings(31), IsEmpty());
  EXPECT_THAT(warnings(30),
              ElementsAre("imglife.yaml: build.images[0]: r.io/bases/app:3.1-core1 stands on "
                          "alpine 3.1, which is critical (EOL 2026-06-27); the newest supported "
                          "cycle is 3.2"));
  EXPECT_THAT(warnings(0), ElementsAre(HasSubstr("which is critical")));
  EXPECT_THAT(warnings(-1), ElementsAre(HasSubstr("which is expired (EOL 2026-05-27)")));
}

TEST_F(DiffEolOfAlpine, WarnsByTheNewDatesAndByThoseOfTheFileWithoutThem) {
  File("alpine", {Cycle("3.1", kToday - 1)});
  EXPECT_THAT(Eol().warnings, IsEmpty());
  scene_.observed.eol.insert_or_assign("alpine", absl::UnavailableError("no answer"));
  EXPECT_THAT(Eol().warnings, ElementsAre(testing::EndsWith("(EOL 2026-05-27)")));
}

TEST_F(DiffEolOfAlpine, DoesNotWarnOfImagesForDevelopment) {
  Fetched("alpine", {Cycle("3.1", kToday - 1)});
  EXPECT_EQ(Eol().warnings.size(), 1u);
  scene_.config.build->images[0].type = ImageType::kSpeDev;
  EXPECT_THAT(Eol().warnings, IsEmpty());
}

}  // namespace
}  // namespace imglife
