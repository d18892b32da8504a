#include <optional>
#include <string>
#include <vector>

#include "fmt/format.h"

#include "engine/apply/build_preparation.h"
#include "engine/apply/copy_image.h"
#include "engine/apply/executors.h"
#include "engine/apply/journaled.h"
#include "engine/apply/precondition.h"
#include "engine/observe/builder_needs.h"
#include "engine/observe/read_images.h"
#include "providers/files.h"

namespace imglife {
namespace {

const std::string kInputsLabel(annotation::kInputs);

class BuildExecution {
 public:
  BuildExecution(const Action& action, const ExecutionContext& context, const PreparedBuild& build)
      : action_(action), context_(context), build_(build) {}

  ActionResult Run() {
    if (!action_.after.empty() && build_.inputs.digest.str() != action_.after) {
      return {.state = ResultState::kBlocked,
              .guard = "drift",
              .message = fmt::format(
                  "the inputs changed since the plan was made (files of {}, or EOL data); "
                  "plan again",
                  context_.config->build->images[action_.build.image].folder_as_written)};
    }
    const auto now = TagNow(context_.registry->Fresh(), Image());
    if (const auto settled = SettledByInputs(now)) return *settled;
    if (context_.dry_run) return {.state = ResultState::kOk, .message = "would be built"};
    return BuildJournaled(*now);
  }

 private:
  const Reference& Image() const { return build_.request.image; }

  // The table of plan-apply.md, with "equal to `after`" judged by the label that builds leave.
  std::optional<ActionResult> SettledByInputs(const absl::StatusOr<std::string>& now) {
    if (!now.ok()) return Failed(now.status());
    const bool must_build = !action_.after.empty() || action_.build.forced;
    if (*now == action_.before && must_build) return std::nullopt;
    if (*now != kAbsent) {
      const auto there = ReadImage(*context_.registry, Image().repository, *now);
      if (!there.ok()) return Failed(there.status());
      if (there->Label(kInputsLabel) == build_.inputs.digest.str()) {
        return ActionResult{.state = ResultState::kSatisfied, .message = "", .now = *now};
      }
    }
    if (*now == action_.before) return std::nullopt;
    return BlockedByDrift(action_.before, *now);
  }

  ActionResult BuildJournaled(const std::string& now) {
    std::vector<ManifestBytes> replaced;
    if (now != kAbsent) {
      auto manifests = ManifestsOf(*context_.registry, Image().repository, now);
      if (!manifests.ok()) return Failed(manifests.status());
      replaced = *std::move(manifests);
    }
    return last_look_.Outcome(
        Journaled(action_, context_, now, replaced, [&] { return BuildAndCheck(); }));
  }

  absl::StatusOr<std::string> BuildAndCheck() {
    const absl::Status fits = CheckBase(build_, *context_.registry);
    if (!fits.ok()) return fits;
    const BuildSection& section = *context_.config->build;
    const auto builder =
        context_.world->builder(NeedsOf(section, section.images[action_.build.image]));
    if (!builder.ok()) return builder.status();
    const bool into_layout = Image().repository.kind == Repository::Kind::kOciDir;
    const absl::Status built = into_layout ? BuildIntoLayout(**builder) : BuildAndPush(**builder);
    context_.registry->Changed(Image().repository);
    if (!built.ok() && !last_look_.FoundSatisfied()) {
      const absl::Status made = last_look_.TakeAfter(built);
      if (!made.ok()) return made;
    }
    const auto there = ReadImage(*context_.registry, Image().repository, Image().tag);
    if (!there.ok()) return there.status();
    if (there->Label(kInputsLabel) != build_.inputs.digest.str()) {
      return absl::AbortedError(fmt::format(
          "{} does not carry this build's label after the push; something else writes it",
          action_.target));
    }
    return there->digest.str();
  }

  absl::Status BuildAndPush(Builder& builder) {
    BuildRequest request = build_.request;
    request.before_push = [this] { return last_look_.Take(); };
    return builder.BuildAndPush(request);
  }

  // The program writes a layout of its own, and what is in it is copied: only we lock the one that
  // others use too, and look at its tag last.
  absl::Status BuildIntoLayout(Builder& builder) {
    const auto directory = TemporaryDirectory::Create("imglife-result");
    if (!directory.ok()) return directory.status();
    BuildRequest request = build_.request;
    request.result_layout = directory->path() + "/layout";
    const absl::Status built = builder.BuildAndPush(request);
    if (!built.ok()) return built;
    const Repository result{
        .kind = Repository::Kind::kOciDir, .host = "", .path = request.result_layout};
    const auto made = context_.registry->Fresh().Resolve(result, std::string(kResultTag));
    if (!made.ok()) return made.status();
    const CopyRequest copy{.source = result,
                           .digest = made->digest,
                           .target = Image().repository,
                           .target_tag = Image().tag,
                           .platforms = {},
                           .before_tag = [this] { return last_look_.Take(); }};
    return CopyImage(*context_.registry, *context_.blobs, *context_.manifests, copy, *context_.stop)
        .status();
  }

  const Action& action_;
  const ExecutionContext& context_;
  const PreparedBuild& build_;
  LastLook last_look_{
      [this] { return SettledByInputs(TagNow(context_.registry->Fresh(), Image())); }};
};

}  // namespace

ActionResult ExecuteBuild(const Action& action, const ExecutionContext& context) {
  // Its base is another image that would be built.
  if (context.dry_run && action.build.base.digest.empty()) {
    return {.state = ResultState::kOk, .message = "would be built"};
  }
  const auto build =
      PrepareBuild(action, *context.config, *context.plan, *context.registry, *context.world);
  if (!build.ok()) return Failed(build.status());
  return BuildExecution(action, context, *build).Run();
}

}  // namespace imglife
