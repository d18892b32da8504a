#include "engine/apply/tags_at_start.h"

#include <algorithm>
#include <utility>

namespace imglife {

bool TagsAtStart::MayHave(const Reference& tag) {
  using Tags = std::vector<std::string>;
  const auto tags = tags_.Get(tag.repository, [&]() -> std::shared_ptr<const Tags> {
    auto list = registry_.ListTags(tag.repository);
    if (!list.ok()) return nullptr;
    return std::make_shared<const Tags>(std::move(list->tags));
  });
  return tags == nullptr || std::binary_search(tags->begin(), tags->end(), tag.tag);
}

}  // namespace imglife
