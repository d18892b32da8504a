// Configurations and tag lists for tests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/observe/desired.h"

namespace imglife {

Repository MakeRepository(const std::string& text);

// From the text of an imglife.yaml in "."; throws with every finding if it isn't valid.
Config MakeConfig(const std::string& content);

// The sections of an imglife.yaml, each element the inside of a flow mapping.
std::string SyncText(const std::vector<std::string>& entries);
// Pushed to r.test/bases with core version 1; `more` are lines of the section.
std::string BuildText(const std::vector<std::string>& images, const std::string& more = "");

// Where the images "app" and "lib" of BuildText go.
inline const Repository kApp = MakeRepository("r.test/bases/app");
inline const Repository kLib = MakeRepository("r.test/bases/lib");

// `tags` sorted by bytes, as lists are.
TagList MakeTagList(std::vector<std::string> tags);
Listings MakeListings(const std::map<std::string, std::vector<std::string>>& tags_by_repository);

// "TAG <- entry N: REASON" of each tag that a mirror shall hold;
// "TAG as SOURCE <- …" where upstream names it otherwise.
std::vector<std::string> DescribeMirror(const Desired& desired, const std::string& target);

}  // namespace imglife
