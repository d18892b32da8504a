#include "engine/observe/confirm_configs.h"

#include <map>
#include <string>
#include <vector>

#include "engine/observe/parallel.h"
#include "engine/observe/read_images.h"

namespace imglife {
namespace {

using Answers = std::map<ImageKey, absl::StatusOr<bool>>;

const ObservedImage* ImageBehind(const Repository& repository, const std::string& tag,
                                 const Observed& observed) {
  const auto image = observed.images.find({repository, observed.DigestOf(repository, tag)});
  return image != observed.images.end() && image->second.ok() ? &*image->second : nullptr;
}

std::vector<Digest> ConfigsOf(const ObservedImage& image) {
  std::vector<Digest> configs;
  for (const ObservedPlatform& platform : image.platforms) {
    if (HasImageConfig(platform.manifest)) configs.push_back(platform.manifest.config.digest);
  }
  return configs;
}

Answers Ask(const std::set<Repository>& repositories, RegistryMemo& registry,
            const Observed& observed) {
  Answers answers;
  for (const Repository& repository : repositories) {
    const ObservedRepository* there = observed.FindRepository(repository);
    if (there == nullptr) continue;
    for (const std::string& tag : there->tags) {
      const ObservedImage* image = ImageBehind(repository, tag, observed);
      if (image == nullptr) continue;
      for (const Digest& config : ConfigsOf(*image)) {
        answers.emplace(ImageKey{repository, config}, absl::UnknownError("not asked"));
      }
    }
  }
  std::vector<Answers::value_type*> questions;
  questions.reserve(answers.size());
  for (auto& question : answers) questions.push_back(&question);
  ParallelFor(questions.size(), kQuestionsInFlight, [&](std::size_t i) {
    auto& [config, answer] = *questions[i];
    answer = registry.BlobExists(config.first, config.second);
  });
  return answers;
}

// That of the first config that isn't there.
absl::Status StatusOf(const Reference& name, const ObservedImage& image, const Answers& answers) {
  for (const Digest& config : ConfigsOf(image)) {
    const absl::StatusOr<bool>& exists = answers.at({name.repository, config});
    if (!exists.ok()) return exists.status();
    if (!*exists) return NotComplete(name, config);
  }
  return absl::OkStatus();
}

void Judge(const Repository& repository, const Answers& answers, Observed& observed) {
  const auto there = observed.repositories.find(repository);
  if (there == observed.repositories.end()) return;
  std::set<ImageKey> broken;
  std::map<std::string, absl::Status> reasons;
  for (const std::string& tag : there->second.tags) {
    const ObservedImage* image = ImageBehind(repository, tag, observed);
    if (image == nullptr) continue;
    const absl::Status status = StatusOf({repository, tag, {}}, *image, answers);
    if (status.ok()) continue;
    reasons.emplace(tag, status);
    broken.emplace(repository, image->digest);
  }
  for (const auto& [tag, why] : reasons) there->second.resolved.insert_or_assign(tag, why);
  for (const ImageKey& image : broken) observed.images.erase(image);
}

}  // namespace

void ConfirmConfigs(const std::set<Repository>& repositories, RegistryMemo& registry,
                    Observed& observed) {
  const Answers answers = Ask(repositories, registry, observed);
  for (const Repository& repository : repositories) Judge(repository, answers, observed);
}

}  // namespace imglife
