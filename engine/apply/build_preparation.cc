#include "engine/apply/build_preparation.h"

#include <optional>
#include <string>
#include <vector>

#include "fmt/format.h"

#include "engine/diff/eol_after.h"
#include "engine/observe/observe.h"
#include "providers/files.h"
#include "schema/documents/eol_status.h"

namespace imglife {
namespace {

// What the plan said of the image, as the configuration's part of the work wants it.
DesiredImage ImageOf(const Action& action, const BuildImage& written) {
  DesiredImage image;
  image.index = action.build.image;
  image.image = action.TargetReference();
  image.base = {action.build.base.repository, action.build.base.tag, {}};
  image.version = written.version.empty() ? image.base.tag : written.version;
  return image;
}

// The planned digest, or that of the base which an action before this one made.
absl::StatusOr<Digest> BaseDigest(const Action& action, const Reference& base,
                                  RegistryMemo& registry) {
  if (!action.build.base.digest.empty()) return action.build.base.digest;
  const auto now = registry.Fresh().Resolve(base.repository, base.tag);
  if (!now.ok()) return now.status();
  return now->digest;
}

std::optional<std::string> PlannedEolData(const Plan& plan) {
  for (const Action& action : plan.actions) {
    if (action.kind == ActionKind::kCommit && action.stage == Stage::kEol) {
      return action.commit.content;
    }
  }
  return std::nullopt;
}

// The date as the plan knew it; empty where none is known.
absl::StatusOr<std::string> EolDate(const Config& config, const DesiredImage& image,
                                    const Plan& plan) {
  if (!config.build->images[image.index].lifecycle) return std::string();
  std::optional<std::string> content = PlannedEolData(plan);
  if (!content) {
    auto file = ReadFile(config.lifecycle.eol_data_file);
    if (absl::IsNotFound(file.status())) return std::string();
    if (!file.ok()) return file.status();
    content = *std::move(file);
  }
  Findings findings;
  const auto data = ReadEolData(config.lifecycle.eol_data_file_as_written, *content, findings);
  if (!data) {
    return absl::InvalidArgumentError(fmt::format("{} can't be read; `imglife status` says why",
                                                  config.lifecycle.eol_data_file_as_written));
  }
  return EolDateText(CycleOfImage(config, image, *data));
}

std::vector<std::string> HostsOf(const DesiredImage& image) {
  std::vector<std::string> hosts = {image.image.repository.host};
  if (image.base.repository.host != hosts[0]) hosts.push_back(image.base.repository.host);
  return hosts;
}

absl::StatusOr<BuildRequest> RequestFor(const Config& config, const DesiredImage& image,
                                        const BuildInputs& inputs, const BuildFacts& facts,
                                        const World& world) {
  const BuildImage& written = config.build->images[image.index];
  BuildRequest request;
  request.image = image.image;
  request.dockerfile = inputs.dockerfile;
  request.context = written.folder;
  request.platforms = written.platforms;
  request.args = written.args;
  request.labels =
      ImageLabels(config, image, inputs, facts, world.git->OriginUrl(config.directory).value_or(""),
                  absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", world.clock->Now(), absl::UTCTimeZone()));
  request.annotations = request.labels;
  request.sbom = written.sbom;
  request.source_date_epoch = world.source_date_epoch;
  const std::vector<std::string> hosts = HostsOf(image);
  for (const std::string& host : hosts) request.insecure = request.insecure || world.insecure(host);
  auto logins = world.logins(hosts);
  if (!logins.ok()) return logins.status();
  request.logins = *std::move(logins);
  return request;
}

}  // namespace

absl::StatusOr<PreparedBuild> PrepareBuild(const Action& action, const Config& config,
                                           const Plan& plan, RegistryMemo& registry,
                                           const World& world) {
  const BuildImage& written = config.build->images[action.build.image];
  const DesiredImage image = ImageOf(action, written);
  const auto base = BaseDigest(action, image.base, registry);
  if (!base.ok()) return base.status();
  const auto eol_date = EolDate(config, image, plan);
  if (!eol_date.ok()) return eol_date.status();
  const auto folder = ReadImageFolder(written);
  if (!folder.ok()) return folder.status();

  BuildFacts facts;
  facts.base_digest = *base;
  facts.eol_date = *eol_date;
  facts.revision = world.git->HeadCommit(config.directory).value_or("");
  auto inputs = ComputeBuildInputs(config, image, *folder, facts);
  if (!inputs.ok()) return inputs.status();
  auto request = RequestFor(config, image, *inputs, facts, world);
  if (!request.ok()) return request.status();
  PreparedBuild build;
  build.request = *std::move(request);
  build.base = image.base;
  build.base_digest = *base;
  build.inputs = *std::move(inputs);
  return build;
}

}  // namespace imglife
