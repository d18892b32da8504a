#include "engine/apply/build_preparation.h"

#include <cstdint>
#include <string>
#include <vector>

#include "engine/diff/fit_base.h"
#include "engine/diff/pin_base.h"
#include "engine/observe/base_platforms.h"
#include "engine/observe/image_folder.h"
#include "schema/image/layout_directory.h"

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

bool IsLayout(const Repository& repository) {
  return repository.kind == Repository::Kind::kOciDir;
}

// The registries that the builder speaks to.
std::vector<std::string> HostsOf(const DesiredImage& image) {
  std::vector<std::string> hosts;
  for (const Repository& repository : {image.image.repository, image.base.repository}) {
    const bool is_new = hosts.empty() || hosts[0] != repository.host;
    if (!IsLayout(repository) && is_new) hosts.push_back(repository.host);
  }
  return hosts;
}

absl::StatusOr<LayoutBase> FindLayoutBase(const Config& config, const Reference& base,
                                          const Digest& digest, RegistryMemo& registry) {
  const auto manifest = registry.GetManifest(base.repository, digest.str());
  if (!manifest.ok()) return manifest.status();
  LayoutBase found;
  found.directory = LayoutDirectory(base.repository, config.directory);
  found.manifest = {.media_type = manifest->media_type,
                    .digest = digest,
                    .size = static_cast<std::int64_t>(manifest->content.size())};
  return found;
}

// A label that lacks a fact is no reason not to build: where git refuses to tell, the plan warns.
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
  if (!IsLayout(image.base.repository)) return build;
  auto layout = FindLayoutBase(config, image.base, *base, registry);
  if (!layout.ok()) return layout.status();
  build.request.layout_base = *std::move(layout);
  build.request.dockerfile =
      NameBase(build.inputs.dockerfile, image.base, std::string(kLayoutBaseName));
  return build;
}

absl::Status CheckBase(const PreparedBuild& build, RegistryMemo& registry) {
  const auto manifest = registry.GetManifest(build.base.repository, build.base_digest.str());
  if (!manifest.ok()) return manifest.status();
  const auto has = ReadPlatforms(registry, build.base.repository, *manifest);
  if (!has.ok()) return has.status();
  const std::string misfit =
      MisfitOfBase(build.inputs.dockerfile, build.base, build.request.platforms, *has);
  if (misfit.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError("its " + misfit);
}

}  // namespace imglife
