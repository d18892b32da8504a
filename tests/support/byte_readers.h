// ByteReaders over memory, and reading one to its end.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "providers/registry.h"

namespace imglife {

// Gives `bytes` in pieces of at most `piece` bytes.
std::unique_ptr<ByteReader> ReaderOf(std::string bytes, std::size_t piece = 64 << 10);

// A source of `bytes` that can be opened any number of times.
OpenBlob SourceOf(std::string bytes);

// All that is left in the reader, or its error.
absl::StatusOr<std::string> ReadAll(ByteReader& reader);

}  // namespace imglife
