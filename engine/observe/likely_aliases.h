// Names that probably lead to an image that is asked for by another name anyway. Pure.
#pragma once

#include <vector>

#include "engine/observe/read_images.h"

namespace imglife {

// One answer for each question: is it a floating tag among those that are asked of its repository
// ("3.24" beside "3.24.1"), or "latest" beside others? A guess: whoever acts on it must be right in
// either case.
std::vector<bool> LikelyAliases(const std::vector<ImageQuestion>& questions);

}  // namespace imglife
