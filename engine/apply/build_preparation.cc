#include "engine/apply/build_preparation.h"

#include <string>
#include <vector>

#include "engine/observe/observe.h"

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
  for (const std::string& host : hosts) {
    if (world.insecure(host)) request.insecure_hosts.insert(host);
  }
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
  const auto folder = ReadImageFolder(written);
  if (!folder.ok()) return folder.status();

  BuildFacts facts;
  facts.base_digest = *base;
  facts.eol_date = action.build.eol_date;
  facts.revision = plan.config_git_commit;
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
