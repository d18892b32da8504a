#include "engine/observe/named_bases.h"

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"

#include "schema/image/manifest.h"

namespace imglife {
namespace {

// The label of images that knows no OCI annotations.
constexpr std::string_view kBaseImageRef = "BASE_IMAGE_REF";
constexpr std::array<std::string_view, 3> kSchemes = {"docker://", "https://", "http://"};

std::string_view Stripped(std::string_view text) {
  const absl::string_view stripped = absl::StripAsciiWhitespace({text.data(), text.size()});
  return {stripped.data(), stripped.size()};
}

void AddDigest(std::string_view text, NamedBases& bases) {
  const auto digest = Digest::Parse(Stripped(text));
  if (digest.ok()) bases.digests.insert(*digest);
}

void AddName(std::string_view text, NamedBases& bases) {
  text = Stripped(text);
  for (const std::string_view scheme : kSchemes) {
    if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  }
  const auto base = ParseReference(text);
  if (!base.ok()) return;
  if (!base->digest.empty()) bases.digests.insert(base->digest);
  if (!base->tag.empty()) bases.names.insert({base->repository, base->tag, {}});
  if (base->tag.empty() && base->digest.empty()) {
    bases.names.insert({base->repository, "latest", {}});
  }
}

void AddSaid(const std::map<std::string, std::string>& said, NamedBases& bases) {
  for (const std::string_view name : {annotation::kBaseName, kBaseImageRef}) {
    const auto found = said.find(std::string(name));
    if (found != said.end()) AddName(found->second, bases);
  }
  const auto digest = said.find(std::string(annotation::kBaseDigest));
  if (digest != said.end()) AddDigest(digest->second, bases);
}

void AddSaidBy(const Manifest& manifest, NamedBases& bases) {
  AddSaid(manifest.annotations, bases);
  for (const Descriptor& child : manifest.children) AddSaid(child.annotations, bases);
}

}  // namespace

NamedBases NamedBasesOf(const ObservedImage& image) {
  NamedBases bases;
  AddSaidBy(image.manifest, bases);
  for (const ObservedPlatform& platform : image.platforms) {
    AddSaidBy(platform.manifest, bases);
    AddSaid(platform.config.labels, bases);
  }
  return bases;
}

}  // namespace imglife
