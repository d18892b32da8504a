// Is a base there for the platforms that an image is built for? Builders may take the image of
// another platform and label the result as if it were right. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/image/platform.h"
#include "schema/image/reference.h"

namespace imglife {

// "base REF has no linux/arm64 (it has linux/amd64); …" for a base that is there for `has`, or
// empty if that is all that `dockerfile` asks of it in a build for `wanted`. A base that doesn't
// say its platform fits where only one is asked for.
std::string MisfitOfBase(std::string_view dockerfile, const Reference& base,
                         const std::vector<Platform>& wanted, const std::vector<Platform>& has);

}  // namespace imglife
