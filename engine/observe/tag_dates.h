// When tags were pushed, for lists that came without it.
#pragma once

#include <set>

#include "engine/observe/desired.h"
#include "engine/observe/listings.h"
#include "engine/observe/registry_memo.h"

namespace imglife {

// Asks for the dates of `repositories` all together and puts those of listed tags into `lists`, or
// why there are none. Repositories without a readable list are left alone, and those without tags:
// of one that isn't there yet a registry's own API knows nothing, which is no reason to fail.
// Returned are those of `repositories` whose lists lack no date that their registry could tell.
std::set<Repository> AddDates(const std::set<Repository>& repositories, RegistryMemo& registry,
                              Listings& lists);

// Where a registry has push times but can't be read, nothing is old: those of `targets` are among
// `desired.incomplete`, and `desired.errors` say why.
void RefuseToAgeUndated(const std::set<Repository>& targets, const Listings& lists,
                        Desired& desired);

}  // namespace imglife
