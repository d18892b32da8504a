#include "engine/observe/desired_images.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/observe/image_reference.h"
#include "engine/order/cycles.h"
#include "engine/order/tag_order.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

class Images {
 public:
  Images(const Config& config, const SourceChains& chains, Desired& desired)
      : config_(config), chains_(chains), desired_(desired) {}

  void Compute() {
    if (!config_.build) return;
    const NeedsGraph needs = NeedsByName();
    const auto order = TopologicalOrder(needs);
    if (!order.ok()) {
      desired_.errors.push_back(CycleText(needs, std::string(order.status().message())));
      for (const BuildImage& image : config_.build->images) MarkIncomplete(image);
      for (std::size_t i = 0; i < config_.build->images.size(); ++i) {
        desired_.unresolved[i] = desired_.errors.back().text;
      }
      return;
    }
    for (const std::string& name : *order) Resolve(index_of_.at(name));
    for (const auto& [index, image] : resolved_) desired_.images.push_back(image);
  }

 private:
  const BuildImage& Image(std::size_t i) const { return config_.build->images[i]; }

  std::map<std::string, std::vector<std::string>> NeedsByName() {
    std::map<std::string, std::vector<std::string>> needs;
    for (std::size_t i = 0; i < config_.build->images.size(); ++i) {
      index_of_[Image(i).name] = i;
      repositories_[ImageRepository(*config_.build, Image(i))].push_back(i);
    }
    for (const BuildImage& image : config_.build->images) {
      std::vector<std::string>& bases = needs[image.name];
      const auto at = repositories_.find(image.mirror_image);
      if (at == repositories_.end()) continue;
      for (const std::size_t base : at->second) {
        const bool itself = Image(base).name == image.name;
        // An image may stand on an earlier tag of its own repository.
        if (!itself || image.mirror_tag.empty()) bases.push_back(Image(base).name);
      }
    }
    return needs;
  }

  std::string CycleText(const NeedsGraph& needs, const std::string& path) const {
    for (const BuildImage& image : config_.build->images) {
      const std::vector<std::string>& bases = needs.at(image.name);
      if (std::find(bases.begin(), bases.end(), image.name) == bases.end()) continue;
      return fmt::format(
          "{}: {} would stand on the newest tag of {}, which is the repository that it is pushed "
          "to: its next base would be itself; name the base's tag in mirror_tag",
          PlaceText(config_, image.rule), image.name, image.mirror_image.ToString());
    }
    return fmt::format("{}: images stand on each other: {}",
                       PlaceText(config_, config_.build->rule), path);
  }

  void Resolve(std::size_t i) {
    const BuildImage& image = Image(i);
    DesiredImage wanted;
    wanted.index = i;
    wanted.base.repository = image.mirror_image;
    if (image.mirror_tag.empty() && IsIncomplete(image.mirror_image)) {
      const std::string place = PlaceText(config_, image.rule);
      return Fail(
          i,
          Problem(fmt::format("{}: which tag of {} is the newest can't be told, as the "
                              "configuration's tags there are not known completely; name one "
                              "in mirror_tag",
                              place, image.mirror_image.ToString()),
                  desired_.unselected.at(image.mirror_image), {{Effect::kImageUnplanned, place}}));
    }
    wanted.base.tag = image.mirror_tag.empty() ? NewestBaseTag(image) : image.mirror_tag;
    if (wanted.base.tag.empty()) {
      return Fail(i, fmt::format("this configuration puts no tag into {}; name one in mirror_tag",
                                 image.mirror_image.ToString()));
    }
    wanted.version = image.version.empty() ? wanted.base.tag : image.version;
    const auto reference = ImageReference(*config_.build, image, wanted.base.tag, wanted.version);
    if (!reference.ok()) return Fail(i, std::string(reference.status().message()));
    wanted.image = *reference;
    FindProvider(wanted);
    if (wanted.image == wanted.base) return Fail(i, "the image stands on itself");
    if (!references_.insert(wanted.image.ToString()).second) {
      return Fail(i, fmt::format("another image is pushed to {} as well", wanted.image.ToString()));
    }
    if (IsMirrored(wanted.image)) return RefuseBoth(i, wanted.image);
    resolved_[i] = wanted;
  }

  bool IsMirrored(const Reference& image) const {
    const auto mirror = desired_.mirrors.find(image.repository);
    return mirror != desired_.mirrors.end() && mirror->second.count(image.tag) > 0;
  }

  // Whichever came first would keep the other from ever being made.
  void RefuseBoth(std::size_t i, const Reference& image) {
    auto& mirror = desired_.mirrors.at(image.repository);
    const DesiredTag copied = mirror.at(image.tag);
    mirror.erase(image.tag);
    const auto& source = chains_.ManagedSource(copied.entry);
    if (source) desired_.incomplete.push_back(*source);
    const SyncEntry& entry = config_.sync->entries[copied.entry];
    Fail(i,
         fmt::format("would be pushed to {}, to which {} copies {}:{}; neither is done: give one "
                     "of them another place (tag_format, target) or tag",
                     image.ToString(), PlaceText(config_, entry.rule), entry.source.ToString(),
                     copied.source_tag));
  }

  bool IsIncomplete(const Repository& repository) const {
    return desired_.unselected.count(repository) > 0;
  }

  std::string NewestBaseTag(const BuildImage& image) const {
    std::vector<ListedTag> tags;
    const auto mirror = desired_.mirrors.find(image.mirror_image);
    if (mirror != desired_.mirrors.end()) {
      for (const auto& [tag, wanted] : mirror->second) tags.push_back({tag, std::nullopt});
    }
    for (const auto& [index, built] : resolved_) {
      if (built.image.repository == image.mirror_image)
        tags.push_back({built.image.tag, std::nullopt});
    }
    return tags.empty() ? "" : SortNewestFirst(tags).front();
  }

  void FindProvider(DesiredImage& wanted) const {
    for (const auto& [index, built] : resolved_) {
      if (built.image == wanted.base) wanted.base_image = index;
    }
    const auto mirror = desired_.mirrors.find(wanted.base.repository);
    if (mirror == desired_.mirrors.end()) return;
    const auto tag = mirror->second.find(wanted.base.tag);
    if (tag != mirror->second.end()) wanted.base_entry = tag->second.entry;
  }

  void Fail(std::size_t i, const std::string& message) {
    Fail(i, Problem(fmt::format("{}: {}", PlaceText(config_, Image(i).rule), message)));
  }

  void Fail(std::size_t i, Problem problem) {
    desired_.unresolved[i] = problem.text;
    desired_.errors.push_back(std::move(problem));
    MarkIncomplete(Image(i));
  }

  void MarkIncomplete(const BuildImage& image) {
    desired_.incomplete.push_back(ImageRepository(*config_.build, image));
    // Which of its base's tags it stands on isn't known either.
    desired_.incomplete.push_back(image.mirror_image);
  }

  const Config& config_;
  const SourceChains& chains_;
  Desired& desired_;
  std::map<std::string, std::size_t> index_of_;
  std::map<Repository, std::vector<std::size_t>> repositories_;
  std::map<std::size_t, DesiredImage> resolved_;
  std::set<std::string> references_;
};

}  // namespace

void AddDesiredImages(const Config& config, const SourceChains& chains, Desired& desired) {
  Images(config, chains, desired).Compute();
}

}  // namespace imglife
