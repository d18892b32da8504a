#include "engine/diff/look_at_bases.h"

#include <map>
#include <utility>

#include "engine/diff/diff.h"
#include "engine/observe/base_platforms.h"
#include "engine/observe/parallel.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

class BaseReader {
 public:
  BaseReader(const StageDiff& sync, RegistryMemo& registry) : registry_(registry) {
    for (const Action& action : sync.actions) {
      if (action.kind == ActionKind::kCopy) copies_[action.target] = &action;
    }
  }

  absl::StatusOr<std::vector<Platform>> Platforms(const Reference& base) const {
    const auto upcoming = Upcoming(base);
    if (!upcoming.ok()) return upcoming.status();
    return ReadPlatforms(registry_, upcoming->second, upcoming->first);
  }

 private:
  // The manifest, and where its parts are now.
  using Found = std::pair<ManifestBytes, Repository>;

  // A mirror may be copied from another one, which is renewed by the same plan.
  absl::StatusOr<Found> Upcoming(const Reference& image) const {
    const auto copy = copies_.find(Reference{image.repository, image.tag, {}}.ToString());
    if (copy == copies_.end()) return Present(image);
    const CopyWork& work = copy->second->copy;
    auto source = Upcoming(work.source);
    const bool filters =
        source.ok() && !work.platforms.empty() && media_type::IsIndex(source->first.media_type);
    if (!filters) return source;
    auto filtered = FilterIndex(source->first, work.platforms);
    if (!filtered.ok()) return filtered.status();
    return Found{*std::move(filtered), source->second};
  }

  absl::StatusOr<Found> Present(const Reference& image) const {
    auto manifest = registry_.GetManifest(image.repository, image.digest.str());
    if (!manifest.ok()) return manifest.status();
    return Found{*std::move(manifest), image.repository};
  }

  RegistryMemo& registry_;
  std::map<std::string, const Action*> copies_;
};

}  // namespace

void LookAtBases(const Config& config, const std::set<Stage>& stages,
                 const std::vector<std::string>& rebuild, RegistryMemo& registry,
                 Observation& seen) {
  if (stages.count(Stage::kBuild) == 0) return;
  StageDiff sync;
  if (stages.count(Stage::kSync) > 0) sync = DiffSync(config, seen.desired, seen.observed);
  const StageDiff builds = DiffBuild(config, seen.desired, seen.observed, sync, rebuild);
  std::map<Reference, absl::StatusOr<std::vector<Platform>>> answers;
  for (const Action& build : builds.actions) {
    if (build.build.base.digest.empty()) continue;
    answers.emplace(build.build.base, absl::UnknownError("not asked"));
  }
  std::vector<std::pair<const Reference*, absl::StatusOr<std::vector<Platform>>*>> questions;
  for (auto& [base, answer] : answers) questions.emplace_back(&base, &answer);
  const BaseReader reader(sync, registry);
  ParallelFor(questions.size(), kQuestionsInFlight,
              [&](std::size_t i) { *questions[i].second = reader.Platforms(*questions[i].first); });
  for (auto& [base, answer] : answers) {
    seen.observed.base_platforms.insert_or_assign({base.repository, base.tag}, std::move(answer));
  }
}

}  // namespace imglife
