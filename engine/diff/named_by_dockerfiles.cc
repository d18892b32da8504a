#include "engine/diff/named_by_dockerfiles.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "engine/diff/build_inputs.h"
#include "engine/diff/dockerfile_images.h"
#include "engine/diff/eol_after.h"
#include "engine/diff/references_in_text.h"
#include "engine/diff/untold_reference.h"
#include "schema/documents/eol_status.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

// The Dockerfile as it would be built now.
absl::StatusOr<std::string> DockerfileOf(const Config& config, const DesiredImage& image,
                                         const Observed& observed, const EolData& eol) {
  const auto context = observed.contexts.find(image.index);
  if (context == observed.contexts.end()) return absl::NotFoundError("its folder was not read");
  if (!context->second.ok()) return context->second.status();
  const BuildFacts facts{.base_digest = observed.DigestOf(image.base.repository, image.base.tag),
                         .revision = observed.git_commit,
                         .eol_date = EolDateText(CycleOfImage(config, image, eol))};
  auto inputs = ComputeBuildInputs(config, image, *context->second, facts);
  if (!inputs.ok()) return inputs.status();
  return std::move(inputs->dockerfile);
}

// Why what the Dockerfile of an image names can't be told.
Problem Unknown(const std::string& image, const std::string& cause) {
  return {fmt::format("what the Dockerfile of {} names can't be told", image), cause, {}};
}

std::string WhyUnresolved(const Desired& desired, std::size_t image) {
  const auto reason = desired.unresolved.find(image);
  if (reason == desired.unresolved.end()) return "its base or its own tag can't be told";
  const auto problem = std::find_if(desired.errors.begin(), desired.errors.end(),
                                    [&](const Problem& one) { return one.text == reason->second; });
  return problem == desired.errors.end() ? reason->second : problem->cause;
}

// The images of the configuration that have no place in what is desired.
std::vector<Problem> Unresolved(const Config& config, const Desired& desired) {
  std::vector<Problem> unknown;
  if (!config.build) return unknown;
  std::set<std::size_t> resolved;
  for (const DesiredImage& image : desired.images) resolved.insert(image.index);
  for (std::size_t i = 0; i < config.build->images.size(); ++i) {
    if (resolved.count(i) > 0) continue;
    unknown.push_back(Unknown(config.build->images[i].rule.path, WhyUnresolved(desired, i)));
  }
  return unknown;
}

// Repositories by what may name them.
struct NamedRepositories {
  NamedRepositories(const std::set<Repository>& scope, const RegistryServers& servers)
      : all(scope), mentioned(scope) {
    for (const Repository& one : scope) by_identity[servers.IdentityOf(one)].push_back(one);
  }

  const std::set<Repository>& all;
  const MentionedRepositories mentioned;
  std::map<Repository, std::vector<Repository>> by_identity;  // RegistryServers::IdentityOf
};

// What one image needs besides its base.
class DockerfileSearch {
 public:
  DockerfileSearch(const Observed& observed, const NamedRepositories& scope,
                   const std::string& image, NamedByDockerfiles& named)
      : observed_(observed),
        scope_(scope),
        image_(image),
        why_(fmt::format("named by the Dockerfile of {}", image)),
        named_(named) {}

  void Search(const std::string& dockerfile, const std::map<std::string, std::string>& args) {
    FindIn(dockerfile);
    for (const auto& [name, value] : args) FindIn(value);
    const DockerfileImages images = ImagesOf(dockerfile, args);
    FindIn(images.text);
    for (const std::string& image : images.named) Find(image);
  }

 private:
  // Wherever the text has them: who names an image within a command needs it as well.
  void FindIn(std::string_view text) {
    for (const Repository& repository : scope_.mentioned.In(text)) {
      const ReferencesInText found = FindReferences(text, repository, observed_.servers);
      for (const std::string& tag : found.tags) Keep(repository, tag);
      for (const std::string& digest : found.digests) KeepDigest(repository, digest);
    }
  }

  void Find(const std::string& image) {
    if (image.find(kUntold) != std::string::npos) return FindUntold(image);
    const auto reference = ParseReference(image);
    if (!reference.ok()) return;
    const bool is_latest = reference->tag.empty() && reference->digest.empty();
    const std::string tag = is_latest ? "latest" : reference->tag;
    const auto named = scope_.by_identity.find(observed_.servers.IdentityOf(reference->repository));
    if (named == scope_.by_identity.end()) return;
    for (const Repository& repository : named->second) {
      if (!tag.empty()) Keep(repository, tag);
      KeepDigest(repository, reference->digest.str());
    }
  }

  void FindUntold(const std::string& image) {
    for (const Repository& repository : scope_.all) {
      if (!CouldName(image, repository, observed_.servers)) continue;
      named_.unknown.push_back(Unknown(
          image_, fmt::format("`{}`, where * is a variable without a value that can be told, may "
                              "be a tag of {}; give it one in `args`",
                              EscapeControl(image), repository.ToString())));
      return;
    }
  }

  void Keep(const Repository& repository, const std::string& tag) {
    named_.tags[repository].try_emplace(tag, why_);
  }

  void KeepDigest(const Repository& repository, const std::string& digest) {
    const ObservedRepository* there = observed_.FindRepository(repository);
    if (there == nullptr) return;
    for (const auto& [tag, found] : there->resolved) {
      if (found.ok() && IsDigestOf({repository, found->digest}, digest)) Keep(repository, tag);
    }
  }

  // That of the image, or of one platform of it.
  bool IsDigestOf(const ImageKey& key, const std::string& digest) const {
    if (key.second.str() == digest) return true;
    const auto image = observed_.images.find(key);
    if (image == observed_.images.end() || !image->second.ok()) return false;
    const auto& platforms = image->second->platforms;
    return std::any_of(platforms.begin(), platforms.end(), [&](const ObservedPlatform& platform) {
      return platform.digest.str() == digest;
    });
  }

  const Observed& observed_;
  const NamedRepositories& scope_;
  const std::string& image_;
  const std::string why_;
  NamedByDockerfiles& named_;
};

}  // namespace

NamedByDockerfiles FindNamedByDockerfiles(const Config& config, const Desired& desired,
                                          const Observed& observed,
                                          const std::set<Repository>& scope) {
  NamedByDockerfiles named;
  named.unknown = Unresolved(config, desired);
  const EolData eol = EolAfterUpdate(observed);
  const NamedRepositories repositories(scope, observed.servers);
  for (const DesiredImage& image : desired.images) {
    const ConfigRule& rule = config.build->images[image.index].rule;
    const auto dockerfile = DockerfileOf(config, image, observed, eol);
    if (!dockerfile.ok()) {
      named.unknown.push_back(Unknown(rule.path, std::string(dockerfile.status().message())));
      continue;
    }
    DockerfileSearch(observed, repositories, rule.path, named)
        .Search(*dockerfile, config.build->images[image.index].args);
  }
  return named;
}

}  // namespace imglife
