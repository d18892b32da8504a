// index.json of an image layout: after every change the file says what the object says.
#include <string>

#include "providers/registry/ocidir/layout_index.h"
#include "schema/image/media_type.h"
#include "tests/fuzz/fuzzing.h"

namespace imglife {
namespace {

bool Same(const LayoutEntry& a, const LayoutEntry& b) {
  return a.name == b.name && a.descriptor.digest == b.descriptor.digest &&
         a.descriptor.media_type == b.descriptor.media_type &&
         a.descriptor.size == b.descriptor.size &&
         a.descriptor.artifact_type == b.descriptor.artifact_type &&
         a.descriptor.annotations == b.descriptor.annotations;
}

void CheckWritten(const LayoutIndex& index) {
  const std::string written = index.Serialize();
  const absl::StatusOr<LayoutIndex> again = LayoutIndex::Parse(written);
  Expect(again.ok(), "a written index can be read");
  Expect(again->Serialize() == written, "an index is written the same way again");
  Expect(again->entries().size() == index.entries().size(), "every entry is written");
  for (std::size_t i = 0; i < index.entries().size(); ++i) {
    Expect(Same(again->entries()[i], index.entries()[i]), "an entry is written as it is");
  }
}

// The first name there is, else one that isn't there.
std::string SomeName(const LayoutIndex& index) {
  for (const LayoutEntry& entry : index.entries()) {
    if (!entry.name.empty()) return entry.name;
  }
  return "3.24";
}

void CheckRemoving(LayoutIndex& index, const std::string& name) {
  const bool was_there = index.FindName(name) != nullptr;
  Expect(index.RemoveName(name) == was_there, "removing says whether something was there");
  Expect(index.FindName(name) == nullptr, "a name that was removed is gone");
  CheckWritten(index);
}

void CheckSetting(LayoutIndex& index, const std::string& name) {
  Descriptor descriptor;
  descriptor.media_type = media_type::kOciManifest;
  descriptor.digest = Digest::OfBytes("new");
  descriptor.size = 3;
  index.SetName(name, descriptor);
  CheckWritten(index);
  const LayoutEntry* entry = index.FindName(name);
  Expect(entry != nullptr && entry->descriptor.digest == descriptor.digest,
         "a name that is set is there");
  Expect(!index.SetName(name, descriptor), "a name that is there isn't set again");
  index.RemoveDigest(descriptor.digest);
  Expect(index.FindDigest(descriptor.digest) == nullptr, "a digest that was removed is gone");
  CheckWritten(index);
}

}  // namespace
}  // namespace imglife

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  absl::StatusOr<LayoutIndex> index = LayoutIndex::Parse(TextOf(data, size));
  if (!index.ok()) {
    Expect(IsShowable(MessageOf(index.status())), "a message has no control characters");
    return 0;
  }
  const std::string name = SomeName(*index);
  CheckWritten(*index);
  CheckSetting(*index, name);
  index = LayoutIndex::Parse(TextOf(data, size));
  CheckRemoving(*index, name);
  return 0;
}
