// What every rendering of a plan says in the same words. Pure; nothing here is escaped.
#pragma once

#include <string>
#include <vector>

#include "engine/plan/plan.h"

namespace imglife {

// '+', '~', '-'; '*' for hooks, which aren't counted.
char PlanSymbol(const Action& action);

// "Plan: 2 to add, 2 to change, 1 to destroy.", or "No changes. Registries match the
// configuration." where that is known to be true: nothing was left out and everything was read.
std::string PlanClosing(const Plan& plan);

// "3 deletions are blocked: 2 by max_deletes, 1 by in_use", one line for each sort of action.
std::vector<std::string> BlockedLines(const Plan& plan);

// "docker.io: these copies take up to 12 pulls; 76 of 100 are left (within 6h).", or nothing where
// no pull is counted.
std::string PullsLine(const Plan& plan);

// Of one stage, sorted by the bytes of the address.
std::vector<const Action*> ActionsOfStage(const Plan& plan, Stage stage);

// The remarks, or the reason where there are none.
std::vector<std::string> RemarksOf(const Action& action);

}  // namespace imglife
