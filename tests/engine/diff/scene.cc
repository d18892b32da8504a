#include "tests/engine/diff/scene.h"

#include <algorithm>
#include <stdexcept>

#include "engine/diff/diff.h"
#include "engine/observe/observe_archives.h"
#include "schema/config/read_config.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

void InsertSorted(std::vector<std::string>& tags, const std::string& tag) {
  const auto at = std::lower_bound(tags.begin(), tags.end(), tag);
  if (at == tags.end() || *at != tag) tags.insert(at, tag);
}

}  // namespace

Config ReadTestConfig(const std::string& yaml) {
  Findings findings;
  auto config = ReadConfig("imglife.yaml", yaml, {}, findings);
  for (const Finding& finding : findings.Sorted()) {
    throw std::logic_error(RenderFinding("imglife.yaml", yaml, finding));
  }
  return config.value();
}

Repository MakeRepository(const std::string& text) {
  return ParseRepository(text).value();
}

Scene::Scene(const std::string& yaml) : config(ReadTestConfig(yaml)) {
  if (!config.build) return;
  for (std::size_t i = 0; i < config.build->images.size(); ++i) {
    observed.contexts.emplace(
        i, ObservedContext{.dockerfile_template = "FROM {{.BaseImage}}\n", .files = {}});
  }
}

void Scene::Upstream(const std::string& reference, const std::string& digest_start) {
  const Reference parsed = MakeReference(reference);
  auto& list = listed_.try_emplace(parsed.repository, TagList()).first->second;
  InsertSorted(list->tags, parsed.tag);
  observed.repositories[parsed.repository].resolved.insert_or_assign(
      parsed.tag, ObservedTag{MakeDigest(digest_start), {}});
}

void Scene::UpstreamFails(const std::string& repository, const absl::Status& why) {
  listed_.insert_or_assign(MakeRepository(repository), why);
}

ObservedRepository& Scene::List(const std::string& repository) {
  ObservedRepository& there = observed.repositories[MakeRepository(repository)];
  there.listed = true;
  return there;
}

ObservedImage& Scene::Tag(const std::string& reference, const std::string& digest_start,
                          absl::Duration age) {
  const Reference parsed = MakeReference(reference);
  const Digest digest = MakeDigest(digest_start);
  ObservedRepository& there = List(parsed.repository.ToString());
  InsertSorted(there.tags, parsed.tag);
  there.resolved.insert_or_assign(parsed.tag, ObservedTag{digest, {}});
  ObservedImage image;
  image.digest = digest;
  image.created = kNow - age;
  image.bytes = 7'400'000;
  image.platforms.push_back({.digest = digest, .platform = {"linux", "amd64", "", ""}});
  const auto [at, inserted] = observed.images.try_emplace({parsed.repository, digest}, image);
  return *at->second;
}

ObservedImage& Scene::Image(const std::string& repository, const std::string& digest_start) {
  return observed.images.at({MakeRepository(repository), MakeDigest(digest_start)}).value();
}

absl::StatusOr<ObservedTag>& Scene::Answer(const std::string& reference) {
  const Reference parsed = MakeReference(reference);
  return observed.repositories[parsed.repository].resolved[parsed.tag];
}

// As if everything that the tags lead to had been read.
RepositoryUse Scene::UseOf(const Repository& repository) const {
  RepositoryUse use;
  for (const auto& [tag, found] : observed.repositories.at(repository).resolved) {
    if (!found.ok()) continue;
    use.SetTag(tag, found->digest);
    const auto image = observed.images.find({repository, found->digest});
    if (image == observed.images.end() || !image->second.ok()) continue;
    use.Add(found->digest, image->second->manifest, kManifestBytes);
    for (const ObservedPlatform& part : image->second->platforms) {
      use.Add(part.digest, part.manifest, kManifestBytes);
    }
  }
  for (const auto& [image, referrers] : observed.referrers) {
    if (image.first != repository || !referrers.ok()) continue;
    Manifest manifest;
    manifest.subject.emplace().digest = image.second;
    for (const Descriptor& referrer : *referrers) {
      use.Add(referrer.digest, manifest, kManifestBytes);
    }
  }
  return use;
}

void Scene::LookAtDeletions() {
  for (const auto& [repository, tags] : RetentionCandidates(config, Wanted(), observed, kNow)) {
    Capabilities all;
    all.deletes_manifests = true;
    all.untag = UntagMethod::kTag;
    observed.capabilities.insert_or_assign(repository, all);
    observed.uses.insert_or_assign(repository, UseOf(repository));
    for (const std::string& tag : tags) {
      const Digest digest = observed.DigestOf(repository, tag);
      observed.referrers.try_emplace({repository, digest}, std::vector<Descriptor>());
    }
    if (config.retention->archive.enabled) {
      List(ArchiveRepository(config, repository).ToString());
    }
  }
}

std::vector<std::string> Addresses(const std::vector<Action>& actions) {
  std::vector<std::string> addresses;
  for (const Action& action : actions) addresses.push_back(action.Address());
  return addresses;
}

}  // namespace imglife
