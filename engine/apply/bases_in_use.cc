#include "engine/apply/bases_in_use.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "engine/observe/managed_repositories.h"
#include "engine/observe/parallel.h"
#include "engine/observe/read_images.h"
#include "engine/observe/referrer_tag.h"
#include "schema/image/manifest.h"

namespace imglife {
namespace {

struct NamedBase {
  std::string target;  // as deletions name it; empty where no tag is named
  std::string digest;
};

// The label, else the annotation.
std::string Said(const ObservedImage& image, std::string_view what) {
  const std::string name(what);
  const std::string label = image.Label(name);
  if (!label.empty()) return label;
  const auto annotated = image.manifest.annotations.find(name);
  return annotated == image.manifest.annotations.end() ? "" : annotated->second;
}

NamedBase BaseOf(const ObservedImage& image) {
  NamedBase base;
  base.digest = Said(image, annotation::kBaseDigest);
  const auto named = ParseReference(Said(image, annotation::kBaseName));
  if (named.ok() && !named->tag.empty()) {
    base.target = Reference{named->repository, named->tag, {}}.ToString();
  }
  return base;
}

// What a plan wants deleted in repositories where a base may be: not in archives.
class PlannedDeletions {
 public:
  PlannedDeletions(const Plan& plan, const Config& config) {
    const std::set<Repository> scope = TargetRepositories(config);
    for (const Action& action : plan.actions) {
      if (action.kind != ActionKind::kDelete) continue;
      const Reference tag = action.TargetReference();
      if (scope.count(tag.repository) == 0) continue;
      by_target_.emplace(tag.ToString(), &action);
      by_digest_[action.before].push_back(&action);
    }
  }

  // Those that would take away what `image` was built on.
  std::vector<const Action*> BasesOf(const ObservedImage& image) const {
    std::vector<const Action*> bases;
    const NamedBase named = BaseOf(image);
    const auto tag = by_target_.find(named.target);
    if (tag != by_target_.end()) bases.push_back(tag->second);
    const auto digest = by_digest_.find(named.digest);
    if (digest == by_digest_.end()) return bases;
    bases.insert(bases.end(), digest->second.begin(), digest->second.end());
    return bases;
  }

 private:
  std::map<std::string, const Action*> by_target_;
  std::map<std::string, std::vector<const Action*>> by_digest_;
};

absl::Status Unreadable(const Repository& repository, const absl::Status& why) {
  return absl::FailedPreconditionError(
      fmt::format("nothing is deleted, as it is not known what the images in {} were built on: {}",
                  repository.ToString(), std::string(why.message())));
}

// The images that a repository has and didn't have when the plan was made, by tag.
class Newcomers {
 public:
  Newcomers(const Plan& plan, Repository repository, RegistryMemo& registry)
      : repository_(std::move(repository)), registry_(registry) {
    const auto seen = plan.observed.find(repository_.ToString());
    if (seen != plan.observed.end()) seen_ = seen->second.tags;
  }

  absl::StatusOr<std::map<std::string, ObservedImage>> Read() {
    const auto list = registry_.Fresh().ListTags(repository_);
    if (!list.ok()) return Unreadable(repository_, list.status());
    std::vector<std::string> tags;
    for (const std::string& tag : list->tags) {
      if (!IsReferrerTag(tag)) tags.push_back(tag);
    }
    std::vector<absl::StatusOr<ObservedImage>> images(tags.size(), absl::UnknownError("not asked"));
    ParallelFor(tags.size(), kQuestionsInFlight,
                [&](std::size_t i) { images[i] = ReadNew(tags[i]); });
    std::map<std::string, ObservedImage> found;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (absl::IsNotFound(images[i].status()) && IsGone(tags[i])) continue;
      if (absl::IsAlreadyExists(images[i].status())) continue;
      if (!images[i].ok()) return Unreadable(repository_, images[i].status());
      if (!images[i]->placeholder) found.emplace(tags[i], *std::move(images[i]));
    }
    return found;
  }

 private:
  // AlreadyExists: it is what it was.
  absl::StatusOr<ObservedImage> ReadNew(const std::string& tag) {
    const auto now = registry_.Fresh().Resolve(repository_, tag);
    if (!now.ok()) return now.status();
    const auto before = seen_.find(tag);
    if (before != seen_.end() && before->second == now->digest.str()) {
      return absl::AlreadyExistsError(tag);
    }
    return ReadImage(registry_, repository_, now->digest.str());
  }

  // What was listed and isn't there went in between if the next list lacks it.
  bool IsGone(const std::string& tag) {
    const auto again = registry_.Fresh().ListTags(repository_);
    return again.ok() && !std::binary_search(again->tags.begin(), again->tags.end(), tag);
  }

  const Repository repository_;
  RegistryMemo& registry_;
  std::map<std::string, std::string> seen_;
};

// What stays is read for its own base in turn.
class KeptDeletions {
 public:
  KeptDeletions(const Plan& plan, const Config& config, RegistryMemo& registry)
      : deletions_(plan, config), registry_(registry) {}

  absl::Status KeepBasesOf(const ObservedImage& image, const std::string& what) {
    for (const Action* base : deletions_.BasesOf(image)) {
      const auto [at, is_new] =
          reasons_.emplace(base->target, fmt::format("{} was built on it; plan again", what));
      if (!is_new) continue;
      const Reference tag = base->TargetReference();
      const auto stays = ReadImage(registry_, tag.repository, base->before);
      if (absl::IsNotFound(stays.status())) continue;
      if (!stays.ok()) return Unreadable(tag.repository, stays.status());
      const absl::Status kept = KeepBasesOf(*stays, fmt::format("{}, which stays,", base->target));
      if (!kept.ok()) return kept;
    }
    return absl::OkStatus();
  }

  std::map<std::string, std::string> Take() { return std::move(reasons_); }

 private:
  const PlannedDeletions deletions_;
  RegistryMemo& registry_;
  std::map<std::string, std::string> reasons_;
};

absl::StatusOr<std::map<std::string, std::string>> FindKept(const Plan& plan, const Config& config,
                                                            RegistryMemo& registry) {
  KeptDeletions kept(plan, config, registry);
  for (const Repository& repository : BuiltRepositories(config)) {
    const auto images = Newcomers(plan, repository, registry).Read();
    if (!images.ok()) return images.status();
    for (const auto& [tag, image] : *images) {
      const absl::Status status =
          kept.KeepBasesOf(image, fmt::format("{}, which came after the plan was made,",
                                              Reference{repository, tag, {}}.ToString()));
      if (!status.ok()) return status;
    }
  }
  return kept.Take();
}

}  // namespace

absl::StatusOr<std::optional<std::string>> BasesInUse::WhyKept(const Action& deletion) {
  const std::lock_guard lock(mutex_);
  if (!kept_) kept_ = FindKept(plan_, *context_.config, *context_.registry);
  if (!kept_->ok()) return kept_->status();
  const auto reason = (*kept_)->find(deletion.target);
  if (reason == (*kept_)->end()) return std::nullopt;
  return reason->second;
}

}  // namespace imglife
