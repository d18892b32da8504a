// The EOL sources that there are.
#pragma once

#include <memory>
#include <string>

#include "providers/eol_source.h"
#include "providers/transport.h"

namespace imglife {

// endoflife.date or a mirror of it at `base_url`. API v1 (1.2.1); the older API where v1 answers
// 404, refuses the request as malformed or gives something of another form. Redirects of renamed
// products are followed. `transport` must outlive the result.
std::unique_ptr<EolSource> MakeEndOfLifeSource(Transport& transport, std::string base_url);

// Only what `data` holds: no network, and no aliases.
std::unique_ptr<EolSource> MakeLocalEolSource(EolData data);

}  // namespace imglife
