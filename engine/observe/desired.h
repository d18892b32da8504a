// What the configuration wants, once upstream's tags are known. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/observe/listings.h"
#include "engine/observe/registry_servers.h"
#include "engine/plan/problem.h"
#include "schema/config/config.h"
#include "schema/image/reference.h"

namespace imglife {

// A tag that a sync entry puts into its target.
struct DesiredTag {
  std::size_t entry = 0;             // index in sync.entries: the first that selects it
  std::vector<std::size_t> entries;  // all that select it, in their order
  std::string source_tag;
  std::string reason;  // "newest 3 of 41 matching tags", "pinned by build.images[0]"
  // What any of the entries that select it asks for.
  bool check_digest = false;
  bool referrers = false;
  // The mirror of this configuration that it is copied from and whose own entries want
  // `source_tag`: what is copied is what is there once they are done.
  std::optional<Repository> provider;
};

// An image of build.images, with everything that follows from the configuration and the selected
// tags.
struct DesiredImage {
  std::size_t index = 0;
  Reference image;  // where it is pushed
  Reference base;   // mirror_image:mirror_tag, no digest
  std::string version;
  // The image of this configuration that it stands on, if any.
  std::optional<std::size_t> base_image;
  // The sync entry that provides the base's tag, if any.
  std::optional<std::size_t> base_entry;
};

// What of an image has an EOL cycle: its version by a lifecycle of its own, the tag of its base by
// that of its mirror.
inline const std::string& TagWithCycle(const BuildImage& written, const DesiredImage& image) {
  return written.lifecycle_of_mirror ? image.base.tag : image.version;
}

struct Desired {
  // By target repository, then target tag.
  std::map<Repository, std::map<std::string, DesiredTag>> mirrors;
  // In the order of build.images; an image that can't be resolved is missing here and named in
  // `unresolved`.
  std::vector<DesiredImage> images;
  // By index in build.images: the text of which of `errors` is the reason.
  std::map<std::size_t, std::string> unresolved;
  std::vector<std::string> warnings;
  // Entries and images that can't be planned, one sentence each with FILE:LINE, and why.
  std::vector<Problem> errors;
  // Repositories whose desired set is not complete because of such an error: nothing may be deleted
  // there.
  std::vector<Repository> incomplete;
  // By target: the cause for which what a sync entry selects there is not known.
  std::map<Repository, std::string> unselected;
  // By target: a source of it that lists no tag at all, as a broken list would have it.
  std::map<Repository, Repository> empty_sources;
};

// By entry and source tag: `26.7.0-alpine3.21` for `alpine3.21`. NotFound: it is absent, or no
// version tag has its digest. Other errors: it could not be told.
using OsNames = std::map<std::pair<std::size_t, std::string>, absl::StatusOr<std::string>>;

// What has to be in the mirror that `wanted` is copied from; null if it comes from elsewhere.
const DesiredTag* FindProvider(const Desired& desired, const DesiredTag& wanted);

// `listed` has the tag list (or why there is none) of every source that ListedSources names, and
// `os_names` what FindOsNames made of it. An entry whose source is the target of others selects
// from what is there, whatever retention says of it, and from what these want there.
Desired ComputeDesired(const Config& config, const Listings& listed, const OsNames& os_names = {},
                       const RegistryServers& servers = {});

}  // namespace imglife
