// References within commands and other text. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/observe/registry_servers.h"
#include "schema/image/reference.h"

namespace imglife {

// The tags and digests of `repository` that stand anywhere in `text` as its references, with its
// host, under any of its names, written before the path.
struct ReferencesInText {
  std::set<std::string> tags;
  std::set<std::string> digests;
};
ReferencesInText FindReferences(std::string_view text, const Repository& repository,
                                const RegistryServers& servers);

// Tells where FindReferences is worth while, without a search for each of many repositories.
class MentionedRepositories {
 public:
  explicit MentionedRepositories(const std::set<Repository>& repositories);

  // Those that `text` names before a tag or a digest, whatever stands before the name:
  // FindReferences finds nothing of others. Image layouts are always among them.
  std::set<Repository> In(std::string_view text) const;

 private:
  void AddAtEnd(std::string_view text, std::set<Repository>& mentioned) const;

  std::set<Repository> layouts_;
  std::map<std::string, std::vector<Repository>, std::less<>> by_path_;
  std::size_t longest_path_ = 0;
};

}  // namespace imglife
