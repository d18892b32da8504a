// One image of an image layout as a layout of its own.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "providers/builder.h"

namespace imglife {

// Makes `directory` an image layout (OCI image-spec 1.1, image-layout.md) whose index.json has
// nothing but `base`, as `tag`. Its blobs are a link to those of the base's layout: nothing is
// copied, and programs that write beside the blobs they read (containerd's content store does)
// leave the layout itself alone. Errors are those of writing.
absl::Status WriteLayoutView(const LayoutBase& base, std::string_view tag,
                             const std::string& directory);

}  // namespace imglife
