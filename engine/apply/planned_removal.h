// What of a removal people have seen in the plan (plan-apply.md, "nothing outside the plan is
// touched"). Pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/diff/removal.h"
#include "engine/observe/repository_use.h"
#include "engine/plan/plan.h"

namespace imglife {

// All that the deletions of a plan in one repository take away, together: what several of them
// share goes with whichever is the last to run, which the plan doesn't know.
class PlannedRemoval {
 public:
  // `tag`: its target. Of a blocked deletion nothing goes.
  void Add(const Action& deletion, const std::string& tag);

  // Does the plan have a deletion of the tag, be it blocked?
  bool Names(const std::string& tag) const { return tags_.count(tag) > 0; }

  // Does the plan delete the manifest behind `image`, and not only a name of it?
  bool Takes(const Digest& image) const { return images_.count(image) > 0; }

  // Lets `use` keep those of the parts that no deletion of the plan takes, as a part or as an image
  // of its own, which loses nothing. Returns the others.
  std::vector<Digest> KeepUnplannedParts(const std::vector<Digest>& parts,
                                         RepositoryUse& use) const;

  // What refers to the image, to its parts in `removal` or to what goes with them: is it what the
  // plan lists? If something was attached since, or a tag names something else (somebody signed
  // again), returns why the image has to stay: its referrers would go unseen, or be left without
  // their subject. Otherwise nothing, and `removal` has those referrers and tags that go: of what
  // stays everything stays.
  std::optional<std::string> KeepUnplannedReferrers(const RepositoryUse& use, const Digest& image,
                                                    Removal& removal) const;

 private:
  std::set<std::string> tags_;
  std::set<Digest> images_;
  std::set<Digest> children_;
  std::set<Digest> referrers_;
  std::map<std::string, Digest> referrer_tags_;
};

// Those of every repository. Thread safety: any number of threads may call.
class PlannedRemovals {
 public:
  explicit PlannedRemovals(const Plan& plan);

  const PlannedRemoval& In(const Repository& repository) const;

 private:
  std::map<Repository, PlannedRemoval> by_repository_;
};

}  // namespace imglife
