// Plans for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/plan/plan.h"
#include "schema/image/manifest.h"

namespace imglife {

// "sha256:" and 64 digits that begin with `start`.
std::string DigestText(const std::string& start);
Digest MakeDigest(const std::string& start);
Descriptor MakeDescriptor(const std::string& digest_start);
Reference MakeReference(const std::string& text);

// Actions with what their kind needs and nothing else. References are "REPOSITORY:TAG".
Action MakeCopy(const std::string& target);
Action MakeBuild(const std::string& target, const std::string& base);
Action MakeArchive(const std::string& source, const std::string& target);
Action MakeDelete(const std::string& target, const std::string& digest_start = "dd");
Action MakeHook(const std::string& target, std::vector<std::string> triggers);
Action MakeCommit(Stage stage, const std::string& file);

// A plan of these actions, connected and sorted, with a head.
Plan MakePlanOf(std::vector<Action> actions);

// The action with that address, or null.
const Action* FindAction(const Plan& plan, const std::string& address);

// The guard of each action, "" where none blocks.
std::vector<std::string> GuardsOf(const std::vector<Action>& actions);

// The example of the format's description, word for word.
Plan ExamplePlan();
// Guards, filters, warnings, errors, a hook, and values that try to break out of their place.
Plan EverythingPlan();
// A plan with every kind of action and random content, the same for the same seed.
Plan RandomPlan(std::uint32_t seed, std::size_t actions);

}  // namespace imglife
