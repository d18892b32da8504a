// Who may write what in a repository at the same time.
//
// docker-registry 2.8 on a file system writes the link of a manifest or blob in place, also when it
// is there already: truncated, then filled. A PUT of a manifest that names it is refused at that
// moment, as if it weren't there (400 MANIFEST_BLOB_UNKNOWN or DIGEST_INVALID). Measured: writes of
// the same part never disturb each other, whether under its digest or under tags, and what reads it
// is told 500, which is tried again.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "schema/image/digest.h"
#include "schema/image/reference.h"

namespace imglife {

// Keeps those who write a part and those who write what names it apart, within this process.
//
// Thread safety: any number of threads may call.
class PartTurns {
 public:
  // Holds from Take to its end; the turns must outlive it.
  class Turn {
   public:
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    friend class PartTurns;
    using Part = std::pair<Repository, Digest>;
    Turn(PartTurns& turns, Part written, std::vector<Part> named)
        : turns_(turns), written_(std::move(written)), named_(std::move(named)) {}

    PartTurns& turns_;
    const Part written_;
    const std::vector<Part> named_;
  };

  // Blocks while another turn writes one of the `named` parts, or names what this one writes. All
  // is taken together, so that nobody waits for who waits. A manifest doesn't name itself.
  Turn Take(const Repository& repository, const Digest& written, const std::vector<Digest>& named);

 private:
  struct Standing {
    int writing = 0;
    int naming = 0;
  };

  bool IsFree(const Turn::Part& written, const std::vector<Turn::Part>& named) const;
  void Add(const Turn::Part& written, const std::vector<Turn::Part>& named, int count);

  std::mutex mutex_;
  std::condition_variable ended_;
  // Only of parts in a turn.
  std::map<Turn::Part, Standing> standing_;
};

}  // namespace imglife
