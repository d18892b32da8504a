#include "providers/registry/distribution/tag_looks.h"

namespace imglife {

void TagLooks::Saw(const Repository& repository, const std::string& tag,
                   const absl::StatusOr<Digest>& named) {
  if (!named.ok() && !absl::IsNotFound(named.status())) return;
  absl::MutexLock lock(&mutex_);
  if (named.ok()) {
    named_[{repository, tag}] = *named;
  } else {
    named_.erase({repository, tag});
  }
}

Digest TagLooks::Last(const Repository& repository, const std::string& tag) const {
  absl::MutexLock lock(&mutex_);
  const auto named = named_.find({repository, tag});
  return named == named_.end() ? Digest() : named->second;
}

}  // namespace imglife
