#include "engine/apply/precondition.h"

#include <set>
#include <utility>

#include "fmt/format.h"

#include "engine/observe/image_limits.h"
#include "providers/files.h"

namespace imglife {
namespace {

std::string Shown(const std::string& state) {
  const auto digest = Digest::Parse(state);
  return digest.ok() ? digest->Short() : state;
}

// A manifest and those below it.
class Collector {
 public:
  Collector(RegistryMemo& registry, const Repository& repository, const std::string& top)
      : registry_(registry), repository_(repository), top_(top) {}

  absl::Status Collect(const std::string& digest, std::size_t depth) {
    if (!seen_.insert(digest).second) return absl::OkStatus();
    auto bytes = registry_.GetManifest(repository_, digest);
    if (!bytes.ok()) return bytes.status();
    const auto manifest = ParseManifest(bytes->media_type, bytes->content);
    if (!manifest.ok()) return manifest.status();
    manifests_.push_back(*std::move(bytes));
    if (depth > kMaxIndexDepth) return TooDeep(repository_, top_, kMaxIndexDepth);
    if (seen_.size() + manifest->children.size() > kMaxParts) {
      return TooManyParts(repository_, top_);
    }
    for (const Descriptor& child : manifest->children) {
      const absl::Status status = Collect(child.digest.str(), depth + 1);
      // What isn't there can't be put back either.
      if (!status.ok() && !absl::IsNotFound(status)) return status;
    }
    return absl::OkStatus();
  }

  std::vector<ManifestBytes> Take() { return std::move(manifests_); }

 private:
  RegistryMemo& registry_;
  const Repository& repository_;
  const std::string& top_;
  std::set<std::string> seen_;
  std::vector<ManifestBytes> manifests_;
};

}  // namespace

std::optional<ActionResult> SettledBefore(const Action& action,
                                          const absl::StatusOr<std::string>& now) {
  if (!now.ok()) return Failed(now.status());
  if (*now == action.before) return std::nullopt;
  if (!action.after.empty() && *now == action.after) {
    return ActionResult{.state = ResultState::kSatisfied, .message = "", .now = *now};
  }
  return BlockedByDrift(action.before, *now);
}

absl::Status LastLook::Take() {
  settled_ = look_();
  if (!settled_) return absl::OkStatus();
  return absl::AbortedError(FoundSatisfied() ? "it is already so" : settled_->message);
}

absl::Status LastLook::TakeAfter(const absl::Status& failed) {
  if (absl::IsCancelled(failed)) return failed;
  std::optional<ActionResult> now = look_();
  if (!now || now->state != ResultState::kSatisfied) return failed;
  settled_ = std::move(now);
  return absl::OkStatus();
}

bool LastLook::FoundSatisfied() const {
  return settled_ && settled_->state == ResultState::kSatisfied;
}

ActionResult LastLook::Outcome(ActionResult journaled) const {
  const bool journal_failed = FoundSatisfied() && journaled.state != ResultState::kOk;
  return settled_ && !journal_failed ? *settled_ : std::move(journaled);
}

absl::StatusOr<std::string> TagNow(Registry& registry, const Reference& reference) {
  const auto resolved = registry.Resolve(reference.repository, reference.tag);
  if (absl::IsNotFound(resolved.status())) return std::string(kAbsent);
  if (!resolved.ok()) return resolved.status();
  return resolved->digest.str();
}

absl::StatusOr<std::string> FileNow(const std::string& path) {
  const auto content = ReadFile(path);
  if (absl::IsNotFound(content.status())) return std::string(kAbsent);
  if (!content.ok()) return content.status();
  return Digest::OfBytes(*content).str();
}

absl::StatusOr<std::vector<ManifestBytes>> ManifestsOf(RegistryMemo& registry,
                                                       const Repository& repository,
                                                       const std::string& digest) {
  Collector collector(registry, repository, digest);
  const absl::Status status = collector.Collect(digest, 0);
  if (!status.ok()) return status;
  return collector.Take();
}

ActionResult Failed(const absl::Status& status) {
  if (absl::IsCancelled(status)) {
    return {.state = ResultState::kInterrupted, .message = std::string(status.message())};
  }
  return {.state = ResultState::kFailed, .message = std::string(status.message())};
}

ActionResult Drifted(const std::string& message) {
  return {.state = ResultState::kBlocked, .guard = "drift", .message = message};
}

ActionResult BlockedByDrift(const std::string& expected, const std::string& found) {
  return {
      .state = ResultState::kBlocked,
      .guard = "drift",
      .message = fmt::format("changed since the plan was made: expected {}, found {}; plan again",
                             Shown(expected), Shown(found)),
      .now = found};
}

}  // namespace imglife
