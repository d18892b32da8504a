// End-of-life data as it will be once the planned update is written. Pure.
#pragma once

#include <string>

#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "schema/config/config.h"
#include "schema/documents/eol_data.h"

namespace imglife {

// The file's data, with every product that was fetched in its place.
EolData EolAfterUpdate(const Observed& observed);

// The cycle of an image, or null; `data` must outlive the result.
const EolCycle* CycleOfImage(const Config& config, const DesiredImage& image, const EolData& data);

}  // namespace imglife
