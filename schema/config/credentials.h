// Finds what must not be in imglife.yaml (config.md: credentials never go in this file).
#pragma once

#include "schema/config/value.h"

namespace imglife {

// Reports every credential in the tree, keys and x- blocks included, and notes it in the context so
// that nothing else shows it.
void ReportCredentials(const Value& document);

}  // namespace imglife
