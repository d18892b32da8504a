#include "engine/plan/fits_config.h"

#include <cstddef>
#include <string>

#include "fmt/format.h"

namespace imglife {
namespace {

// Empty if the configuration has it.
std::string MissingEntry(const Config& config, std::size_t index) {
  if (config.sync && index < config.sync->entries.size()) return "";
  return fmt::format("sync.entries[{}]", index);
}

std::string MissingImage(const Config& config, std::size_t index) {
  if (config.build && index < config.build->images.size()) return "";
  return fmt::format("build.images[{}]", index);
}

std::string Missing(const Config& config, const Action& action) {
  switch (action.kind) {
    case ActionKind::kCopy:
      return MissingEntry(config, action.copy.entry);
    case ActionKind::kBuild:
      return MissingImage(config, action.build.image);
    case ActionKind::kHook:
      return action.stage == Stage::kSync ? MissingEntry(config, action.hook.index)
                                          : MissingImage(config, action.hook.index);
    case ActionKind::kArchive:
    case ActionKind::kDelete:
      return config.retention ? "" : "retention";
    case ActionKind::kCommit:
    case ActionKind::kPublish:
      return "";
  }
  return "";
}

}  // namespace

absl::Status CheckFitsConfig(const Plan& plan, const Config& config) {
  for (const Action& action : plan.actions) {
    const std::string missing = Missing(config, action);
    if (missing.empty()) continue;
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" belongs to {}, which the configuration doesn't have; plan again",
                    action.Address(), missing));
  }
  return absl::OkStatus();
}

}  // namespace imglife
