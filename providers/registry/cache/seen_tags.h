// Which digest a tag had when it was seen last: one small file for each repository. Nothing but the
// choice of a cheap question may rest on it.
//
// Thread safety: any number of threads. Of processes that write at once one may lose what it noted.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "providers/registry/cache/small_files.h"
#include "schema/image/digest.h"
#include "schema/image/reference.h"

namespace imglife {

class SeenTags {
 public:
  // The folder of `files` that it uses.
  static constexpr char kFolder[] = "tags";

  // `files` must outlive it. With `forgets`, what other runs have noted isn't known.
  SeenTags(SmallFiles& files, bool forgets) : files_(files), forgets_(forgets) {}
  // Writes what is new.
  ~SeenTags();
  SeenTags(const SeenTags&) = delete;
  SeenTags& operator=(const SeenTags&) = delete;

  std::optional<Digest> Last(const Repository& repository, const std::string& tag);
  void Saw(const Repository& repository, const std::string& tag, const Digest& digest);

 private:
  // By tag.
  using Digests = std::map<std::string, Digest>;
  struct Notes {
    std::once_flag read;
    // Guards what follows. Not held while a file is read.
    std::mutex mutex;
    Digests known;
    // Of this run; in `known` as well.
    Digests changed;
  };

  // Read already.
  Notes& NotesOf(const Repository& repository);
  Digests Read(const Repository& repository);
  void Write(const Repository& repository, const Digests& changed);

  SmallFiles& files_;
  const bool forgets_;
  // Guards the map; its elements stay where they are.
  std::mutex mutex_;
  std::map<Repository, Notes> notes_;
};

}  // namespace imglife
