// What an image of build.images asks of the program that builds it. Pure.
#pragma once

#include "engine/observe/world.h"
#include "schema/config/config.h"

namespace imglife {

BuilderNeeds NeedsOf(const BuildSection& build, const BuildImage& image);

}  // namespace imglife
