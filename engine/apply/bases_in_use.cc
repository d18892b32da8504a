#include "engine/apply/bases_in_use.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "fmt/format.h"

#include "engine/observe/base_index.h"
#include "engine/observe/managed_repositories.h"
#include "engine/observe/named_bases.h"
#include "engine/observe/observe_archives.h"
#include "engine/observe/observe_orphans.h"
#include "engine/observe/parallel.h"
#include "engine/observe/read_images.h"
#include "engine/observe/referrer_tag.h"

namespace imglife {
namespace {

struct ObservedImageAt {
  Reference tag;
  ObservedImage image;
};

absl::Status Unreadable(const Repository& repository, const absl::Status& why) {
  if (absl::IsCancelled(why)) return why;
  return absl::FailedPreconditionError(
      fmt::format("nothing is deleted, as it is not known what the images in {} were built on: {}",
                  repository.ToString(), std::string(why.message())));
}

// The images that a repository has and that the plan didn't see: under a name that is new or names
// something else now, or where it couldn't be told what the name stood for.
class Newcomers {
 public:
  Newcomers(const Plan& plan, const PlannedRemovals& going, Repository repository,
            RegistryMemo& registry)
      : repository_(std::move(repository)), registry_(registry), going_(going.In(repository_)) {
    const auto seen = plan.observed.find(repository_.ToString());
    if (seen != plan.observed.end()) seen_ = seen->second.tags;
  }

  // Comes first.
  absl::Status List() {
    const auto list = registry_.Fresh().ListTags(repository_);
    if (!list.ok()) return Unreadable(repository_, list.status());
    if (list->tags.empty() && SomethingShouldBeThere()) {
      return Unreadable(repository_, absl::UnavailableError("it lists no tag any more"));
    }
    std::copy_if(list->tags.begin(), list->tags.end(), std::back_inserter(tags_),
                 [](const std::string& tag) { return !IsReferrerTag(tag); });
    return absl::OkStatus();
  }

  const Repository& repository() const { return repository_; }
  const std::vector<std::string>& tags() const { return tags_; }

  // Nothing if the tag is what it was, or gone, or what a killed deletion has left.
  absl::StatusOr<std::optional<ObservedImage>> Read(const std::string& tag) {
    const auto now = registry_.Fresh().Resolve(repository_, tag);
    if (!now.ok()) return NothingIfGone(tag, now.status());
    const auto before = seen_.find(tag);
    if (before != seen_.end() && before->second == now->digest.str()) return std::nullopt;
    auto image = ReadImage(registry_, repository_, now->digest.str());
    if (!image.ok()) return NothingIfGone(tag, image.status());
    if (image->placeholder_of == tag) return std::nullopt;
    return *std::move(image);
  }

 private:
  // Of what the plan saw, what nothing here deletes; signatures go with their images.
  bool SomethingShouldBeThere() const {
    return std::any_of(seen_.begin(), seen_.end(), [&](const auto& seen) {
      return !going_.Names(seen.first) && !IsReferrerTag(seen.first);
    });
  }

  // What was listed and isn't there went in between if the next list lacks it.
  absl::StatusOr<std::optional<ObservedImage>> NothingIfGone(const std::string& tag,
                                                             const absl::Status& why) {
    if (!absl::IsNotFound(why)) return Unreadable(repository_, why);
    const auto again = registry_.Fresh().ListTags(repository_);
    const bool is_gone =
        again.ok() && !std::binary_search(again->tags.begin(), again->tags.end(), tag);
    if (!is_gone) return Unreadable(repository_, why);
    return std::nullopt;
  }

  const Repository repository_;
  RegistryMemo& registry_;
  const PlannedRemoval& going_;
  std::map<std::string, std::string> seen_;
  std::vector<std::string> tags_;
};

// Where what came since the plan may have been built on what the plan deletes: everywhere.
absl::StatusOr<std::set<Repository>> WhereToLook(const Plan& plan, const Config& config,
                                                 const RegistryServers& servers,
                                                 RegistryMemo& registry) {
  const std::set<Repository> targets = TargetRepositories(config);
  std::set<Repository> places = targets;
  places.merge(HoldersOfBuiltImages(config, servers));
  if (!config.build) return places;
  for (const auto& [name, seen] : plan.observed) {
    const auto known = ParseRepository(name);
    if (known.ok() && IsIn(*known, config.build->registry) && !IsArchived(config, *known)) {
      places.insert(*known);
    }
  }
  const auto orphans = FindOrphans(config, targets, registry.Fresh());
  if (!orphans.ok()) return Unreadable(config.build->registry, orphans.status());
  // Where the plan found that too, it has warned of it.
  if (!orphans->told.ok() && plan.catalog_told) {
    return Unreadable(config.build->registry, orphans->told);
  }
  places.insert(orphans->repositories.begin(), orphans->repositories.end());
  return places;
}

// All lists in flight together, then all questions about tags.
absl::StatusOr<std::vector<ObservedImageAt>> ReadAll(std::vector<Newcomers>& places) {
  std::vector<absl::Status> listed(places.size());
  ParallelFor(places.size(), kQuestionsInFlight,
              [&](std::size_t i) { listed[i] = places[i].List(); });
  std::vector<std::pair<Newcomers*, const std::string*>> questions;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!listed[i].ok()) return listed[i];
    for (const std::string& tag : places[i].tags()) questions.emplace_back(&places[i], &tag);
  }
  std::vector<absl::StatusOr<std::optional<ObservedImage>>> answers(
      questions.size(), absl::UnknownError("not asked"));
  ParallelFor(questions.size(), kQuestionsInFlight,
              [&](std::size_t i) { answers[i] = questions[i].first->Read(*questions[i].second); });
  std::vector<ObservedImageAt> found;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (!answers[i].ok()) return answers[i].status();
    if (!*answers[i]) continue;
    const auto& [place, tag] = questions[i];
    found.push_back({{place->repository(), *tag, {}}, **std::move(answers[i])});
  }
  return found;
}

