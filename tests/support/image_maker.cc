#include "tests/support/image_maker.h"

#include <array>
#include <cstring>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "schema/image/media_type.h"
#include "schema/image/platform.h"
#include "tests/support/byte_readers.h"

namespace imglife {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kOciLayer = "application/vnd.oci.image.layer.v1.tar";
constexpr std::string_view kDockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
constexpr std::string_view kInToto = "application/vnd.in-toto+json";

// A ustar archive with one file (POSIX.1-1988: 512-byte blocks, two empty ones at the end).
std::string MakeTar(const std::string& path, const std::string& content) {
  std::array<char, 512> header{};
  const auto put = [&](std::size_t offset, const std::string& text) {
    std::memcpy(header.data() + offset, text.data(), text.size());
  };
  put(0, path.substr(0, 99));
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, fmt::format("{:011o}", content.size()));
  put(136, "00000000000");
  put(148, "        ");
  put(156, "0");
  put(257, std::string("ustar\0"
                       "00",
                       8));
  unsigned checksum = 0;
  for (const char c : header) checksum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", checksum) + std::string("\0 ", 2));

  std::string tar(header.data(), header.size());
  tar += content;
  tar.resize((tar.size() + 511) / 512 * 512 + 1024, '\0');
  return tar;
}

Json ToJson(const Descriptor& descriptor) {
  Json json{{"mediaType", descriptor.media_type},
            {"digest", descriptor.digest.str()},
            {"size", descriptor.size}};
  if (!descriptor.artifact_type.empty()) json["artifactType"] = descriptor.artifact_type;
  if (descriptor.platform) {
    json["platform"] = {{"architecture", descriptor.platform->architecture},
                        {"os", descriptor.platform->os}};
    if (!descriptor.platform->variant.empty()) {
      json["platform"]["variant"] = descriptor.platform->variant;
    }
  }
  if (!descriptor.annotations.empty()) json["annotations"] = descriptor.annotations;
  return json;
}

// Puts the bytes among the image's blobs.
Descriptor AddBlob(TestImage& image, std::string_view media_type, std::string bytes) {
  Descriptor descriptor = DescribeBlob(bytes);
  descriptor.media_type = media_type;
  image.blobs.emplace(descriptor.digest, std::move(bytes));
  return descriptor;
}

ManifestBytes ToManifestBytes(const Json& json) {
  ManifestBytes manifest;
  manifest.media_type = json["mediaType"].get<std::string>();
  manifest.content = json.dump(2);
  manifest.digest = Digest::OfBytes(manifest.content);
  return manifest;
}

std::string MakeConfig(const ImageSpec& spec, const Platform& platform,
                       const std::vector<Digest>& diff_ids) {
  Json config;
  if (spec.created) {
    config["created"] =
        absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", *spec.created, absl::UTCTimeZone());
  }
  config["architecture"] = platform.architecture;
  config["os"] = platform.os;
  if (!platform.variant.empty()) config["variant"] = platform.variant;
  config["config"] = Json::object();
  if (!spec.labels.empty()) config["config"]["Labels"] = spec.labels;
  config["rootfs"] = {{"type", "layers"}, {"diff_ids", Json::array()}};
  for (const Digest& diff_id : diff_ids) config["rootfs"]["diff_ids"].push_back(diff_id.str());
  return config.dump();
}

// As BuildKit writes it: an image of no platform whose layer is an in-toto statement.
TestImage MakeAttestation(const TestImage& subject) {
  TestImage attestation;
  const std::string statement =
      fmt::format(R"({{"_type":"https://in-toto.io/Statement/v0.1","subject":"{}"}})",
                  subject.manifest.digest.str());
  const Descriptor layer = AddBlob(attestation, kInToto, statement);
  ImageSpec spec;
  spec.created.reset();
  const Platform unknown{"unknown", "unknown", "", ""};
  const Descriptor config =
      AddBlob(attestation, media_type::kOciConfig, MakeConfig(spec, unknown, {layer.digest}));
  attestation.manifest = ToManifestBytes({{"schemaVersion", 2},
                                          {"mediaType", media_type::kOciManifest},
                                          {"config", ToJson(config)},
                                          {"layers", Json::array({ToJson(layer)})}});
  return attestation;
}

