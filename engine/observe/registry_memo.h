// A Registry that never asks the same thing twice: the answers of reads are kept for the life of
// the object, and callers that ask the same thing at once share one request. Manifests got by tag
// answer later questions by digest. Writes pass through and forget what they change.
//
// Used for one plan and the apply that follows it in the same process. Preconditions of apply must
// see the present: they ask through Fresh().
//
// Thread safety: as Registry.
#pragma once

#include <memory>

#include "providers/registry.h"

namespace imglife {

class RegistryMemo : public Registry {
 public:
  // The registry below, which asks again. Answers got through it aren't kept.
  virtual Registry& Fresh() = 0;
  // Something else changed the repository (a builder pushed to it): its names are asked again.
  virtual void Changed(const Repository& repository) = 0;
  // Small blobs (image configs) by digest, each fetched once.
  virtual absl::StatusOr<std::string> GetConfig(const Repository& repository,
                                                const Descriptor& config) = 0;
};

// `registry` must outlive the result.
std::unique_ptr<RegistryMemo> MakeRegistryMemo(Registry& registry);

}  // namespace imglife
