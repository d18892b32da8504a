// Asks the world everything that the diffs need, each distinct question once, all in flight
// together.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "engine/observe/registry_memo.h"
#include "engine/observe/world.h"
#include "engine/plan/action.h"
#include "schema/config/config.h"

namespace imglife {

struct Observation {
  Desired desired;
  Observed observed;
};

// `stages`: what a command will plan; questions that only other stages need aren't asked. What
// can't be read is in the result, never an empty answer.
Observation Observe(const Config& config, const std::set<Stage>& stages, RegistryMemo& registry,
                    const World& world);

// What the deletion of these tags depends on besides the images themselves: what their registries
// can do, what refers to their digests, and who else uses what they lead to. Nothing is asked of a
// repository that isn't named.
void ObserveDeletions(const std::map<Repository, std::vector<std::string>>& candidates,
                      RegistryMemo& registry, Observed& observed);

// The repositories of build.images and of sync targets: what cleanup looks at.
std::vector<Repository> CleanupScope(const Config& config, const Desired& desired);

// Manifest, platforms and configs behind a tag or digest: what Observe does for one image.
absl::StatusOr<ObservedImage> ReadImage(RegistryMemo& registry, const Repository& repository,
                                        const std::string& tag_or_digest);

// The template and the files of an image's folder. NotFound names the missing one.
absl::StatusOr<ObservedContext> ReadImageFolder(const BuildImage& image);

}  // namespace imglife
