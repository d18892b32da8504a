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

DeletionWords::DeletionWords(const Plan& plan) {
  for (const Action& action : plan.actions) {
    if (action.kind != ActionKind::kDelete || action.blocked) continue;
    const Reference target = action.TargetReference();
    going_.insert({target.repository, target.tag, {}});
  }
  for (const Action& action : plan.actions) {
    if (action.kind != ActionKind::kDelete || action.blocked || !TakesDigest(action)) continue;
    const Reference target = action.TargetReference();
    last_names_[{target.repository, action.before}] = target.tag;
  }
}

bool DeletionWords::Goes(const Repository& repository, const std::string& tag) const {
  return going_.count({repository, tag, {}}) > 0;
}

bool DeletionWords::TakesDigest(const Action& deletion) const {
  const std::vector<std::string>& siblings = deletion.removal.siblings;
  const Repository repository = deletion.TargetReference().repository;
  return deletion.removal.way == DeleteWork::Way::kManifest &&
         std::all_of(siblings.begin(), siblings.end(),
                     [&](const std::string& tag) { return Goes(repository, tag); });
}

std::string DeletionWords::Siblings(const Action& deletion) const {
  const std::vector<std::string>& siblings = deletion.removal.siblings;
  const Repository repository = deletion.TargetReference().repository;
  std::vector<std::string> named(
      siblings.begin(),
      siblings.begin() + static_cast<std::ptrdiff_t>(std::min(siblings.size(), kMostSiblings)));
  for (std::string& tag : named) {
    tag = OtherNameText(tag, Goes(repository, tag));
  }
  if (named.empty()) return "none";
  std::string text = fmt::format("{}", fmt::join(named, ", "));
  if (siblings.size() > named.size()) {
    text += fmt::format(" and {} more", siblings.size() - named.size());
  }
  return text;
}

const std::string* DeletionWords::LastNameOf(const Action& deletion) const {
  const auto last = last_names_.find({deletion.TargetReference().repository, deletion.before});
  return last == last_names_.end() ? nullptr : &last->second;
}

std::string DeletionWords::Safety(const Action& deletion) const {
  if (deletion.blocked) {
    return fmt::format("blocked by {}: {}", deletion.blocked->guard, deletion.blocked->reason);
  }
  std::string text;
  if (TakesDigest(deletion)) {
    text =
        deletion.removal.siblings.empty()
            ? "nothing else in the repository uses the digest"
            : "the digest goes with this name: nothing else uses it once its other names are gone";
    text += OwnParts(deletion.removal);
    if (deletion.removal.frees) text += "; frees " + SizeText(*deletion.removal.frees);
  } else if (const std::string* last = LastNameOf(deletion)) {
    text = fmt::format("only this name goes here; the digest goes with {}", *last);
  } else {
    text = "only this name goes, what else uses the digest keeps it";
  }
  if (IsArchivedFirst(deletion)) text += "; archived first";
  return text;
}

}  // namespace imglife
