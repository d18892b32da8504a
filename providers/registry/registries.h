// One Registry for all kinds of repository: hands each call to the implementation of the
// repository's kind.
#pragma once

#include <memory>

#include "providers/registry.h"

namespace imglife {

std::unique_ptr<Registry> MakeRegistries(std::unique_ptr<Registry> distribution,
                                         std::unique_ptr<Registry> ocidir);

}  // namespace imglife
