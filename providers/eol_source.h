// Where end-of-life dates come from.
//
// Thread safety: any number of threads may call.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "schema/documents/eol_data.h"

namespace imglife {

class EolSource {
 public:
  virtual ~EolSource() = default;

  // Cycles of a product or alias, newest first, at least one. NotFound: there is no such product;
  // the message suggests the nearest names where they can be had. Unavailable: it could not be
  // asked. InvalidArgument: the answer isn't of a known form. FailedPrecondition: the product is
  // there and has no cycles, which says nothing about those that are known already.
  virtual absl::StatusOr<EolCycles> Fetch(const std::string& product) = 0;
};

}  // namespace imglife
