#include "engine/apply/planned_removal.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "fmt/format.h"

namespace imglife {
namespace {

// Everything that goes by the plan, found from the image on.
class PlannedReferrers {
 public:
  PlannedReferrers(const std::set<Digest>& referrers, const std::map<std::string, Digest>& tags,
                   const RepositoryUse& use, const Digest& image, Removal& removal)
      : planned_(referrers), planned_tags_(tags), use_(use), image_(image), removal_(removal) {}

  std::optional<std::string> Keep() {
    Enter(image_);
    for (const Digest& child : removal_.children) Enter(child);
    for (const Digest& referrer : removal_.referrers) {
      if (planned_.count(referrer) > 0) Enter(referrer);
    }
    // What a tag names has tags of its own (the signature of an SBOM).
    for (std::size_t i = 0; i < going_.size(); ++i) {
      if (auto why = TakeTagsOf(going_[i])) return why;
    }
    if (auto why = FindUnplanned()) return why;
    std::erase_if(removal_.referrers, [&](const Digest& one) { return seen_.count(one) == 0; });
    removal_.referrer_tags.assign(tags_.begin(), tags_.end());
    const auto stays = [&](const Digest& one) { return one != image_ && HasTagThatStays(one); };
    std::erase_if(removal_.manifests, stays);
    std::erase_if(removal_.children, stays);
    std::erase_if(removal_.referrers, stays);
    return std::nullopt;
  }

 private:
  void Enter(const Digest& digest) {
    if (seen_.insert(digest).second) going_.push_back(digest);
  }

  // By value: going_ grows meanwhile.
  std::optional<std::string> TakeTagsOf(const Digest subject) {
    for (const std::string& tag : use_.ReferrerTagsOf(subject)) {
      const Digest& named = use_.tags().at(tag);
      if (auto why = WhyNotAsPlanned(tag, named)) return why;
      tags_.insert(tag);
      if (removal_.manifests.count(named) > 0) Enter(named);
    }
    return std::nullopt;
  }

  std::optional<std::string> WhyNotAsPlanned(const std::string& tag, const Digest& named) const {
    const auto listed = planned_tags_.find(tag);
    if (listed == planned_tags_.end()) {
      return fmt::format("{} belongs to it and isn't in the plan; plan again", tag);
    }
    const Digest& then = listed->second;
    if (then == named) return std::nullopt;
    if (then.empty()) {
      return fmt::format(
          "the plan doesn't say what {} named, as an older version made it; plan again", tag);
    }
    return fmt::format(
        "{} belongs to it and changed since the plan was made: expected {}, found {}; plan again",
        tag, then.Short(), named.Short());
  }

  std::optional<std::string> FindUnplanned() const {
    for (const Digest& referrer : removal_.referrers) {
      if (seen_.count(referrer) > 0 || seen_.count(SubjectOf(referrer)) == 0) continue;
      return fmt::format("{} refers to it and isn't in the plan; plan again", referrer.Short());
    }
    return std::nullopt;
  }

  // One SBOM under the tags of two images, one of which stays.
  bool HasTagThatStays(const Digest& digest) const {
    const std::set<std::string>& tags = use_.TagsOf(digest);
    return !std::includes(tags_.begin(), tags_.end(), tags.begin(), tags.end());
  }

  // Of what only the registry's list names, the image is the subject.
  const Digest& SubjectOf(const Digest& referrer) const {
    const Manifest* manifest = use_.Find(referrer);
    return manifest != nullptr && manifest->subject ? manifest->subject->digest : image_;
  }

  const std::set<Digest>& planned_;
  const std::map<std::string, Digest>& planned_tags_;
  const RepositoryUse& use_;
  const Digest& image_;
  Removal& removal_;
  std::vector<Digest> going_;
  std::set<Digest> seen_;
  std::set<std::string> tags_;
};

}  // namespace

void PlannedRemoval::Add(const Action& deletion, const std::string& tag) {
  tags_.insert(tag);
  if (deletion.blocked) return;
  const DeleteWork& work = deletion.removal;
  const auto image = Digest::Parse(deletion.before);
  if (work.way == DeleteWork::Way::kManifest && image.ok()) images_.insert(*image);
  children_.insert(work.exclusive_children.begin(), work.exclusive_children.end());
  referrers_.insert(work.exclusive_referrers.begin(), work.exclusive_referrers.end());
  for (const TaggedReferrer& tagged : work.referrer_tags) {
    referrer_tags_[tagged.tag] = tagged.digest;
  }
}

std::vector<Digest> PlannedRemoval::KeepUnplannedParts(const std::vector<Digest>& parts,
                                                       RepositoryUse& use) const {
  std::vector<Digest> planned;
  for (const Digest& part : parts) {
    if (Takes(part) || children_.count(part) > 0) {
      planned.push_back(part);
    } else {
      use.Keep(part);
    }
  }
  return planned;
}

std::optional<std::string> PlannedRemoval::KeepUnplannedReferrers(const RepositoryUse& use,
                                                                  const Digest& image,
                                                                  Removal& removal) const {
  return PlannedReferrers(referrers_, referrer_tags_, use, image, removal).Keep();
}

PlannedRemovals::PlannedRemovals(const Plan& plan) {
  for (const Action& action : plan.actions) {
    if (action.kind != ActionKind::kDelete) continue;
    const Reference target = action.TargetReference();
    by_repository_[target.repository].Add(action, target.tag);
  }
}

const PlannedRemoval& PlannedRemovals::In(const Repository& repository) const {
  static const PlannedRemoval kNothing;
  const auto removal = by_repository_.find(repository);
  return removal == by_repository_.end() ? kNothing : removal->second;
}

}  // namespace imglife
