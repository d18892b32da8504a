#include "engine/diff/unreadable.h"

#include "fmt/format.h"

#include "engine/plan/words.h"

namespace imglife {
namespace {

std::vector<std::string> UnreadableOrphans(const Observed& observed) {
  std::vector<std::string> lines;
  if (!observed.orphans_status.ok()) {
    lines.push_back(std::string(observed.orphans_status.message()));
  }
  for (const Orphan& orphan : observed.orphans) {
    if (orphan.tags) continue;
    lines.push_back(fmt::format("the tags of {} could not be read", orphan.repository.ToString()));
  }
  return lines;
}

}  // namespace

std::vector<std::string> Unreadable(const Observation& seen, const StageDiff& cleanup) {
  std::vector<std::string> lines = seen.desired.errors;
  for (const auto& [repository, there] : seen.observed.repositories) {
    if (there.listed && !there.status.ok()) {
      lines.push_back(fmt::format("{} could not be read: {}", repository.ToString(),
                                  WhyText(repository.ToString(), there.status)));
    }
    for (const auto& [tag, found] : there.resolved) {
      if (found.ok() || absl::IsNotFound(found.status())) continue;
      const std::string reference = Reference{repository, tag, {}}.ToString();
      lines.push_back(
          fmt::format("{} could not be read: {}", reference, WhyText(reference, found.status())));
    }
  }
  for (const std::string& line : UnreadableOrphans(seen.observed)) lines.push_back(line);
  lines.insert(lines.end(), cleanup.errors.begin(), cleanup.errors.end());
  if (!seen.observed.eol_file_status.ok()) {
    lines.push_back(std::string(seen.observed.eol_file_status.message()));
  }
  return lines;
}

}  // namespace imglife
