// Registry in OCI image layouts on disk (OCI image-spec 1.1, image-layout.md).
#pragma once

#include <memory>
#include <string>

#include "providers/registry.h"

namespace imglife {

// Directories of `ocidir://` references that aren't absolute are relative to `base_directory`, or
// to the working directory if that is empty.
std::unique_ptr<Registry> MakeOciDirRegistry(std::string base_directory);

}  // namespace imglife