void AddChild(TestImage& index, Json& entries, const TestImage& child, Descriptor descriptor) {
  entries.push_back(ToJson(descriptor));
  index.children.push_back(child.manifest);
  index.blobs.insert(child.blobs.begin(), child.blobs.end());
}

}  // namespace

Descriptor TestImage::ToDescriptor() const {
  Descriptor descriptor;
  descriptor.media_type = manifest.media_type;
  descriptor.digest = manifest.digest;
  descriptor.size = static_cast<std::int64_t>(manifest.content.size());
  return descriptor;
}

TestImage MakeImage(const ImageSpec& spec) {
  TestImage image;
  std::vector<Digest> diff_ids;
  Json layers = Json::array();
  const auto add_layer = [&](const std::string& name) {
    const Descriptor layer = AddBlob(image, spec.docker ? kDockerLayer : kOciLayer,
                                     MakeTar(name + ".txt", "This is " + name + ".\n"));
    diff_ids.push_back(layer.digest);
    layers.push_back(ToJson(layer));
  };
  for (const std::string& shared : spec.shared_layers) add_layer("shared-" + shared);
  const Platform platform = Platform::Parse(spec.platform).value();
  for (int i = 0; i < spec.layers; ++i) {
    add_layer(fmt::format("{}-{}-{}-{}", spec.name, platform.os, platform.architecture, i));
  }

  const Descriptor config =
      AddBlob(image, spec.docker ? media_type::kDockerConfig : media_type::kOciConfig,
              MakeConfig(spec, platform, diff_ids));
  Json manifest{
      {"schemaVersion", 2},
      {"mediaType", spec.docker ? media_type::kDockerManifest : media_type::kOciManifest}};
  if (!spec.artifact_type.empty()) manifest["artifactType"] = spec.artifact_type;
  manifest["config"] = ToJson(config);
  manifest["layers"] = layers;
  if (spec.subject) manifest["subject"] = ToJson(*spec.subject);
  if (!spec.annotations.empty()) manifest["annotations"] = spec.annotations;
  image.manifest = ToManifestBytes(manifest);
  return image;
}

TestImage MakeIndex(const IndexSpec& spec) {
  TestImage index;
  Json entries = Json::array();
  std::vector<TestImage> images;
  for (const ImageSpec& image_spec : spec.images) {
    images.push_back(MakeImage(image_spec));
    Descriptor descriptor = images.back().ToDescriptor();
    descriptor.platform = Platform::Parse(image_spec.platform).value();
    AddChild(index, entries, images.back(), descriptor);
  }
  if (spec.attestations) {
    for (const TestImage& image : images) {
      const TestImage attestation = MakeAttestation(image);
      Descriptor descriptor = attestation.ToDescriptor();
      descriptor.platform = Platform{"unknown", "unknown", "", ""};
      descriptor.annotations = {
          {"vnd.docker.reference.digest", image.manifest.digest.str()},
          {"vnd.docker.reference.type", "attestation-manifest"},
      };
      AddChild(index, entries, attestation, descriptor);
    }
  }
  Json json{{"schemaVersion", 2},
            {"mediaType", spec.docker ? media_type::kDockerList : media_type::kOciIndex},
            {"manifests", entries}};
  if (!spec.annotations.empty()) json["annotations"] = spec.annotations;
  index.manifest = ToManifestBytes(json);
  return index;
}

absl::Status PushImage(Registry& registry, const Repository& repository, const std::string& tag,
                       const TestImage& image) {
  for (const auto& [digest, bytes] : image.blobs) {
    const absl::StatusOr<PushOutcome> outcome =
        registry.PushBlob(repository, DescribeBlob(bytes), SourceOf(bytes), {});
    if (!outcome.ok()) return outcome.status();
  }
  for (const ManifestBytes& child : image.children) {
    absl::Status status = registry.PutManifest(repository, child.digest.str(), child);
    if (!status.ok()) return status;
  }
  return registry.PutManifest(repository, tag.empty() ? image.manifest.digest.str() : tag,
                              image.manifest);
}

Descriptor DescribeBlob(std::string_view bytes) {
  Descriptor descriptor;
  descriptor.media_type = "application/octet-stream";
  descriptor.digest = Digest::OfBytes(bytes);
  descriptor.size = static_cast<std::int64_t>(bytes.size());
  return descriptor;
}

}  // namespace imglife