// The images that came since.
absl::StatusOr<std::vector<ObservedImageAt>> ReadNewcomers(const Plan& plan,
                                                           const PlannedRemovals& going,
                                                           const Config& config,
                                                           const RegistryServers& servers,
                                                           RegistryMemo& registry) {
  const auto places = WhereToLook(plan, config, servers, registry);
  if (!places.ok()) return places.status();
  std::vector<Newcomers> newcomers;
  newcomers.reserve(places->size());
  for (const Repository& repository : *places) {
    newcomers.emplace_back(plan, going, repository, registry);
  }
  return ReadAll(newcomers);
}

// The repositories that have an archive.
std::vector<Repository> ArchivedBy(const Config& config) {
  if (!config.retention || !config.retention->archive.enabled) return {};
  const std::set<Repository> repositories = TargetRepositories(config);
  return {repositories.begin(), repositories.end()};
}

// What a plan wants deleted, found by what other images were built on.
class PlannedDeletions {
 public:
  PlannedDeletions(const Config& config, const RegistryServers& servers)
      : former_names_(config, ArchivedBy(config)), index_(servers) {}

  absl::Status Read(const Plan& plan, RegistryMemo& registry) {
    std::vector<Reference> tags;
    std::vector<ImageQuestion> questions;
    for (const Action& action : plan.actions) {
      if (action.kind != ActionKind::kDelete) continue;
      tags.push_back(action.TargetReference());
      questions.push_back({tags.back().repository, action.before});
    }
    auto images = ReadImages(registry, questions);
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (images[i].ok()) {
        tags[i].digest = images[i]->digest;
        images_.emplace(Reference{tags[i].repository, tags[i].tag, {}}, *std::move(images[i]));
      } else if (!absl::IsNotFound(images[i].status())) {
        return Unreadable(tags[i].repository, images[i].status());
      }
      Add(tags[i]);
    }
    return absl::OkStatus();
  }

  // Those that would take away what `image` was built on, without digests.
  std::set<Reference> BasesOf(const ObservedImage& image) const {
    return index_.Find(NamedBasesOf(image));
  }

  // Null if it is gone already.
  const ObservedImage* ImageOf(const Reference& deletion) const {
    const auto image = images_.find(deletion);
    return image == images_.end() ? nullptr : &image->second;
  }

 private:
  void Add(const Reference& tag) {
    index_.Add(tag, ImageOf({tag.repository, tag.tag, {}}));
    for (const Reference& name : former_names_.Of(tag)) index_.AddFormerName(name, tag);
  }

  const FormerNames former_names_;
  BaseIndex index_;
  std::map<Reference, ObservedImage> images_;
};

// What stays keeps its own base in turn.
class KeptDeletions {
 public:
  explicit KeptDeletions(const PlannedDeletions& deletions) : deletions_(deletions) {}

  void KeepBasesOf(const ObservedImage& image, const std::string& what) {
    for (const Reference& base : deletions_.BasesOf(image)) {
      const std::string target = base.ToString();
      const auto [at, is_new] =
          reasons_.emplace(target, fmt::format("{} was built on it; plan again", what));
      const ObservedImage* stays = is_new ? deletions_.ImageOf(base) : nullptr;
      if (stays != nullptr) KeepBasesOf(*stays, fmt::format("{}, which stays,", target));
    }
  }

  std::map<std::string, std::string> Take() { return std::move(reasons_); }

 private:
  const PlannedDeletions& deletions_;
  std::map<std::string, std::string> reasons_;
};

absl::StatusOr<std::map<std::string, std::string>> FindKept(const Plan& plan,
                                                            const PlannedRemovals& going,
                                                            const Config& config,
                                                            const RegistryServers& servers,
                                                            RegistryMemo& registry) {
  const auto newcomers = ReadNewcomers(plan, going, config, servers, registry);
  if (!newcomers.ok()) return newcomers.status();
  const bool says_nothing =
      std::all_of(newcomers->begin(), newcomers->end(),
                  [](const auto& newcomer) { return NamedBasesOf(newcomer.image).empty(); });
  if (says_nothing) return std::map<std::string, std::string>();
  PlannedDeletions deletions(config, servers);
  const absl::Status read = deletions.Read(plan, registry);
  if (!read.ok()) return read;
  KeptDeletions kept(deletions);
  for (const auto& [tag, image] : *newcomers) {
    kept.KeepBasesOf(image, fmt::format("{}, which came after the plan was made,", tag.ToString()));
  }
  return kept.Take();
}

}  // namespace

BasesInUse::Clock::duration BasesInUse::HoldsFor(Clock::duration took) {
  const auto age = std::clamp<Clock::duration>(2 * took, kOldest, kOldestOfLong);
  return std::max<Clock::duration>(age, took + kOldest);
}

absl::StatusOr<std::optional<std::string>> BasesInUse::WhyKept(const Action& deletion) {
  const std::lock_guard lock(mutex_);
  const Clock::time_point started = now_();
  if (!kept_ || started - looked_at_ > HoldsFor(took_)) {
    kept_ = FindKept(plan_, *context_.planned_removals, *context_.config, context_.world->servers,
                     *context_.registry);
    looked_at_ = started;
    took_ = now_() - started;
  }
  if (!kept_->ok()) return kept_->status();
  const auto reason = (*kept_)->find(deletion.target);
  if (reason == (*kept_)->end()) return std::nullopt;
  return reason->second;
}

}  // namespace imglife
