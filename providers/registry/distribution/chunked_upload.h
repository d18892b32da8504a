// A blob in pieces, for registries that don't take it in one (distribution-spec 1.1, "Pushing a
// blob in chunks"; protocol notes 3.3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "providers/http/retries.h"
#include "providers/registry/distribution/upload_session.h"
#include "providers/registry/distribution/upload_source.h"

namespace imglife {

// One thread at a time.
class ChunkedUpload {
 public:
  // All must outlive the upload; the session is open and holds nothing. `furthest` is how much
  // earlier sessions for the blob have held, and what this one holds where that is more.
  ChunkedUpload(UploadSession& session, UploadSource& source, Retries& retries, std::int64_t size,
                std::int64_t& furthest, std::string what);

  // All chunks, one after the other; the session is then ready to finish. After a chunk whose
  // outcome is unknown, that leaves a gap (416), or of which a part was taken, it waits and goes on
  // where the registry says that it is. Each chunk that gets further than any before has as many
  // tries as any request; an upload that begins anew and gets no further ends.
  // The source's own error if it fails; Unavailable if the registry can't tell where it is.
  absl::Status Send();

  // Was the last request answered? The one that opened the session was.
  bool heard() const { return heard_; }

 private:
  absl::StatusOr<std::string> NextChunk(ByteReader& source, std::size_t size) const;
  absl::Status TakesNoMore() const;
  absl::Status SendChunk(std::string_view chunk);
  absl::Status GoOnAfter(const absl::StatusOr<HttpResponse>& response, std::int64_t end);

  UploadSession& session_;
  UploadSource& source_;
  Retries& retries_;
  const std::int64_t size_;
  std::int64_t& furthest_;
  const std::string what_;
  // Held by the registry.
  std::int64_t held_ = 0;
  bool heard_ = true;
};

}  // namespace imglife
