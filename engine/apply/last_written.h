// What imglife itself has written last under each name, as far as a journal knows.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"

#include "schema/image/digest.h"

namespace imglife {

// By reference: the digest that the last change of the tag left there. Without tags that were
// deleted, and those of which the outcome of the last change isn't known (it failed, or the run was
// killed). A line that a killed run has cut short says nothing. Empty where there is no journal;
// other errors of ReadFile: it could not be read.
absl::StatusOr<std::map<std::string, Digest>> ReadLastWritten(const std::string& journal);

}  // namespace imglife
