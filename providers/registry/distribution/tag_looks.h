// What tags named when they were last looked at: what a write of one may replace.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

#include "providers/registry.h"

namespace imglife {

// Thread safety: any number of threads may call.
class TagLooks {
 public:
  // Of a look at a tag; NotFound is that it names nothing. Other errors tell nothing.
  void Saw(const Repository& repository, const std::string& tag,
           const absl::StatusOr<Digest>& named);

  // Empty if the tag named nothing, and where nobody has looked.
  Digest Last(const Repository& repository, const std::string& tag) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<Repository, std::string>, Digest> named_;
};

}  // namespace imglife
