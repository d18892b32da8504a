#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "engine/diff/commit_as_it_is.h"
#include "engine/diff/diff.h"
#include "engine/diff/eol_after.h"
#include "engine/plan/words.h"
#include "schema/documents/eol_data.h"
#include "schema/documents/eol_status.h"

namespace imglife {
namespace {

char Symbol(EolCycleChange::Kind kind) {
  switch (kind) {
    case EolCycleChange::Kind::kAdded:
      return '+';
    case EolCycleChange::Kind::kChanged:
      return '~';
    case EolCycleChange::Kind::kRemoved:
      return '-';
  }
  return ' ';
}

// Where a product is asked for first.
std::string PlaceOfProduct(const Config& config, const std::string& product) {
  const auto names = [&](const auto& one) {
    return one.lifecycle && one.lifecycle->product == product;
  };
  if (config.sync) {
    const auto& entries = config.sync->entries;
    const auto entry = std::find_if(entries.begin(), entries.end(), names);
    if (entry != entries.end()) return PlaceText(config, entry->lifecycle->rule);
  }
  if (config.build) {
    const auto& images = config.build->images;
    const auto image = std::find_if(images.begin(), images.end(), names);
    if (image != images.end()) return PlaceText(config, image->lifecycle->rule);
  }
  return config.file;
}

void ReportUnfetched(const Config& config, const Observed& observed, StageDiff& diff) {
  for (const auto& [product, cycles] : observed.eol) {
    if (cycles.ok()) continue;
    const bool kept = observed.eol_file.products.count(product) > 0;
    diff.errors.emplace_back(
        fmt::format("{}: EOL dates of {} could not be fetched{}", PlaceOfProduct(config, product),
                    product, kept ? ", those of the file stay" : ""),
        std::string(cycles.status().message()), Effects{{Effect::kProductUnfetched, product}});
    diff.not_planned.push_back({ActionKind::kCommit, product, diff.errors.back()});
  }
}

// Because of the last error; those that weren't fetched have their own.
void PlanNoOther(const Observed& observed, StageDiff& diff) {
  for (const auto& [product, cycles] : observed.eol) {
    if (cycles.ok()) diff.not_planned.push_back({ActionKind::kCommit, product, diff.errors.back()});
  }
}

// Is it known what the file should be? Not without any answer, and not from the file itself.
bool KnowsWanted(const Config& config, const Observed& observed) {
  if (config.lifecycle.provider == LifecycleSection::Provider::kLocal) return false;
  return std::any_of(observed.eol.begin(), observed.eol.end(),
                     [](const auto& product) { return product.second.ok(); });
}

// One line for a product that comes or goes as a whole, else one line a cycle.
std::vector<ActionDetail> Describe(const std::vector<EolCycleChange>& changes,
                                   const EolData& before, const EolData& after) {
  std::vector<ActionDetail> lines;
  std::set<std::string> whole;
  for (const EolCycleChange& change : changes) {
    const auto old = before.products.find(change.product);
    const auto now = after.products.find(change.product);
    if (old != before.products.end() && now != after.products.end()) {
      const std::string name = fmt::format("{} {}", change.product, change.cycle);
      lines.push_back({Symbol(change.kind),
                       change.what.empty() ? name : fmt::format("{}   {}", name, change.what)});
    } else if (whole.insert(change.product).second) {
      const EolCycles& cycles = now != after.products.end() ? now->second : old->second;
      lines.push_back({Symbol(change.kind),
                       fmt::format("{}   {}, newest {}", change.product,
                                   CountText(cycles.size(), "cycle"), cycles.front().cycle)});
    }
  }
  return lines;
}

Action Commit(const Config& config, const Observed& observed, const EolData& after,
              const std::vector<EolCycleChange>& changes) {
  Action action;
  action.kind = ActionKind::kCommit;
  action.stage = Stage::kEol;
  action.target = config.lifecycle.eol_data_file_as_written;
  action.operation = observed.eol_file_content ? Operation::kUpdate : Operation::kCreate;
  action.cause = Cause::kUpstream;
  action.rule = config.lifecycle.rule;
  action.before = observed.eol_file_content ? Digest::OfBytes(*observed.eol_file_content).str()
                                            : std::string(kAbsent);
  action.commit.content = WriteEolData(after);
  action.commit.content_known = true;
  action.after = Digest::OfBytes(action.commit.content).str();
  for (const EolCycleChange& change : changes) {
    action.commit.changed.push_back(fmt::format("{} {}", change.product, change.cycle));
  }
  action.details = Describe(changes, observed.eol_file, after);
  action.reason = fmt::format("{} changed upstream", CountText(changes.size(), "cycle"));
  action.remarks = {fmt::format("{} changed", CountText(changes.size(), "cycle"))};
  return action;
}

void WarnOfOldBases(const Config& config, const Desired& desired, const EolData& data,
                    absl::Time policy_now, StageDiff& diff) {
  const absl::CivilDay today = absl::ToCivilDay(policy_now, absl::UTCTimeZone());
  for (const DesiredImage& image : desired.images) {
    const BuildImage& written = config.build->images[image.index];
    const EolCycle* cycle = CycleOfImage(config, image, data);
    const EolState state =
        EolStateOn(today, cycle, config.lifecycle.warn_days, config.lifecycle.critical_days);
    if (written.type == ImageType::kSpeDev) continue;
    if (state != EolState::kExpired && state != EolState::kCritical) continue;
    const EolCycle* newest =
        NewestSupportedCycle(today, data.products.at(written.lifecycle->product));
    diff.warnings.push_back(fmt::format(
        "{}: {} stands on {} {}, which is {} (EOL {}){}", RuleText(config, written.rule),
        image.image.ToString(), written.lifecycle->product, cycle->cycle, EolStateName(state),
        EolDateText(cycle),
        newest == nullptr ? "" : fmt::format("; the newest supported cycle is {}", newest->cycle)));
  }
}

}  // namespace

StageDiff DiffEol(const Config& config, const Desired& desired, const Observed& observed,
                  absl::Time policy_now) {
  StageDiff diff;
  const EolData after = EolAfterUpdate(observed);
  WarnOfOldBases(config, desired, after, policy_now, diff);
  if (observed.eol.empty()) return diff;
  ReportUnfetched(config, observed, diff);
  if (config.lifecycle.target == LifecycleSection::Target::kPackageRegistry) {
    diff.errors.push_back(
        fmt::format("{}: eol_target: pkgregistry isn't available in this version; use git",
                    PlaceText(config, config.lifecycle.rule)));
    PlanNoOther(observed, diff);
    return diff;
  }
  if (!observed.eol_file_status.ok()) {
    diff.errors.push_back(std::string(observed.eol_file_status.message()));
    PlanNoOther(observed, diff);
    return diff;
  }
  const auto changes = CompareEolData(observed.eol_file, after);
  if (!changes.empty()) {
    Action commit = Commit(config, observed, after, changes);
    TellOfNoCommit("lifecycle", config.lifecycle.git, observed.eol_file_in_work_tree, commit, diff);
    diff.actions.push_back(std::move(commit));
  } else if (observed.eol_file_content && KnowsWanted(config, observed)) {
    PlanCommitAsItIs({.stage = Stage::kEol,
                      .name = config.lifecycle.eol_data_file_as_written,
                      .rule = config.lifecycle.rule,
                      .content = *observed.eol_file_content},
                     observed.eol_file_uncommitted, diff);
  }
  return diff;
}

}  // namespace imglife
