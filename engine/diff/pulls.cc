#include "engine/diff/pulls.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/observe/parallel.h"
#include "engine/plan/words.h"
#include "schema/image/reference.h"

namespace imglife {
namespace {

struct Pulls {
  std::int64_t count = 0;
  bool at_least = false;
};

using PullsByRepository = std::map<Repository, std::map<Digest, Pulls>>;

bool PullsFromHub(const Action& action) {
  const bool copies = action.kind == ActionKind::kCopy || action.kind == ActionKind::kArchive;
  return copies && !action.blocked && action.copy.source.repository.host == kDockerHub;
}

// A filtered index still costs its own manifest; which of the children stay is as FilterIndex says.
absl::StatusOr<std::int64_t> ChildrenOf(const Action& action, const ObservedImage& image,
                                        RegistryMemo& registry) {
  if (action.copy.platforms.empty()) {
    return static_cast<std::int64_t>(image.manifest.children.size());
  }
  const Reference& source = action.copy.source;
  const auto index = registry.GetManifest(source.repository, source.digest.str());
  if (!index.ok()) return index.status();
  const auto filtered = FilterIndex(*index, action.copy.platforms);
  if (!filtered.ok()) return filtered.status();
  const auto manifest = ParseManifest(filtered->media_type, filtered->content);
  if (!manifest.ok()) return manifest.status();
  return static_cast<std::int64_t>(manifest->children.size());
}

Pulls PullsOf(const Action& action, const Observed& observed, RegistryMemo& registry,
              bool applies_now) {
  const Reference& source = action.copy.source;
  // Only what refers to the image is copied.
  if (action.before == action.after) return {1, true};
  const auto image = observed.images.find({source.repository, source.digest});
  if (image == observed.images.end() || !image->second.ok()) return {1, true};
  if (applies_now) return {};
  if (!image->second->manifest.is_index) return {1, false};
  const auto children = ChildrenOf(action, *image->second, registry);
  return children.ok() ? Pulls{1 + *children, false} : Pulls{1, true};
}

// Several names of one digest cost it once.
PullsByRepository CollectPulls(const Observed& observed, RegistryMemo& registry, bool applies_now,
                               const Plan& plan) {
  PullsByRepository pulls;
  for (const Action& action : plan.actions) {
    if (!PullsFromHub(action)) continue;
    const Pulls needed = PullsOf(action, observed, registry, applies_now);
    if (needed.count == 0 && !action.copy.referrers) continue;
    Pulls& kept = pulls[action.copy.source.repository][action.copy.source.digest];
    kept.count = std::max(kept.count, needed.count);
    // What is found of referrers, and what refers to them, is read only as they are copied.
    kept.at_least |= needed.at_least || action.copy.referrers;
  }
  return pulls;
}

void Warn(const std::string& message, Plan& plan) {
  plan.warnings.push_back(message);
  std::sort(plan.warnings.begin(), plan.warnings.end());
}

void WarnIfTooFew(Plan& plan) {
  const PlannedPulls& pulls = *plan.pulls;
  if (pulls.suffice()) return;
  Warn(fmt::format("{} leaves {}, and these copies take {}{}: some may be refused (429). Log in "
                   "(IMGLIFE_DOCKER_IO_USERNAME, IMGLIFE_DOCKER_IO_PASSWORD), copy fewer with "
                   "--only, or apply again later: what was copied is not copied twice",
                   pulls.registry, CountText(static_cast<std::size_t>(pulls.remaining), "pull"),
                   pulls.at_least ? "at least " : "up to ", pulls.needed),
       plan);
}

void Add(const PullBudget& budget, const std::map<Digest, Pulls>& needed, Plan& plan) {
  if (!plan.pulls || budget.remaining < plan.pulls->remaining) {
    if (!plan.pulls) plan.pulls.emplace();
    plan.pulls->registry = kDockerHub;
    plan.pulls->remaining = budget.remaining;
    plan.pulls->limit = budget.limit;
    plan.pulls->window = budget.window;
  }
  for (const auto& [digest, pulls] : needed) {
    plan.pulls->needed += pulls.count;
    plan.pulls->at_least |= pulls.at_least;
  }
}

}  // namespace

void CountPulls(const Observed& observed, RegistryMemo& registry, bool applies_now, Plan& plan) {
  const PullsByRepository needed = CollectPulls(observed, registry, applies_now, plan);
  const std::vector<std::pair<Repository, std::map<Digest, Pulls>>> repositories(needed.begin(),
                                                                                 needed.end());
  std::vector<absl::StatusOr<std::optional<PullBudget>>> budgets(repositories.size(),
                                                                 absl::UnknownError("not asked"));
  ParallelFor(repositories.size(), kQuestionsInFlight, [&](std::size_t i) {
    budgets[i] = registry.Budget(repositories[i].first, repositories[i].second.begin()->first);
  });
  for (std::size_t i = 0; i < repositories.size(); ++i) {
    if (!budgets[i].ok()) {
      Warn(fmt::format("how many pulls {} leaves can't be read: {}", kDockerHub,
                       std::string(budgets[i].status().message())),
           plan);
    } else if (*budgets[i]) {
      Add(**budgets[i], repositories[i].second, plan);
    }
  }
  if (plan.pulls) WarnIfTooFew(plan);
}

}  // namespace imglife
