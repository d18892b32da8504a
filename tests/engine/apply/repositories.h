// Between which the tests of apply copy, and what they delete from.
#pragma once

#include "schema/image/reference.h"

namespace imglife {

inline const Repository kSource{Repository::Kind::kDistribution, "up.test", "library/alpine"};
inline const Repository kTarget{Repository::Kind::kDistribution, "r.test", "mirrors/alpine"};

}  // namespace imglife
