// Small pieces of text that plans are made of. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "schema/config/config.h"

namespace imglife {

// "7.4 MB": decimal units, one digit from kB on.
std::string SizeText(std::int64_t bytes);

// "2 platforms", "1 platform".
std::string CountText(std::size_t count, const std::string& noun);

// "imglife.yaml:12:5: sync.entries[1]": where the configuration asks for something.
std::string PlaceText(const Config& config, const ConfigRule& rule);

}  // namespace imglife
