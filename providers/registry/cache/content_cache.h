// Manifests and image configs that some registry gave, on this machine, by digest: from run to run,
// for all runs of this user.
//
// It knows what content is, never where it exists now or who may see it: that is for registries to
// say (cached_registry.h). Whatever is wrong with the directory makes it a smaller cache, never an
// error; whatever is wrong with an entry makes that entry absent.
//
// Thread safety: any number of threads and processes may use one directory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "providers/registry/cache/seen_tags.h"
#include "providers/registry/cache/small_files.h"
#include "schema/image/digest.h"
#include "schema/image/reference.h"

namespace imglife {

class ContentCache {
 public:
  // Larger manifests and configs exist, and are too rare to be worth the room.
  static constexpr std::size_t kMaxEntryBytes = std::size_t{4} << 20;
  // Room for the manifests and configs of some ten thousand images.
  static constexpr std::int64_t kMaxBytes = std::int64_t{256} << 20;

  struct Settings {
    std::string directory;
    // What was used longest ago goes when there is more.
    std::int64_t max_bytes = kMaxBytes;
    // Answers nothing that is there, and writes everything anew.
    bool refresh = false;
  };

  explicit ContentCache(Settings settings);

  // Is there an entry? It may still turn out to be broken.
  bool Holds(const Digest& digest);
  // The bytes, verified. An entry whose bytes have another digest is removed and absent.
  std::optional<std::string> Find(const Digest& digest);
  // `content` has been verified against `digest`. Nothing is stored of more than kMaxEntryBytes.
  void Store(const Digest& digest, std::string_view content);

  // Which digests tags had, for the next run too.
  SeenTags& seen_tags() { return seen_tags_; }

 private:
  SmallFiles files_;
  SeenTags seen_tags_;
  const bool refresh_;
};

}  // namespace imglife
