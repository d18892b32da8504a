#include "providers/registry/distribution/tag_looks.h"

#include <mutex>

namespace imglife {

void TagLooks::Saw(const Repository& repository, const std::string& tag,
                   const absl::StatusOr<Digest>& named) {
  if (!named.ok() && !absl::IsNotFound(named.status())) return;
  const std::lock_guard lock(mutex_);
  if (named.ok()) {
    named_[{repository, tag}] = *named;
  } else {
    named_.erase({repository, tag});
  }
}

Digest TagLooks::Last(const Repository& repository, const std::string& tag) const {
  const std::lock_guard lock(mutex_);
  const auto named = named_.find({repository, tag});
  return named == named_.end() ? Digest() : named->second;
}

}  // namespace imglife
