// The words for build.backend and IMGLIFE_BUILD_BACKEND.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "schema/config/config.h"

namespace imglife {

inline constexpr std::array<std::pair<std::string_view, BuildBackend>, 5> kBuildBackends = {
    {{"auto", BuildBackend::kAuto},
     {"docker", BuildBackend::kDocker},
     {"buildx", BuildBackend::kBuildx},
     {"buildah", BuildBackend::kBuildah},
     {"buildctl", BuildBackend::kBuildctl}}};

}  // namespace imglife
