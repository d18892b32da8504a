// References of which a part can't be told. Pure.
#pragma once

#include <string_view>

#include "schema/image/reference.h"

namespace imglife {

// Is there a text in the place of each kUntold of `pattern` that makes it a reference to
// `repository`, with whatever tag or digest?
bool CouldName(std::string_view pattern, const Repository& repository);

}  // namespace imglife
