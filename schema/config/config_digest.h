// What a configuration says, as a digest.
#pragma once

#include "schema/config/yaml_node.h"
#include "schema/image/digest.h"

namespace imglife {

// The same for documents that differ only in the order of keys, comments, white space, quotes
// around strings, and anchors; different for all others. Variables count as they are written.
Digest DigestOfConfig(const YamlNode& root);

}  // namespace imglife
