#include "engine/diff/bases_of_kept.h"

#include "fmt/format.h"

#include "engine/observe/named_bases.h"
#include "engine/observe/observe_archives.h"

namespace imglife {
namespace {

// With their digests.
std::vector<Reference> TagsOf(const Observed& observed, const std::set<Repository>& repositories) {
  std::vector<Reference> tags;
  for (const Repository& repository : repositories) {
    const ObservedRepository* there = observed.FindRepository(repository);
    if (there == nullptr) continue;
    for (const std::string& tag : there->tags) {
      tags.push_back({repository, tag, observed.DigestOf(repository, tag)});
    }
  }
  return tags;
}

const ObservedImage* ImageOf(const Observed& observed, const Reference& tag) {
  const auto image = observed.images.find({tag.repository, tag.digest});
  return image == observed.images.end() || !image->second.ok() ? nullptr : &*image->second;
}

}  // namespace

BasesOfKept::BasesOfKept(const Observed& observed, const std::set<Repository>& repositories)
    : observed_(observed), index_(observed.servers) {
  for (const Reference& tag : TagsOf(observed, repositories)) {
    index_.Add(tag, ImageOf(observed, tag));
  }
}

BasesOfKept::BasesOfKept(const Config& config, const Observed& observed,
                         const std::set<Repository>& archives,
                         const std::vector<Repository>& archived)
    : BasesOfKept(observed, archives) {
  const FormerNames former_names(config, archived);
  for (const Reference& tag : TagsOf(observed, archives)) {
    for (const Reference& name : former_names.Of(tag)) index_.AddFormerName(name, tag);
  }
}

void BasesOfKept::Keep(const Repository& repository, const std::string& tag) {
  const ObservedImage* image = observed_.FindImage(repository, tag);
  if (image != nullptr) Keep(*image, {repository, tag, {}});
}

void BasesOfKept::Keep(const ObservedImage& image, const Reference& tag) {
  const std::string why = fmt::format("{} was built on it", tag.ToString());
  for (const Reference& base : index_.Find(NamedBasesOf(image))) {
    needed_[base.repository].try_emplace(base.tag, why);
  }
}

void BasesOfKept::KeepOrphans() {
  for (const auto& [repository, images] : observed_.orphan_images) {
    if (!images.ok()) continue;
    for (const auto& [tag, image] : *images) Keep(image, {repository, tag, {}});
  }
}

}  // namespace imglife
