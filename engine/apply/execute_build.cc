#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "fmt/format.h"

#include "engine/apply/executors.h"
#include "engine/apply/journaled.h"
#include "engine/apply/precondition.h"
#include "engine/diff/build_inputs.h"
#include "engine/diff/eol_after.h"
#include "engine/observe/observe.h"
#include "providers/files.h"
#include "schema/documents/eol_status.h"

namespace imglife {
namespace {

// What the plan said of the image, as the configuration's part of the work wants it.
DesiredImage ImageOf(const Action& action, const Config& config) {
  const BuildImage& written = config.build->images[action.build.image];
  DesiredImage image;
  image.index = action.build.image;
  image.image = action.TargetReference();
  image.base = {action.build.base.repository, action.build.base.tag, {}};
  image.version = written.version.empty() ? image.base.tag : written.version;
  return image;
}

class BuildExecution {
 public:
  BuildExecution(const Action& action, const ExecutionContext& context)
      : action_(action),
        context_(context),
        config_(*context.config),
        image_(ImageOf(action, *context.config)) {}

  ActionResult Run() {
    absl::Status prepared = PrepareInputs();
    if (!prepared.ok()) return Failed(prepared);
    if (!action_.after.empty() && inputs_.digest.str() != action_.after) {
      return {.state = ResultState::kBlocked,
              .message = fmt::format(
                  "the inputs changed since the plan was made (files of {}, or EOL data); "
                  "plan again",
                  Written().folder_as_written)};
    }
    const auto now = TagNow(context_.registry->Fresh(), image_.image);
    if (const auto settled = SettledByInputs(now)) return *settled;
    if (context_.dry_run) return {.state = ResultState::kOk, .message = "would be built"};
    return BuildJournaled(*now);
  }

 private:
  const BuildImage& Written() const { return config_.build->images[action_.build.image]; }

  absl::Status PrepareInputs() {
    const absl::Status base = FindBaseDigest();
    if (!base.ok()) return base;
    facts_.revision = context_.world->git->HeadCommit(config_.directory).value_or("");
    const absl::Status eol = ReadEolDate();
    if (!eol.ok()) return eol;
    const auto folder = ReadImageFolder(Written());
    if (!folder.ok()) return folder.status();
    auto inputs = ComputeBuildInputs(config_, image_, *folder, facts_);
    if (!inputs.ok()) return inputs.status();
    inputs_ = *std::move(inputs);
    return absl::OkStatus();
  }

  // The planned digest, or that of the base which an action before this one made.
  absl::Status FindBaseDigest() {
    facts_.base_digest = action_.build.base.digest;
    if (!facts_.base_digest.empty()) return absl::OkStatus();
    const auto now = context_.registry->Fresh().Resolve(image_.base.repository, image_.base.tag);
    if (!now.ok()) return now.status();
    facts_.base_digest = now->digest;
    return absl::OkStatus();
  }

  // The date as the plan knew it: that of the planned EOL data if this plan changes the file.
  absl::Status ReadEolDate() {
    if (!Written().lifecycle) return absl::OkStatus();
    std::optional<std::string> content;
    for (const Action& action : context_.plan->actions) {
      if (action.kind == ActionKind::kCommit && action.stage == Stage::kEol) {
        content = action.commit.content;
      }
    }
    if (!content) {
      auto file = ReadFile(config_.lifecycle.eol_data_file);
      if (absl::IsNotFound(file.status())) return absl::OkStatus();
      if (!file.ok()) return file.status();
      content = *std::move(file);
    }
    Findings findings;
    const auto data = ReadEolData(config_.lifecycle.eol_data_file_as_written, *content, findings);
    if (!data) {
      return absl::InvalidArgumentError(fmt::format("{} can't be read; `imglife status` says why",
                                                    config_.lifecycle.eol_data_file_as_written));
    }
    facts_.eol_date = EolDateText(CycleOfImage(config_, image_, *data));
    return absl::OkStatus();
  }

  // The table of plan-apply.md, with "equal to `after`" judged by the label that builds leave.
  std::optional<ActionResult> SettledByInputs(const absl::StatusOr<std::string>& now) {
    if (!now.ok()) return Failed(now.status());
    if (*now == action_.before && !action_.after.empty()) return std::nullopt;
    if (*now != kAbsent) {
      const auto there = ReadImage(*context_.registry, image_.image.repository, *now);
      if (!there.ok()) return Failed(there.status());
      if (there->Label("io.imglife.inputs") == inputs_.digest.str()) {
        return ActionResult{.state = ResultState::kSatisfied, .message = "already so", .now = *now};
      }
    }
    if (*now == action_.before) return std::nullopt;
    return BlockedByDrift(action_.before, *now);
  }

  ActionResult BuildJournaled(const std::string& now) {
    std::vector<ManifestBytes> replaced;
    if (now != kAbsent) {
      auto manifests = ManifestsOf(*context_.registry, image_.image.repository, now);
      if (!manifests.ok()) return Failed(manifests.status());
      replaced = *std::move(manifests);
    }
    return Journaled(action_, context_, now, replaced, [&] { return BuildAndCheck(); });
  }

  absl::StatusOr<std::string> BuildAndCheck() {
    const auto builder = context_.world->builder(
        {.several_platforms = Written().platforms.size() > 1, .sbom = Written().sbom});
    if (!builder.ok()) return builder.status();
    const absl::Status built = (*builder)->BuildAndPush(Request());
    context_.registry->Changed(image_.image.repository);
    if (!built.ok()) return built;
    const auto there = ReadImage(*context_.registry, image_.image.repository, image_.image.tag);
    if (!there.ok()) return there.status();
    if (there->Label("io.imglife.inputs") != inputs_.digest.str()) {
      return absl::AbortedError(fmt::format(
          "{} does not carry this build's label after the push; something else writes it",
          action_.target));
    }
    return there->digest.str();
  }

  BuildRequest Request() const {
    BuildRequest request;
    request.image = image_.image;
    request.dockerfile = inputs_.dockerfile;
    request.context = Written().folder;
    request.platforms = Written().platforms;
    request.args = Written().args;
    request.labels = ImageLabels(
        config_, image_, inputs_, facts_,
        context_.world->git->OriginUrl(config_.directory).value_or(""),
        absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", context_.world->clock->Now(), absl::UTCTimeZone()));
    request.annotations = request.labels;
    request.sbom = Written().sbom;
    request.insecure = context_.world->insecure(image_.image.repository.host) ||
                       context_.world->insecure(image_.base.repository.host);
    request.source_date_epoch = context_.world->source_date_epoch;
    std::vector<std::string> hosts = {image_.image.repository.host, image_.base.repository.host};
    if (hosts[0] == hosts[1]) hosts.pop_back();
    request.logins = context_.world->logins(hosts);
    return request;
  }

  const Action& action_;
  const ExecutionContext& context_;
  const Config& config_;
  const DesiredImage image_;
  BuildFacts facts_;
  BuildInputs inputs_;
};

}  // namespace

ActionResult ExecuteBuild(const Action& action, const ExecutionContext& context) {
  return BuildExecution(action, context).Run();
}

}  // namespace imglife
