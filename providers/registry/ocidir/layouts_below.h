// Image layouts in a tree of directories.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace imglife {

// The names, relative to `directory` and sorted, of the directories below it that have an
// `oci-layout` file (image-spec 1.1, "OCI Image Layout"). Layouts aren't searched for further ones,
// and symbolic links aren't followed. None if there is no such directory; the errors are those of
// reading it.
absl::StatusOr<std::vector<std::string>> LayoutsBelow(const std::string& directory);

}  // namespace imglife
