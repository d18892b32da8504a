#include "providers/registry/distribution/part_turns.h"

#include <algorithm>

namespace imglife {

PartTurns::Turn::~Turn() {
  const std::lock_guard lock(turns_.mutex_);
  turns_.Add(written_, named_, -1);
  turns_.ended_.notify_all();
}

PartTurns::Turn PartTurns::Take(const Repository& repository, const Digest& written,
                                const std::vector<Digest>& named) {
  std::vector<Turn::Part> parts;
  parts.reserve(named.size());
  for (const Digest& digest : named) parts.emplace_back(repository, digest);
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return IsFree({repository, written}, parts); });
  Add({repository, written}, parts, 1);
  return Turn(*this, {repository, written}, std::move(parts));
}

bool PartTurns::IsFree(const Turn::Part& written, const std::vector<Turn::Part>& named) const {
  const auto own = standing_.find(written);
  if (own != standing_.end() && own->second.naming > 0) return false;
  return std::none_of(named.begin(), named.end(), [this](const Turn::Part& part) {
    const auto at = standing_.find(part);
    return at != standing_.end() && at->second.writing > 0;
  });
}

void PartTurns::Add(const Turn::Part& written, const std::vector<Turn::Part>& named, int count) {
  standing_[written].writing += count;
  for (const Turn::Part& part : named) standing_[part].naming += count;
  const auto forget = [this](const Turn::Part& part) {
    const auto at = standing_.find(part);
    if (at != standing_.end() && at->second.writing == 0 && at->second.naming == 0) {
      standing_.erase(at);
    }
  };
  forget(written);
  for (const Turn::Part& part : named) forget(part);
}

}  // namespace imglife
