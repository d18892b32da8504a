#include "engine/diff/needed_tags.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/diff/build_inputs.h"
#include "engine/diff/dockerfile_images.h"
#include "engine/diff/untold_reference.h"
#include "engine/plan/words.h"
#include "schema/image/manifest.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

// The label of images that knows no OCI annotations (stages.md, build: Labels).
constexpr std::string_view kBaseImageRef = "BASE_IMAGE_REF";

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

// What follows `prefix` wherever the text has it as the start of a reference: a tag or a digest.
std::set<std::string> NamesAfter(std::string_view text, std::string_view prefix) {
  std::set<std::string> names;
  for (std::size_t at = text.find(prefix); at != std::string_view::npos;
       at = text.find(prefix, at + 1)) {
    const char before = at == 0 ? ' ' : text[at - 1];
    const bool has_scheme = at >= 3 && text.substr(at - 3, 3) == "://";
    if (!has_scheme && (IsNameCharacter(before) || before == '/' || before == ':')) continue;
    const std::string_view rest = text.substr(at + prefix.size());
    const auto* end = std::find_if_not(rest.begin(), rest.end(),
                                       [](char c) { return IsNameCharacter(c) || c == ':'; });
    names.insert(std::string(rest.begin(), end));
  }
  return names;
}

// The Dockerfile as it would be built now.
absl::StatusOr<std::string> DockerfileOf(const Config& config, const DesiredImage& image,
                                         const Observed& observed) {
  const auto context = observed.contexts.find(image.index);
  if (context == observed.contexts.end()) return absl::NotFoundError("its folder was not read");
  if (!context->second.ok()) return context->second.status();
  const BuildFacts facts{.base_digest = observed.DigestOf(image.base.repository, image.base.tag),
                         .revision = observed.git_commit,
                         .eol_date = ""};
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

// What is behind the colon of a host; a host in brackets has colons of its own.
std::string_view PortOf(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool none = colon == std::string_view::npos || host.back() == ']';
  return none ? "" : host.substr(colon + 1);
}

// What one image needs besides its base.
class DockerfileSearch {
 public:
  DockerfileSearch(const Observed& observed, const std::set<Repository>& scope,
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
    for (const Repository& repository : scope_) {
      for (const std::string& tag : NamesAfter(text, repository.ToString() + ":")) {
        Keep(repository, tag.substr(0, tag.find(':')));
      }
      for (const std::string& digest : NamesAfter(text, repository.ToString() + "@")) {
        KeepDigest(repository, digest);
      }
    }
  }

  void Find(const std::string& image) {
    if (image.find(kUntold) != std::string::npos) return FindUntold(image);
    const auto reference = ParseReference(image);
    if (!reference.ok()) return;
    const bool is_latest = reference->tag.empty() && reference->digest.empty();
    const std::string tag = is_latest ? "latest" : reference->tag;
    for (const Repository& repository : scope_) {
      if (!IsSameRepository(reference->repository, repository)) continue;
      if (!tag.empty()) Keep(repository, tag);
      KeepDigest(repository, reference->digest.str());
    }
  }

  void FindUntold(const std::string& image) {
    for (const Repository& repository : scope_) {
      if (!CouldName(image, repository)) continue;
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
      if (found.ok() && found->digest.str() == digest) Keep(repository, tag);
    }
  }

  const Observed& observed_;
  const std::set<Repository>& scope_;
  const std::string& image_;
  const std::string why_;
  NamedByDockerfiles& named_;
};

class BaseFinder {
 public:
  BaseFinder(const std::map<Repository, RetentionResult>& verdicts,
             const std::set<Repository>& archives, const Observed& observed)
      : verdicts_(verdicts), observed_(observed) {
    for (const auto& [repository, result] : verdicts) AddDigests(repository);
    for (const Repository& archive : archives) AddDigests(archive);
  }

  NeededTags Run() {
    for (const auto& [repository, result] : verdicts_) {
      for (const RetentionVerdict& verdict : result.tags) {
        if (!verdict.candidate) Look({repository, verdict.tag, {}});
      }
    }
    for (const auto& [repository, images] : observed_.orphan_images) {
      if (!images.ok()) continue;
      for (const auto& [tag, image] : *images) LookAt(image, {repository, tag, {}});
    }
    return std::move(needed_);
  }

 private:
  // A base may be told by the digest of one platform of it.
  void AddDigests(const Repository& repository) {
    const ObservedRepository* there = observed_.FindRepository(repository);
    if (there == nullptr) return;
    for (const auto& [tag, found] : there->resolved) {
      if (!found.ok()) continue;
      names_[found->digest.str()].emplace_back(repository, tag);
      const auto image = observed_.images.find({repository, found->digest});
      if (image == observed_.images.end() || !image->second.ok()) continue;
      for (const ObservedPlatform& platform : image->second->platforms) {
        names_[platform.digest.str()].emplace_back(repository, tag);
      }
    }
  }

  void Look(const Reference& kept) {
    const ObservedImage* image = observed_.FindImage(kept.repository, kept.tag);
    if (image != nullptr) LookAt(*image, kept);
  }

  void LookAt(const ObservedImage& image, const Reference& kept) {
    const std::string why = fmt::format("{} was built on it", kept.ToString());
    LookAt(image.manifest.annotations, why);
    for (const ObservedPlatform& platform : image.platforms) {
      LookAt(platform.manifest.annotations, why);
      LookAt(platform.config.labels, why);
    }
  }

  void LookAt(const std::map<std::string, std::string>& said, const std::string& why) {
    for (const std::string_view name : {annotation::kBaseName, kBaseImageRef}) {
      const auto found = said.find(std::string(name));
      if (found != said.end()) KeepName(found->second, why);
    }
    const auto digest = said.find(std::string(annotation::kBaseDigest));
    if (digest != said.end()) KeepDigest(digest->second, why);
  }

  void KeepName(std::string_view name, const std::string& why) {
    constexpr std::string_view kTransport = "docker://";
    if (name.substr(0, kTransport.size()) == kTransport) name.remove_prefix(kTransport.size());
    const auto base = ParseReference(name);
    if (!base.ok()) return;
    const bool is_latest = base->tag.empty() && base->digest.empty();
    const std::string tag = is_latest ? "latest" : base->tag;
    if (!tag.empty()) needed_[base->repository].try_emplace(tag, why);
    KeepDigest(base->digest.str(), why);
  }

  void KeepDigest(const std::string& digest, const std::string& why) {
    const auto named = names_.find(digest);
    if (named == names_.end()) return;
    for (const auto& [repository, tag] : named->second) {
      needed_[repository].try_emplace(tag, why);
    }
  }

  const std::map<Repository, RetentionResult>& verdicts_;
  const Observed& observed_;
  std::map<std::string, std::vector<std::pair<Repository, std::string>>> names_;  // by digest
  NeededTags needed_;
};

}  // namespace

bool IsSameRepository(const Repository& a, const Repository& b) {
  if (a == b) return true;
  return a.kind == b.kind && a.path == b.path && IsLoopbackHost(a.host) && IsLoopbackHost(b.host) &&
         PortOf(a.host) == PortOf(b.host);
}

NamedByDockerfiles FindNamedByDockerfiles(const Config& config, const Desired& desired,
                                          const Observed& observed,
                                          const std::set<Repository>& scope) {
  NamedByDockerfiles named;
  named.unknown = Unresolved(config, desired);
  for (const DesiredImage& image : desired.images) {
    const ConfigRule& rule = config.build->images[image.index].rule;
    const auto dockerfile = DockerfileOf(config, image, observed);
    if (!dockerfile.ok()) {
      named.unknown.push_back(Unknown(rule.path, std::string(dockerfile.status().message())));
      continue;
    }
    DockerfileSearch(observed, scope, rule.path, named)
        .Search(*dockerfile, config.build->images[image.index].args);
  }
  return named;
}

NeededTags FindBasesOfKept(const std::map<Repository, RetentionResult>& verdicts,
                           const std::set<Repository>& archives, const Observed& observed) {
  return BaseFinder(verdicts, archives, observed).Run();
}

}  // namespace imglife
