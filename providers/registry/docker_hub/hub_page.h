// One page of Docker Hub's list of tags (https://docs.docker.com/reference/api/hub/latest,
// "List repository tags"; protocol notes 3.5). Pure; any bytes may come in.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "providers/registry.h"

namespace imglife {

using DetailsByTag = std::map<std::string, TagDetails>;

struct HubPage {
  // Of the whole list; absent where the page doesn't say.
  std::optional<std::int64_t> count;
  // The URL of the page after this one as the server wrote it; empty on the last one.
  std::string next;
  DetailsByTag tags;
};

// What is no valid tag is left out: nobody can ask for it. A date is tag_last_pushed, else
// last_updated, and absent where neither is one; the digest is the tag's own, never one of its
// `images`, which are its platforms and may be missing (hub-feedback#2484). InvalidArgument if the
// body isn't such a page.
absl::StatusOr<HubPage> ParseHubPage(std::string_view body);

// Adds what another page says. Of a tag that moved from one page to the next while they were read
// the later push counts, in whatever order the pages come.
void MergeHubTags(DetailsByTag more, DetailsByTag& tags);

}  // namespace imglife
