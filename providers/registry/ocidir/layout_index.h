// index.json of an image layout (OCI image-spec 1.1, image-layout.md, "index.json file").
//
// Other tools write it too. What isn't ours to change is written back as it was read: unknown
// fields, entries without a name, names that are no tags (a full reference, as some tools write).
// Where several entries have one name, the first is the tag, as skopeo reads it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"

#include "schema/image/digest.h"
#include "schema/image/manifest.h"

namespace imglife {

struct LayoutEntry {
  std::string name;  // org.opencontainers.image.ref.name, or empty
  Descriptor descriptor;
};

class LayoutIndex {
 public:
  // Without entries.
  LayoutIndex();
  // InvalidArgument says what is wrong: not JSON, nested too deeply, or a field that isn't what the
  // specification says.
  static absl::StatusOr<LayoutIndex> Parse(std::string_view content);

  LayoutIndex(LayoutIndex&&) noexcept;
  LayoutIndex& operator=(LayoutIndex&&) noexcept;
  ~LayoutIndex();

  const std::vector<LayoutEntry>& entries() const { return entries_; }
  // Null if there is none.
  const LayoutEntry* FindName(std::string_view name) const;
  const LayoutEntry* FindDigest(const Digest& digest) const;
  // For each entry: is it a tag? Not so are entries without a name, names that are no valid tags,
  // and further entries of a tag's name with another digest.
  std::vector<bool> AreTags() const;

  // Each says whether something changed.
  //
  // The entry of that name becomes `descriptor`. Further entries of the name lose it and stay,
  // unless they have the same digest as the one that is replaced.
  bool SetName(const std::string& name, const Descriptor& descriptor);
  // Adds an entry without a name, unless the digest has an entry.
  bool AddUnnamed(const Descriptor& descriptor);
  // Removes the entry of that name; further entries of the name as in SetName.
  bool RemoveName(std::string_view name);
  // Removes every entry of the digest, also those that are no tags.
  bool RemoveDigest(const Digest& digest);

  std::string Serialize() const;

 private:
  explicit LayoutIndex(std::unique_ptr<nlohmann::ordered_json> document);
  void Erase(std::size_t position);
  void TakeNameFromOthers(std::string_view name, const Digest& digest, std::size_t from);

  std::unique_ptr<nlohmann::ordered_json> document_;
  std::vector<LayoutEntry> entries_;  // of document_["manifests"], one by one
};

}  // namespace imglife
