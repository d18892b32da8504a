// Small images for tests: real tar layers, real configs, real manifests. The same specification
// gives the same bytes, always.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "providers/registry.h"
#include "schema/image/digest.h"
#include "schema/image/manifest.h"
#include "schema/image/reference.h"

namespace imglife {

struct ImageSpec {
  // What the layers contain: images with different names share no layer.
  std::string name = "image";
  int layers = 2;
  // Added below the image's own layers: images that list the same name share that layer.
  std::vector<std::string> shared_layers;
  std::string platform = "linux/amd64";
  // Written into the config; nothing is written if empty.
  std::optional<absl::Time> created = absl::FromUnixSeconds(1'700'000'000);
  std::map<std::string, std::string> labels;
  Annotations annotations;
  // Docker's media types instead of OCI's (no annotations, subject or artifact type then).
  bool docker = false;
  std::string artifact_type;
  std::optional<Descriptor> subject;
};

struct IndexSpec {
  std::vector<ImageSpec> images;
  Annotations annotations;
  // Docker's manifest list instead of an OCI index.
  bool docker = false;
  // After the images, one attestation of each, as BuildKit writes them (platform unknown/unknown).
  bool attestations = false;
};

struct TestImage {
  // What a tag of it points to.
  ManifestBytes manifest;
  // The manifests of an index, in its order; empty for a single image.
  std::vector<ManifestBytes> children;
  // Configs and layers, of all children too.
  std::map<Digest, std::string> blobs;

  // Descriptor of `manifest`, as a subject or index entry needs it.
  Descriptor ToDescriptor() const;
};

TestImage MakeImage(const ImageSpec& spec);
TestImage MakeIndex(const IndexSpec& spec);

// Pushes blobs, children by digest and last the manifest, under `tag`, or by its digest if the tag
// is empty. The first failure ends it.
absl::Status PushImage(Registry& registry, const Repository& repository, const std::string& tag,
                       const TestImage& image);

// Descriptor of bytes that are no manifest.
Descriptor DescribeBlob(std::string_view bytes);

}  // namespace imglife
