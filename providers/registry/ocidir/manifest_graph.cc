#include "providers/registry/ocidir/manifest_graph.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "schema/image/media_type.h"

namespace imglife {
namespace {

bool IsKnownManifest(std::string_view type) {
  return media_type::IsIndex(type) || media_type::IsManifest(type);
}

// Layers are large and no JSON: they need not be read to know that they name nothing.
bool MayBeManifest(const BlobStore& blobs, const Descriptor& blob) {
  const absl::StatusOr<std::int64_t> size = blobs.SizeOf(blob.digest);
  return !size.ok() || *size <= kMaxManifestBytes;
}

// A blob of which only the digest is known.
Descriptor Unknown(const Digest& digest) {
  Descriptor blob;
  blob.digest = digest;
  return blob;
}

absl::StatusOr<ManifestGraph::Links> ReadLinks(const BlobStore& blobs, const Descriptor& blob) {
  ManifestGraph::Links links;
  if (!IsKnownManifest(blob.media_type) && !MayBeManifest(blobs, blob)) return links;
  const absl::StatusOr<std::string> content = blobs.ReadSmall(blob.digest);
  if (!content.ok()) return content.status();
  links.media_type =
      IsKnownManifest(blob.media_type) ? blob.media_type : SniffManifestType(*content);
  if (links.media_type.empty()) return links;
  absl::StatusOr<Manifest> manifest = ParseManifest(links.media_type, *content);
  if (!manifest.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: {}", blob.digest.str(), std::string(manifest.status().message())));
  }
  if (manifest->is_index) {
    links.children = std::move(manifest->children);
  } else {
    links.blobs.push_back(manifest->config.digest);
    for (const Descriptor& layer : manifest->layers) links.blobs.push_back(layer.digest);
  }
  if (manifest->subject) links.subject = manifest->subject->digest;
  return links;
}

}  // namespace

std::string SniffManifestType(std::string_view content) {
  const std::size_t start = content.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || content[start] != '{') return "";
  // Only the members of the outermost object are kept, so that depth costs nothing.
  const auto outermost = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    return depth <= 1;
  };
  const nlohmann::json document =
      nlohmann::json::parse(content.begin(), content.end(), outermost, false);
  if (!document.is_object()) return "";
  const auto type = document.find("mediaType");
  if (type != document.end() && type->is_string()) return type->get<std::string>();
  if (document.find("schemaVersion") == document.end()) return "";
  const bool is_index = document.find("manifests") != document.end();
  return std::string(is_index ? media_type::kOciIndex : media_type::kOciManifest);
}

absl::StatusOr<const ManifestGraph::Links*> ManifestGraph::LinksOf(const Descriptor& blob) {
  const auto known = links_.find(blob.digest);
  if (known != links_.end()) return &known->second;
  absl::StatusOr<Links> links = ReadLinks(blobs_, blob);
  if (!links.ok()) return links.status();
  return &links_.emplace(blob.digest, *std::move(links)).first->second;
}

absl::Status ManifestGraph::Reach(const std::vector<Descriptor>& roots, std::set<Digest>& reached) {
  std::vector<Descriptor> waiting = roots;
  // Apart from `reached`: what was reached as a layer may also be somebody's child.
  std::set<Digest> followed;
  while (!waiting.empty()) {
    const Descriptor next = std::move(waiting.back());
    waiting.pop_back();
    if (!followed.insert(next.digest).second) continue;
    reached.insert(next.digest);
    const absl::StatusOr<const Links*> links = LinksOf(next);
    if (!links.ok()) return links.status();
    reached.insert((*links)->blobs.begin(), (*links)->blobs.end());
    waiting.insert(waiting.end(), (*links)->children.begin(), (*links)->children.end());
    if ((*links)->subject && blobs_.SizeOf(*(*links)->subject).ok()) {
      waiting.push_back(Unknown(*(*links)->subject));
    }
  }
  return absl::OkStatus();
}

absl::Status ManifestGraph::ReachReferrers(const std::vector<Digest>& candidates,
                                           std::set<Digest>& reached) {
  std::multimap<Digest, Digest> referrers;  // by subject
  for (const Digest& digest : candidates) {
    if (reached.count(digest) != 0) continue;
    const absl::StatusOr<const Links*> links = LinksOf(Unknown(digest));
    if (!links.ok()) return links.status();
    if ((*links)->subject) referrers.emplace(*(*links)->subject, digest);
  }
  std::vector<Digest> waiting(reached.begin(), reached.end());
  while (!waiting.empty()) {
    const auto [first, last] = referrers.equal_range(waiting.back());
    waiting.pop_back();
    for (auto referrer = first; referrer != last; ++referrer) {
      if (reached.count(referrer->second) != 0) continue;
      std::set<Digest> newly;
      absl::Status status = Reach({Unknown(referrer->second)}, newly);
      if (!status.ok()) return status;
      for (const Digest& digest : newly) {
        if (reached.insert(digest).second) waiting.push_back(digest);
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ManifestGraph::Needs(const Descriptor& root, const Digest& blob,
                                          bool through_subjects) {
  std::set<Digest> followed;
  for (std::vector<Descriptor> waiting{root}; !waiting.empty();) {
    const Descriptor next = std::move(waiting.back());
    waiting.pop_back();
    if (!followed.insert(next.digest).second) continue;
    const absl::StatusOr<const Links*> found = LinksOf(next);
    if (absl::IsNotFound(found.status())) continue;
    if (!found.ok()) return found.status();
    const Links& links = **found;
    std::vector<Descriptor> parts = links.children;
    if (through_subjects && links.subject) parts.push_back(Unknown(*links.subject));
    const bool has_it =
        std::find(links.blobs.begin(), links.blobs.end(), blob) != links.blobs.end() ||
        std::any_of(parts.begin(), parts.end(),
                    [&](const Descriptor& part) { return part.digest == blob; });
    if (has_it) return true;
    waiting.insert(waiting.end(), parts.begin(), parts.end());
  }
  return false;
}

absl::StatusOr<std::vector<Descriptor>> ManifestGraph::ListManifests(
    const std::vector<Descriptor>& roots) {
  std::vector<Descriptor> manifests;
  std::set<Digest> seen;
  std::vector<Descriptor> waiting(roots.rbegin(), roots.rend());
  while (!waiting.empty()) {
    const Descriptor next = std::move(waiting.back());
    waiting.pop_back();
    if (!seen.insert(next.digest).second) continue;
    const absl::StatusOr<const Links*> links = LinksOf(next);
    if (absl::IsNotFound(links.status())) continue;
    if (!links.ok()) return links.status();
    if ((*links)->media_type.empty()) continue;
    waiting.insert(waiting.end(), (*links)->children.rbegin(), (*links)->children.rend());
    manifests.push_back(next);
    manifests.back().media_type = (*links)->media_type;
  }
  return manifests;
}

}  // namespace imglife
