// Where the bytes of an upload come from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/registry.h"

namespace imglife {

// Remembers what reading failed with, which is not the registry's failure. One thread at a time;
// outlives its readers.
class UploadSource {
 public:
  // `what` names the blob in messages; `open` must outlive the source.
  UploadSource(const OpenBlob& open, std::int64_t size, std::string what);

  // Opens it for the next Open; what that fails with shows there.
  void OpenAhead();

  // The bytes from `offset` on: what comes before is read and dropped, so that the source can
  // verify all of them. The last bytes are given only after the source has said that it ends there.
  // DataLoss if it has another size.
  absl::StatusOr<std::unique_ptr<ByteReader>> Open(std::int64_t offset);

  // What opening or reading failed with since the last Open.
  const absl::Status& failure() const { return failure_; }

 private:
  class Reader;

  const OpenBlob& open_;
  const std::int64_t size_;
  const std::string what_;
  absl::Status failure_;
  std::optional<absl::StatusOr<std::unique_ptr<ByteReader>>> ahead_;
};

}  // namespace imglife
