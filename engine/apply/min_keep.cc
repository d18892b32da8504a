#include "engine/apply/min_keep.h"

#include <algorithm>
#include <cstdint>

#include "fmt/format.h"

#include "engine/observe/referrer_tag.h"

namespace imglife {
namespace {

// Without those that belong to another image.
template <typename Value>
std::int64_t CountOwn(const std::map<std::string, Value>& tags) {
  return std::count_if(tags.begin(), tags.end(),
                       [](const auto& tag) { return !IsReferrerTag(tag.first); });
}

}  // namespace

MinKeep::MinKeep(const Plan& plan, const Config& config) : config_(config) {
  if (!config.retention) return;
  std::map<std::string, std::int64_t> planned;
  for (const Action& action : plan.actions) {
    if (action.kind != ActionKind::kDelete || action.blocked) continue;
    ++planned[action.TargetReference().repository.ToString()];
  }
  for (const auto& [repository, deletions] : planned) {
    const auto seen = plan.observed.find(repository);
    if (seen == plan.observed.end()) continue;
    if (CountOwn(seen->second.tags) - deletions < config.retention->guard.min_keep) {
      lifted_.insert(repository);
    }
  }
}

std::optional<std::string> MinKeep::WhyNot(const Action& deletion,
                                           const std::map<std::string, Digest>& tags) const {
  if (!config_.retention) return std::nullopt;
  // The guard is for what the configuration wants tags in, which archives aren't.
  const bool in_archive =
      config_.retention->archive.enabled && deletion.removal.archived.tag.empty();
  const std::string repository = deletion.TargetReference().repository.ToString();
  if (in_archive || lifted_.count(repository) > 0) return std::nullopt;
  const std::int64_t left = CountOwn(tags) - 1;
  const std::int64_t wanted = config_.retention->guard.min_keep;
  if (left >= wanted) return std::nullopt;
  return fmt::format(
      "{} has fewer tags than when the plan was made: this would leave {}, and min_keep is {}; "
      "plan "
      "again",
      repository, left, wanted);
}

}  // namespace imglife
