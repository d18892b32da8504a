#include "engine/report/deletion_words.h"

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/plan/words.h"

namespace imglife {
namespace {

constexpr std::size_t kMostSiblings = 10;

std::string OwnParts(const DeleteWork& work) {
  std::vector<std::string> parts;
  if (!work.exclusive_children.empty()) {
    const std::size_t count = work.exclusive_children.size();
    parts.push_back(CountText(count, "platform manifest"));
  }
  if (!work.exclusive_referrers.empty()) {
    parts.push_back(CountText(work.exclusive_referrers.size(), "referrer"));
  }
  if (!work.referrer_tags.empty()) {
    parts.push_back(CountText(work.referrer_tags.size(), "signature tag"));
  }
  if (parts.empty()) return "";
  return fmt::format("; removed with it because only it has them: {}", fmt::join(parts, ", "));
}

bool IsArchivedFirst(const Action& deletion) {
  return std::any_of(deletion.needs.begin(), deletion.needs.end(),
                     [](const Need& need) { return need.kind == NeedKind::kArchived; });
}

}  // namespace

std::string ShortState(const std::string& state) {
  const absl::StatusOr<Digest> digest = Digest::Parse(state);
  return digest.ok() ? digest->Short() : state;
}

std::string SiblingsText(const Action& deletion) {
  const std::vector<std::string>& siblings = deletion.removal.siblings;
  if (siblings.empty()) return "none";
  const std::size_t named = std::min(siblings.size(), kMostSiblings);
  const auto end = siblings.begin() + static_cast<std::ptrdiff_t>(named);
  std::string text = fmt::format("{}", fmt::join(siblings.begin(), end, ", "));
  if (siblings.size() > named) text += fmt::format(" and {} more", siblings.size() - named);
  return text;
}

std::string SafetyText(const Action& deletion) {
  if (deletion.blocked) {
    return fmt::format("blocked by {}: {}", deletion.blocked->guard, deletion.blocked->reason);
  }
  const bool manifest = deletion.removal.way == DeleteWork::Way::kManifest;
  std::string text = manifest ? "nothing else in the repository uses the digest"
                              : "only this name goes, what else uses the digest keeps it";
  text += OwnParts(deletion.removal);
  if (deletion.removal.frees) text += "; frees " + SizeText(*deletion.removal.frees);
  if (IsArchivedFirst(deletion)) text += "; archived first";
  return text;
}

}  // namespace imglife
