#include "engine/observe/named_bases.h"

#include <map>
#include <string>
#include <string_view>

#include "schema/image/manifest.h"

namespace imglife {
namespace {

// The label of images that knows no OCI annotations.
constexpr std::string_view kBaseImageRef = "BASE_IMAGE_REF";
constexpr std::string_view kTransport = "docker://";

void AddDigest(std::string_view text, NamedBases& bases) {
  const auto digest = Digest::Parse(text);
  if (digest.ok()) bases.digests.insert(*digest);
}

void AddName(std::string_view text, NamedBases& bases) {
  if (text.substr(0, kTransport.size()) == kTransport) text.remove_prefix(kTransport.size());
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

}  // namespace

NamedBases NamedBasesOf(const ObservedImage& image) {
  NamedBases bases;
  AddSaid(image.manifest.annotations, bases);
  for (const Descriptor& child : image.manifest.children) AddSaid(child.annotations, bases);
  for (const ObservedPlatform& platform : image.platforms) {
    AddSaid(platform.manifest.annotations, bases);
    AddSaid(platform.config.labels, bases);
  }
  return bases;
}

}  // namespace imglife
