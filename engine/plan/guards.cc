#include "engine/plan/guards.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "fmt/format.h"

#include "engine/plan/graph.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

constexpr const char* kMinKeep = "min_keep";
constexpr const char* kMaxDeletePercent = "max_delete_percent";
constexpr const char* kMaxDeletes = "max_deletes";
constexpr const char* kEmptyDesired = "empty_desired";
constexpr const char* kBuildRecords = "build_records";

using Deletions = std::map<std::string, std::vector<Action*>>;  // by repository

Deletions DeletionsByRepository(std::vector<Action>& actions) {
  Deletions deletions;
  for (Action& action : actions) {
    if (action.kind != ActionKind::kDelete) continue;
    deletions[action.TargetReference().repository.ToString()].push_back(&action);
  }
  return deletions;
}

bool LimitsNumbers(const Block& block) {
  return block.guard == kMinKeep || block.guard == kMaxDeletePercent || block.guard == kMaxDeletes;
}

// How many deletions run if guards 2 and 3 let them, and those of what was built on them.
std::int64_t CountPlanned(const std::vector<Action*>& deletions) {
  std::int64_t planned = 0;
  for (const Action* deletion : deletions) {
    const std::optional<Block>& blocked = deletion->blocked;
    planned += !blocked || LimitsNumbers(*blocked) || blocked->guard == kBaseInUse ? 1 : 0;
  }
  return planned;
}

bool ExceedsPercent(std::int64_t deletions, std::int64_t percent, std::int64_t existing) {
  std::int64_t hundredfold = 0;
  std::int64_t allowed = 0;
  if (__builtin_mul_overflow(deletions, std::int64_t{100}, &hundredfold)) return true;
  if (__builtin_mul_overflow(percent, existing, &allowed)) return false;
  return hundredfold > allowed;
}

std::string TagsText(std::int64_t count) {
  return CountText(static_cast<std::size_t>(count), "tag");
}

std::string DeletionsText(std::int64_t count) {
  return CountText(static_cast<std::size_t>(count), "deletion");
}

std::optional<Block> JudgeDesired(const RepositoryCount& count) {
  if (!count.empty_source.empty()) {
    return Block{kEmptyDesired,
                 fmt::format("{}, which is mirrored here, lists no tag at all; nothing lifts this "
                             "guard: if it is gone for good, take it out of the configuration",
                             count.empty_source)};
  }
  if (count.desired > 0) return std::nullopt;
  return Block{kEmptyDesired,
               fmt::format("the configuration wants no tag in this repository, which has {}; "
                           "nothing lifts this guard: if the repository is no longer wanted, "
                           "delete it in the registry",
                           TagsText(count.existing))};
}

void JudgeShare(const RetentionGuard& guard, const RepositoryCount& count, std::int64_t planned,
                std::vector<Block>& blocks) {
  if (planned == 0) return;
  if (count.existing - planned < guard.min_keep) {
    blocks.push_back({kMinKeep, fmt::format("{} of {} would leave {}; min_keep is {}",
                                            DeletionsText(planned), TagsText(count.existing),
                                            count.existing - planned, guard.min_keep)});
  }
  if (ExceedsPercent(planned, guard.max_delete_percent, count.existing)) {
    blocks.push_back({kMaxDeletePercent,
                      fmt::format("{} of {}; max_delete_percent is {}", DeletionsText(planned),
                                  TagsText(count.existing), guard.max_delete_percent)});
  }
}

void JudgeNumber(const RetentionGuard& guard, std::int64_t planned, std::vector<Block>& blocks) {
  if (!guard.max_deletes || planned <= *guard.max_deletes) return;
  blocks.push_back({kMaxDeletes, fmt::format("{}; max_deletes is {}", DeletionsText(planned),
                                             *guard.max_deletes)});
}

// One after the other: whoever mends one wants to know of the next.
std::optional<Block> Joined(const std::vector<Block>& blocks) {
  if (blocks.empty()) return std::nullopt;
  Block joined = blocks.front();
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    joined.reason += fmt::format("; also {}: {}", blocks[i].guard, blocks[i].reason);
  }
  return joined;
}

// What people write who mean it: the reason alone would leave them with the guard.
std::string HowToAllow(const std::string& repository, std::int64_t planned) {
  return fmt::format("; if that is meant, --allow-deletes {}={} allows it", repository, planned);
}

// Guards 2 to 4, of which 4 needs no other.
std::optional<Block> JudgeRepository(const RetentionGuard& guard, const RepositoryCount* count,
                                     std::int64_t planned) {
  std::vector<Block> blocks;
  if (count != nullptr) {
    if (auto block = JudgeDesired(*count)) return block;
    JudgeShare(guard, *count, planned, blocks);
  }
  JudgeNumber(guard, planned, blocks);
  return Joined(blocks);
}

// Guard 4 can't be lifted, so it takes the place of what can.
void BlockAll(const Block& block, const std::vector<Action*>& deletions) {
  for (Action* deletion : deletions) {
    std::optional<Block>& blocked = deletion->blocked;
    const bool replaces =
        block.guard == kEmptyDesired && blocked && blocked->guard == kBuildRecords;
    if (!blocked || replaces) blocked = block;
  }
}

