// What of a removal people have seen in the plan (plan-apply.md, "nothing outside the plan is
// touched"). Pure.
#pragma once

#include <optional>
#include <string>

#include "engine/diff/removal.h"
#include "engine/observe/repository_use.h"
#include "engine/plan/action.h"

namespace imglife {

// Takes out of `removal` the parts of the image that the plan doesn't list: they stay, which loses
// nothing.
void KeepUnplannedParts(const DeleteWork& planned, Removal& removal);

// What refers to the image, to its parts in `removal` or to what goes with them: is it what the
// plan lists? If something was attached since, or a tag names something else (somebody signed
// again), returns why the image has to stay: its referrers would go unseen, or be left without
// their subject. Otherwise nothing, and `removal` has those referrers and tags that go: of what
// stays everything stays.
std::optional<std::string> KeepUnplannedReferrers(const DeleteWork& planned,
                                                  const RepositoryUse& use, const Digest& image,
                                                  Removal& removal);

}  // namespace imglife
