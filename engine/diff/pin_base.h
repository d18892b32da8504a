// FROM lines that name their base by digest, so that what was planned is what is built. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/image/digest.h"
#include "schema/image/platform.h"
#include "schema/image/reference.h"

namespace imglife {

// Replaces the image of every FROM line of `dockerfile` that names `base` (with its tag, or without
// any tag when that is `latest`) by base@digest; all other bytes stay. An empty digest gives base
// as REPOSITORY:TAG, so that the text doesn't depend on the digest.
std::string PinBase(std::string_view dockerfile, const Reference& base, const Digest& digest);

// The same with `name` in the place of the base.
std::string NameBase(std::string_view dockerfile, const Reference& base, const std::string& name);

// The first image of a FROM line that is in an image layout and isn't `base`; empty if there is
// none.
std::string LayoutBesideBase(std::string_view dockerfile, const Reference& base);

// For which platforms a build for `wanted` needs the base: those, where a FROM names it and no
// other platform, and those that its FROMs ask for. What `--platform=$VARIABLE` asks for can't be
// told, but for $TARGETPLATFORM.
std::set<Platform> PlatformsOfBase(std::string_view dockerfile, const Reference& base,
                                   const std::vector<Platform>& wanted);

// What the result of a Dockerfile stands on.
struct FinalImage {
  std::string
      name;  // as the last FROM has it, or the stage that this names; empty: there is no FROM
  bool is_base = false;
};

FinalImage FindFinalImage(std::string_view dockerfile, const Reference& base);

}  // namespace imglife