// Lifts what the overrides allow in one repository; an allowance that is too small says so.
void Lift(const GuardOverrides& overrides, const std::string& repository,
          const std::vector<Action*>& deletions) {
  const auto allowed = overrides.allow_deletes.find(repository);
  const bool has_allowance = allowed != overrides.allow_deletes.end();
  const std::int64_t planned = CountPlanned(deletions);
  const bool lifts_numbers = overrides.force || (has_allowance && planned <= allowed->second);
  for (Action* deletion : deletions) {
    if (!deletion->blocked) continue;
    Block& block = *deletion->blocked;
    if (LimitsNumbers(block) ? lifts_numbers : overrides.force && block.guard == kBuildRecords) {
      deletion->blocked.reset();
    } else if (LimitsNumbers(block) && has_allowance) {
      block.reason += fmt::format("; --allow-deletes {}={} allows less than the {} planned",
                                  repository, allowed->second, planned);
    }
  }
}

bool BlocksDeletions(const Block& block) {
  static const std::set<std::string> kGuards = {kMinKeep,      kMaxDeletePercent, kMaxDeletes,
                                                kEmptyDesired, kBuildRecords,     "in_use"};
  return kGuards.count(block.guard) > 0 || block.guard == kBaseInUse;
}

// An archive copy serves one deletion: it runs if that one does.
void BlockArchives(std::vector<Action>& actions) {
  std::map<std::pair<Repository, std::string>, const Action*> deletions;
  for (const Action& action : actions) {
    if (action.kind != ActionKind::kDelete) continue;
    const Reference target = action.TargetReference();
    deletions[{target.repository, target.tag}] = &action;
  }
  for (Action& archive : actions) {
    if (archive.kind != ActionKind::kArchive) continue;
    const Reference& source = archive.copy.source;
    const auto served = deletions.find({source.repository, source.tag});
    if (served == deletions.end()) continue;
    const std::optional<Block>& blocked = served->second->blocked;
    if (archive.blocked && !BlocksDeletions(*archive.blocked)) continue;
    archive.blocked = blocked;
  }
}

void LiftAll(const GuardOverrides& overrides, const Deletions& deletions) {
  for (const auto& [repository, of_repository] : deletions) {
    Lift(overrides, repository, of_repository);
  }
}

void RefuseToLift(const GuardOverrides& overrides, Plan& plan) {
  for (Action& action : plan.actions) {
    if (action.kind != ActionKind::kDelete || !action.blocked) continue;
    const std::string repository = action.TargetReference().repository.ToString();
    if (!overrides.force && overrides.allow_deletes.count(repository) == 0) continue;
    action.blocked->reason +=
        "; it can't be allowed now, as --only or the command of a stage left something out of this "
        "plan, and it would have to wait for that: plan with --allow-deletes or --force";
  }
}

std::size_t CountBlocked(const Plan& plan) {
  return static_cast<std::size_t>(
      std::count_if(plan.actions.begin(), plan.actions.end(),
                    [](const Action& action) { return action.blocked.has_value(); }));
}

// The report was written for deletions that stay undone.
void WriteReportAnew(Plan& plan) {
  for (Action& action : plan.actions) {
    if (action.kind != ActionKind::kCommit || action.stage != Stage::kStatus) continue;
    action.commit.content.clear();
    action.commit.content_known = false;
    action.after.clear();
    action.reason = kReportFollows;
    action.remarks = {action.reason};
  }
}

}  // namespace

void ApplyGuards(const RetentionGuard& guard, const GuardOverrides& overrides,
                 const std::map<std::string, RepositoryCount>& repositories,
                 std::vector<Action>& actions) {
  const Deletions deletions = DeletionsByRepository(actions);
  for (const auto& [repository, of_repository] : deletions) {
    const auto count = repositories.find(repository);
    const std::int64_t planned = CountPlanned(of_repository);
    auto block =
        JudgeRepository(guard, count == repositories.end() ? nullptr : &count->second, planned);
    if (!block) continue;
    if (LimitsNumbers(*block)) block->reason += HowToAllow(repository, planned);
    BlockAll(*block, of_repository);
  }
  LiftAll(overrides, deletions);
  BlockBases(actions);
  BlockArchives(actions);
}

absl::Status LiftGuards(const GuardOverrides& overrides, Plan& plan) {
  if (plan.narrowed) {
    RefuseToLift(overrides, plan);
    return absl::OkStatus();
  }
  const std::size_t before = CountBlocked(plan);
  LiftAll(overrides, DeletionsByRepository(plan.actions));
  BlockBases(plan.actions);
  BlockArchives(plan.actions);
  if (CountBlocked(plan) < before) WriteReportAnew(plan);
  ConnectActions(plan.actions);
  return SortActions(plan.actions);
}

std::vector<std::string> UnknownAllowances(const GuardOverrides& overrides, const Plan& plan) {
  std::vector<std::string> warnings;
  for (const auto& [repository, allowed] : overrides.allow_deletes) {
    if (plan.observed.count(repository) > 0) continue;
    warnings.push_back(
        fmt::format("--allow-deletes {}={}: this plan has seen no repository of that name",
                    repository, allowed));
  }
  return warnings;
}

absl::StatusOr<std::pair<std::string, std::int64_t>> ParseAllowDeletes(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos) {
    return absl::InvalidArgumentError(fmt::format(
        "--allow-deletes {}: write REPOSITORY=N, how many deletions are allowed", text));
  }
  const absl::StatusOr<Repository> repository = ParseRepository(text.substr(0, equals));
  if (!repository.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("--allow-deletes {}: {}", text, std::string(repository.status().message())));
  }
  const char* first = text.data() + equals + 1;
  const char* last = text.data() + text.size();
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(first, last, count);
  if (error != std::errc() || end != last || count < 0) {
    return absl::InvalidArgumentError(fmt::format(
        "--allow-deletes {}: \"{}\" is not a number of deletions", text, std::string(first, last)));
  }
  return std::make_pair(repository->ToString(), count);
}

}  // namespace imglife
