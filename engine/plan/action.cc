#include "engine/plan/action.h"

#include <array>
#include <utility>

namespace imglife {
namespace {

template <typename Enum, std::size_t kSize>
using Words = std::array<std::pair<Enum, std::string_view>, kSize>;

constexpr Words<ActionKind, 7> kKinds = {{
    {ActionKind::kCopy, "copy"},
    {ActionKind::kBuild, "build"},
    {ActionKind::kCommit, "commit"},
    {ActionKind::kPublish, "publish"},
    {ActionKind::kArchive, "archive"},
    {ActionKind::kDelete, "delete"},
    {ActionKind::kHook, "hook"},
}};

constexpr Words<Stage, 5> kStages = {{
    {Stage::kSync, "sync"},
    {Stage::kBuild, "build"},
    {Stage::kEol, "eol"},
    {Stage::kStatus, "status"},
    {Stage::kCleanup, "cleanup"},
}};

constexpr Words<Operation, 4> kOperations = {{
    {Operation::kCreate, "create"},
    {Operation::kUpdate, "update"},
    {Operation::kDelete, "delete"},
    {Operation::kRun, "run"},
}};

constexpr Words<Cause, 4> kCauses = {{
    {Cause::kPending, "pending"},
    {Cause::kUpstream, "upstream"},
    {Cause::kDrift, "drift"},
    {Cause::kExpired, "expired"},
}};

constexpr Words<NeedKind, 3> kNeedKinds = {{
    {NeedKind::kSuccess, "success"},
    {NeedKind::kArchived, "archived"},
    {NeedKind::kGate, "gate"},
}};

template <typename Enum, std::size_t kSize>
std::string_view WordOf(const Words<Enum, kSize>& words, Enum value) {
  for (const auto& [candidate, word] : words) {
    if (candidate == value) return word;
  }
  return {};
}

template <typename Enum, std::size_t kSize>
std::optional<Enum> ValueOf(const Words<Enum, kSize>& words, std::string_view name) {
  for (const auto& [value, word] : words) {
    if (word == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view KindName(ActionKind kind) {
  return WordOf(kKinds, kind);
}
std::string_view StageName(Stage stage) {
  return WordOf(kStages, stage);
}
std::string_view OperationName(Operation operation) {
  return WordOf(kOperations, operation);
}
std::string_view CauseName(Cause cause) {
  return WordOf(kCauses, cause);
}
std::string_view NeedKindName(NeedKind kind) {
  return WordOf(kNeedKinds, kind);
}

std::optional<ActionKind> KindFromName(std::string_view name) {
  return ValueOf(kKinds, name);
}
std::optional<Stage> StageFromName(std::string_view name) {
  return ValueOf(kStages, name);
}
std::optional<Operation> OperationFromName(std::string_view name) {
  return ValueOf(kOperations, name);
}
std::optional<Cause> CauseFromName(std::string_view name) {
  return ValueOf(kCauses, name);
}
std::optional<NeedKind> NeedKindFromName(std::string_view name) {
  return ValueOf(kNeedKinds, name);
}

std::string Action::Address() const {
  std::string address(KindName(kind));
  address += ' ';
  address += target;
  return address;
}

bool Action::HasReference() const {
  return kind == ActionKind::kCopy || kind == ActionKind::kBuild || kind == ActionKind::kArchive ||
         kind == ActionKind::kDelete;
}

Reference Action::TargetReference() const {
  absl::StatusOr<Reference> reference = ParseReference(target);
  return reference.ok() ? *std::move(reference) : Reference{};
}

}  // namespace imglife
