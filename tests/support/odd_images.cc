#include "tests/support/odd_images.h"

#include <vector>

#include "fmt/format.h"

#include "schema/image/media_type.h"
#include "schema/image/placeholder.h"

namespace imglife {
namespace {

TestImage IndexOf(const std::vector<Descriptor>& children) {
  std::string entries;
  for (const Descriptor& child : children) {
    entries +=
        fmt::format(R"({}{{"mediaType":"{}","digest":"{}","size":{}}})", entries.empty() ? "" : ",",
                    child.media_type, child.digest.str(), child.size);
  }
  TestImage index;
  index.manifest.media_type = std::string(media_type::kOciIndex);
  index.manifest.content = fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}})",
                                       index.manifest.media_type, entries);
  index.manifest.digest = Digest::OfBytes(index.manifest.content);
  return index;
}

}  // namespace

TestImage MakePlaceholderImage(const std::string& tag) {
  const std::string blob(PlaceholderConfig());
  return {.manifest = MakePlaceholder(tag, "unique", false),
          .children = {},
          .blobs = {{Digest::OfBytes(blob), blob}}};
}

TestImage MakeOldArtifact(const std::string& name) {
  TestImage artifact = MakeImage({.name = name});
  artifact.manifest.media_type = "application/vnd.oci.artifact.manifest.v1+json";
  return artifact;
}

TestImage MakeWideIndex(std::size_t children) {
  std::vector<Descriptor> descriptors;
  for (std::size_t i = 0; i < children; ++i) {
    Descriptor child = DescribeBlob(fmt::format("child {}", i));
    child.media_type = std::string(media_type::kOciManifest);
    descriptors.push_back(child);
  }
  return IndexOf(descriptors);
}

TestImage MakeNest(std::size_t indexes) {
  TestImage nest = MakeImage({.name = "innermost"});
  for (std::size_t i = 0; i < indexes; ++i) {
    nest.children.push_back(nest.manifest);
    nest.manifest = IndexOf({nest.ToDescriptor()}).manifest;
  }
  return nest;
}

}  // namespace imglife
