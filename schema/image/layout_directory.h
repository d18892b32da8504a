// Where an image layout is on this machine.
#pragma once

#include <string>
#include <string_view>

#include "schema/image/reference.h"

namespace imglife {

// The directory of an `ocidir://` repository: a relative one starts from `root`, which is the
// directory of imglife.yaml (config.md). An empty root is the working directory. Normal, without a
// slash at its end; the file system isn't asked.
std::string LayoutDirectory(const Repository& layout, std::string_view root);

}  // namespace imglife
