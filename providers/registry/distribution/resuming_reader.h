// A stream that goes on where it broke off.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"

#include "providers/http/retries.h"
#include "providers/registry.h"

namespace imglife {

// The same stream from `offset` on. Unimplemented if it can only be had from its start.
using OpenAt = std::function<absl::StatusOr<std::unique_ptr<ByteReader>>(std::int64_t offset)>;

// Passes on what `source` gives. Where it fails with Unavailable or DeadlineExceeded the rest comes
// from `open_at` after a wait, as often as `retries` allows without progress; the bytes aren't
// verified here. Fails with the error of `open_at`, or of the source where that can't resume.
std::unique_ptr<ByteReader> MakeResumingReader(std::unique_ptr<ByteReader> source, OpenAt open_at,
                                               Retries retries);

}  // namespace imglife
