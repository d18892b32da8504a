// What stands where an image is expected: a placeholder, and more than an image may consist of.
#pragma once

#include <cstddef>
#include <string>

#include "tests/support/image_maker.h"

namespace imglife {

// What a deletion that was killed leaves where the tag was.
TestImage MakePlaceholderImage(const std::string& tag);

// An ORAS artifact, of a kind that imglife can't read.
TestImage MakeOldArtifact(const std::string& name);

// An index that names this many children, none of which is there.
TestImage MakeWideIndex(std::size_t children);

// An image within this many indexes, each in the next one. `children` are all of these, the image
// first.
TestImage MakeNest(std::size_t indexes);

}  // namespace imglife
