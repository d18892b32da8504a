// Which tags a repository had when this apply came to it: one list for all of its copies.
//
// Thread safety: any number of threads may call.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/observe/once_map.h"
#include "engine/observe/registry_memo.h"
#include "schema/image/reference.h"

namespace imglife {

class TagsAtStart {
 public:
  explicit TagsAtStart(RegistryMemo& registry) : registry_(registry) {}

  // Was the tag listed, or could the list not be read? Saves the look at each tag before a transfer
  // that is looked at again before it is named; nothing may be overwritten on its word.
  bool MayHave(const Reference& tag);

 private:
  RegistryMemo& registry_;
  // Sorted; null where they couldn't be read.
  OnceMap<Repository, std::shared_ptr<const std::vector<std::string>>> tags_;
};

}  // namespace imglife
