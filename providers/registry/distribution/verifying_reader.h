// A stream that is checked against the digest and size it should have.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "providers/registry.h"
#include "schema/image/digest.h"

namespace imglife {

// Passes on what `source` gives and fails with DataLoss, naming `what`, as soon as it is known to
// differ: the bytes that complete a stream of the right size are withheld if the digest is wrong,
// so that nobody ever holds all of a wrong blob.
std::unique_ptr<ByteReader> MakeVerifyingReader(std::unique_ptr<ByteReader> source, Digest digest,
                                                std::int64_t size, std::string what);

}  // namespace imglife
