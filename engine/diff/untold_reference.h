// References of which a part can't be told. Pure.
#pragma once

#include <string_view>

#include "engine/observe/registry_servers.h"
#include "schema/image/reference.h"

namespace imglife {

// Is there a text in the place of each kUntold of `pattern` that makes it a reference to
// `repository`, with whatever tag or digest? Its host may have any name, if that is told.
bool CouldName(std::string_view pattern, const Repository& repository,
               const RegistryServers& servers);

}  // namespace imglife
