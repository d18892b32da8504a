#include "engine/apply/tags_at_start.h"

#include <algorithm>

namespace imglife {

bool TagsAtStart::MayHave(const Reference& tag) {
  const auto list = lists_.Get(tag.repository, [&] { return registry_.ListTags(tag.repository); });
  return !list.ok() || std::binary_search(list->tags.begin(), list->tags.end(), tag.tag);
}

}  // namespace imglife
