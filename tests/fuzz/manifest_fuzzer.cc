// Manifests and indexes: whatever FilterIndex makes is an index, the same every time, and filtering
// it once more leaves out nothing.
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "schema/image/manifest.h"
#include "schema/image/media_type.h"
#include "tests/fuzz/fuzzing.h"

namespace imglife {
namespace {

const std::vector<Platform> kWanted = {{"linux", "amd64", "", ""}, {"linux", "arm64", "v8", ""}};

std::vector<std::string> Children(const ManifestBytes& index) {
  const absl::StatusOr<Manifest> manifest = ParseManifest(index.media_type, index.content);
  Expect(manifest.ok(), "a filtered index can be read");
  Expect(manifest->annotations.contains(std::string(annotation::kSourceDigest)),
         "a filtered index names its source");
  std::vector<std::string> digests;
  for (const Descriptor& child : manifest->children) digests.push_back(child.digest.str());
  return digests;
}

void CheckFiltering(std::string_view media_type, std::string_view content) {
  const ManifestBytes source{.media_type = std::string(media_type),
                             .content = std::string(content),
                             .digest = Digest::OfBytes(content)};
  const absl::StatusOr<ManifestBytes> filtered = FilterIndex(source, kWanted);
  if (!filtered.ok()) {
    Expect(absl::IsNotFound(filtered.status()), "an index is filtered, or has nothing wanted");
    return;
  }
  Expect(filtered->digest == Digest::OfBytes(filtered->content), "the digest is the content's");
  Expect(FilterIndex(source, kWanted)->content == filtered->content, "filtering is deterministic");
  const absl::StatusOr<ManifestBytes> again = FilterIndex(*filtered, kWanted);
  Expect(again.ok(), "a filtered index can be filtered");
  Expect(Children(*again) == Children(*filtered), "filtering once more leaves out nothing");
}

}  // namespace
}  // namespace imglife

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  const std::string_view content = TextOf(data, size);
  for (const std::string_view type : {media_type::kOciIndex, media_type::kOciManifest,
                                      media_type::kDockerList, media_type::kDockerManifest}) {
    const absl::StatusOr<Manifest> manifest = ParseManifest(type, content);
    if (!manifest.ok()) {
      Expect(IsShowable(MessageOf(manifest.status())), "a message has no control characters");
      continue;
    }
    Expect(manifest->is_index == media_type::IsIndex(type), "the media type says what it is");
    Expect(manifest->is_index || !manifest->config.digest.empty(), "an image has a config");
    if (manifest->is_index) CheckFiltering(type, content);
  }
  return 0;
}
