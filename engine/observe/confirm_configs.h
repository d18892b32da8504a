// Are the configs of images where the images are? Reading them doesn't tell: what is known from an
// earlier run or from another repository is read without a request.
#pragma once

#include <set>

#include "engine/observe/observed.h"
#include "engine/observe/registry_memo.h"

namespace imglife {

// Asks for each config of the images behind the tags of `repositories`, which were read before,
// once (a HEAD each, many in flight). Where one is missing or can't be asked for, the image is not
// read after all: what is known of its tags is why, in the words of ReadImages.
void ConfirmConfigs(const std::set<Repository>& repositories, RegistryMemo& registry,
                    Observed& observed);

}  // namespace imglife
