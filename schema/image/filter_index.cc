#include <algorithm>
#include <set>

#include "absl/status/status.h"
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "schema/image/filtered_index.h"
#include "schema/image/manifest.h"

namespace imglife {
namespace {

// BuildKit's attestation-storage.md.
constexpr std::string_view kAttestationSubject = "vnd.docker.reference.digest";

bool IsWanted(const Descriptor& child, const std::vector<Platform>& wanted) {
  return child.platform && !child.platform->IsUnknown() &&
         std::any_of(wanted.begin(), wanted.end(), [&child](const Platform& platform) {
           return platform.Accepts(*child.platform);
         });
}

std::set<Digest> WantedImages(const Manifest& index, const std::vector<Platform>& wanted) {
  std::set<Digest> images;
  for (const Descriptor& child : index.children) {
    if (IsWanted(child, wanted)) images.insert(child.digest);
  }
  return images;
}

bool AttestsOneOf(const Descriptor& child, const std::set<Digest>& images) {
  if (!child.platform || !child.platform->IsUnknown()) return false;
  const auto subject = child.annotations.find(std::string(kAttestationSubject));
  return subject != child.annotations.end() &&
         std::any_of(images.begin(), images.end(),
                     [&subject](const Digest& image) { return image.str() == subject->second; });
}

bool HasImageFor(const Manifest& index, const Platform& wanted) {
  return std::any_of(index.children.begin(), index.children.end(),
                     [&wanted](const Descriptor& child) { return IsWanted(child, {wanted}); });
}

// As kAbsentPlatforms has it.
std::string AbsentPlatforms(const Manifest& index, const std::vector<Platform>& wanted) {
  std::set<std::string> absent;
  for (const Platform& platform : wanted) {
    if (!HasImageFor(index, platform)) absent.insert(platform.ToString());
  }
  return fmt::format("{}", fmt::join(absent, ","));
}

std::string Annotated(const Manifest& index, std::string_view name) {
  const auto found = index.annotations.find(std::string(name));
  return found == index.annotations.end() ? std::string() : found->second;
}

absl::Status NothingWanted(const Manifest& index, const std::vector<Platform>& wanted) {
  std::set<std::string> has;
  for (const Descriptor& child : index.children) {
    if (child.platform && !child.platform->IsUnknown()) has.insert(child.platform->ToString());
  }
  std::vector<std::string> asked;
  for (const Platform& platform : wanted) asked.push_back(platform.ToString());
  return absl::NotFoundError(
      fmt::format("the image has none of the platforms {}; {}", fmt::join(asked, ", "),
                  has.empty() ? "its index names no platform at all"
                              : fmt::format("it has {}", fmt::join(has, ", "))));
}

}  // namespace

absl::StatusOr<ManifestBytes> FilterIndex(const ManifestBytes& source,
                                          const std::vector<Platform>& wanted) {
  const absl::StatusOr<Manifest> index = ParseManifest(source.media_type, source.content);
  if (!index.ok()) return index.status();
  if (!index->is_index) return absl::InvalidArgumentError("only an index has platforms to filter");
  const std::set<Digest> images = WantedImages(*index, wanted);
  if (images.empty()) return NothingWanted(*index, wanted);

  // The order of the keys is the source's, so that nothing moves that needn't.
  auto json = nlohmann::ordered_json::parse(source.content);
  auto kept = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < index->children.size(); ++i) {
    const Descriptor& child = index->children[i];
    if (IsWanted(child, wanted) || AttestsOneOf(child, images)) {
      kept.push_back(json["manifests"][i]);
    }
  }
  json["manifests"] = std::move(kept);
  if (json["annotations"].is_null()) json["annotations"] = nlohmann::ordered_json::object();
  auto& annotations = json["annotations"];
  annotations[std::string(annotation::kSourceDigest)] = source.digest.str();
  const std::string absent = AbsentPlatforms(*index, wanted);
  // The source may be the mirror of another source.
  annotations.erase(std::string(annotation::kAbsentPlatforms));
  if (!absent.empty()) annotations[std::string(annotation::kAbsentPlatforms)] = absent;

  ManifestBytes filtered{.media_type = source.media_type, .content = json.dump()};
  filtered.digest = Digest::OfBytes(filtered.content);
  return filtered;
}

bool IsFilteredFrom(const Manifest& index, const Digest& source) {
  return index.is_index && Annotated(index, annotation::kSourceDigest) == source.str();
}

bool IsFilteredFrom(const Manifest& index, const Digest& source,
                    const std::vector<Platform>& wanted) {
  if (!IsFilteredFrom(index, source)) return false;
  const auto belongs = [&](const Descriptor& child) {
    return IsWanted(child, wanted) || (child.platform && child.platform->IsUnknown());
  };
  return std::all_of(index.children.begin(), index.children.end(), belongs) &&
         AbsentPlatforms(index, wanted) == Annotated(index, annotation::kAbsentPlatforms);
}

}  // namespace imglife
