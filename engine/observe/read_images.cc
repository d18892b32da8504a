#include "engine/observe/read_images.h"

#include <algorithm>
#include <set>
#include <utility>

#include "fmt/format.h"

#include "engine/observe/ask_in_turn.h"
#include "engine/observe/image_limits.h"
#include "engine/observe/likely_aliases.h"
#include "engine/observe/parallel.h"
#include "engine/observe/referrer_tag.h"
#include "schema/image/media_type.h"
#include "schema/image/placeholder.h"

namespace imglife {
namespace {

constexpr std::string_view kReferenceType = "vnd.docker.reference.type";

bool IsAttestation(const Descriptor& child) {
  return child.annotations.count(std::string(kReferenceType)) > 0 ||
         (child.platform && child.platform->IsUnknown());
}

// What one question has led to so far.
struct Reading {
  absl::Status status;
  ManifestBytes top;
  Manifest manifest;
  std::vector<ObservedPlatform> platforms;
  std::vector<std::pair<Digest, Manifest>> attestations;
  std::int64_t manifest_bytes = 0;
  std::set<Digest> parts;
  // What the next level asks.
  std::vector<Descriptor> below;
};

absl::StatusOr<Manifest> GetAndParse(RegistryMemo& registry, const Repository& repository,
                                     const std::string& name, ManifestBytes* bytes) {
  auto got = registry.GetManifest(repository, name);
  if (!got.ok()) return got.status();
  auto manifest = ParseManifest(got->media_type, got->content);
  if (!manifest.ok()) {
    return absl::InvalidArgumentError(fmt::format("the manifest of {} {} is not valid: {}",
                                                  repository.ToString(), name,
                                                  std::string(manifest.status().message())));
  }
  *bytes = *std::move(got);
  return manifest;
}

void ReadTop(RegistryMemo& registry, const ImageQuestion& question, const std::string& name,
             Reading& reading) {
  auto manifest = GetAndParse(registry, question.repository, name, &reading.top);
  reading.status = manifest.status();
  if (!manifest.ok()) return;
  if (manifest->children.size() > kMaxParts) {
    reading.status = TooManyParts(question.repository, question.tag_or_digest);
    return;
  }
  reading.manifest = *std::move(manifest);
  reading.manifest_bytes = static_cast<std::int64_t>(reading.top.content.size());
  reading.below = reading.manifest.children;
  if (reading.manifest.is_index) return;
  ObservedPlatform only;
  only.digest = reading.top.digest;
  only.manifest = reading.manifest;
  reading.platforms.push_back(std::move(only));
}

// A HEAD tells of what is likely to be another name that it is one: it is no pull, and the image is
// fetched once, by its first name.
void ReadAllTops(RegistryMemo& registry, const std::vector<ImageQuestion>& questions,
                 std::vector<Reading>& readings) {
  std::vector<std::string> hosts;
  hosts.reserve(questions.size());
  for (const ImageQuestion& question : questions) hosts.push_back(question.repository.host);
  const std::vector<bool> aliases = LikelyAliases(questions);
  std::vector<std::string> names(questions.size());
  AskInTurn(hosts, [&](std::size_t i) {
    const auto& [repository, tag, with_configs] = questions[i];
    if (!aliases[i]) return ReadTop(registry, questions[i], tag, readings[i]);
    const auto resolved = registry.Resolve(repository, tag);
    // The GET that follows says better why not.
    names[i] = resolved.ok() ? resolved->digest.str() : tag;
  });
  AskInTurn(hosts, [&](std::size_t i) {
    if (!aliases[i]) return;
    const std::string& tag = questions[i].tag_or_digest;
    ReadTop(registry, questions[i], names[i], readings[i]);
    // The tag may have moved since, and what it named may be gone.
    const bool gone = absl::IsNotFound(readings[i].status) && names[i] != tag;
    if (gone) ReadTop(registry, questions[i], tag, readings[i]);
  });
}

absl::Status Missing(const ImageQuestion& question, const Digest& part) {
  return NotComplete({question.repository, question.tag_or_digest, {}}, part);
}

void ReadChild(RegistryMemo& registry, const ImageQuestion& question, const Descriptor& child,
               absl::StatusOr<Manifest>& answer) {
  ManifestBytes bytes;
  answer = GetAndParse(registry, question.repository, child.digest.str(), &bytes);
  // A list of referrers may name what is gone.
  const bool may_be_gone = IsReferrerTag(question.tag_or_digest);
  if (absl::IsNotFound(answer.status()) && !may_be_gone) answer = Missing(question, child.digest);
}

void AddPlatform(Reading& reading, const Descriptor& child, Manifest manifest) {
  ObservedPlatform platform;
  platform.digest = child.digest;
  if (child.platform) platform.platform = *child.platform;
  platform.manifest = std::move(manifest);
  reading.platforms.push_back(std::move(platform));
}

// The parts of indexes among the answers are for the level after.
void AddChildren(const ImageQuestion& question, std::vector<absl::StatusOr<Manifest>> manifests,
                 Reading& reading) {
  const std::vector<Descriptor> children = std::exchange(reading.below, {});
  for (std::size_t i = 0; i < manifests.size(); ++i) {
    const Descriptor& child = children[i];
    if (absl::IsNotFound(manifests[i].status())) continue;
    if (!manifests[i].ok()) {
      if (reading.status.ok()) reading.status = manifests[i].status();
      continue;
    }
    const bool is_new = reading.parts.insert(child.digest).second;
    if (is_new) {
      reading.manifest_bytes += child.size;
      const std::vector<Descriptor>& more = manifests[i]->children;
      reading.below.insert(reading.below.end(), more.begin(), more.end());
    }
    if (IsAttestation(child)) {
      reading.attestations.emplace_back(child.digest, *std::move(manifests[i]));
    } else {
      AddPlatform(reading, child, *std::move(manifests[i]));
    }
  }
  if (reading.parts.size() + reading.below.size() > kMaxParts && reading.status.ok()) {
    reading.status = TooManyParts(question.repository, question.tag_or_digest);
  }
}

void ReadConfig(RegistryMemo& registry, const ImageQuestion& question, ObservedPlatform& platform,
                absl::Status& status) {
  if (!HasImageConfig(platform.manifest)) return;
  const Descriptor& described = platform.manifest.config;
  const auto content = registry.GetConfig(question.repository, described);
  if (!content.ok()) {
    status =
        absl::IsNotFound(content.status()) ? Missing(question, described.digest) : content.status();
    return;
  }
  auto config = ParseImageConfig(*content);
  if (!config.ok()) {
    status = absl::InvalidArgumentError(
        fmt::format("the config {} in {} is not valid: {}", described.digest.str(),
                    question.repository.ToString(), std::string(config.status().message())));
    return;
  }
  platform.config = *std::move(config);
  if (platform.platform.os.empty()) platform.platform = platform.config.platform;
}

void CountBlobs(const Manifest& manifest, std::set<Digest>& seen, std::int64_t& bytes) {
  if (manifest.is_index) return;
  if (seen.insert(manifest.config.digest).second) bytes += manifest.config.size;
  for (const Descriptor& layer : manifest.layers) {
    if (seen.insert(layer.digest).second) bytes += layer.size;
  }
}

std::optional<absl::Time> CreatedOf(const Reading& reading) {
  std::optional<absl::Time> newest;
  for (const ObservedPlatform& platform : reading.platforms) {
    const auto& created = platform.config.created;
    if (created && (!newest || *created > *newest)) newest = created;
  }
  if (newest) return newest;
  const auto annotated = reading.manifest.annotations.find(std::string(annotation::kCreated));
  if (annotated == reading.manifest.annotations.end()) return std::nullopt;
  return ParseCreated(annotated->second);
}

absl::StatusOr<ObservedImage> Finish(Reading reading) {
  if (!reading.status.ok()) return reading.status;
  ObservedImage image;
  image.digest = reading.top.digest;
  image.created = CreatedOf(reading);
  image.bytes = reading.manifest_bytes;
  image.placeholder_of = PlaceholderOf(reading.manifest, reading.top.digest);
  std::set<Digest> seen;
  for (const ObservedPlatform& platform : reading.platforms) {
    CountBlobs(platform.manifest, seen, image.bytes);
  }
  for (const auto& [digest, manifest] : reading.attestations) {
    CountBlobs(manifest, seen, image.bytes);
    image.attestations.push_back(digest);
  }
  image.manifest = std::move(reading.manifest);
  image.platforms = std::move(reading.platforms);
  return image;
}

// Positions of everything that the next level asks: (reading, part of it).
using Places = std::vector<std::pair<std::size_t, std::size_t>>;

// One level of indexes. False if that was the last one.
bool ReadNextLevel(RegistryMemo& registry, const std::vector<ImageQuestion>& questions,
                   std::vector<Reading>& readings) {
  Places places;
  std::vector<std::vector<absl::StatusOr<Manifest>>> answers(readings.size());
  for (std::size_t i = 0; i < readings.size(); ++i) {
    if (!readings[i].status.ok()) continue;
    answers[i].assign(readings[i].below.size(), absl::UnknownError("not asked"));
    for (std::size_t c = 0; c < answers[i].size(); ++c) places.emplace_back(i, c);
  }
  ParallelFor(places.size(), kQuestionsInFlight, [&](std::size_t n) {
    const auto [i, c] = places[n];
    ReadChild(registry, questions[i], readings[i].below[c], answers[i][c]);
  });
  for (std::size_t i = 0; i < readings.size(); ++i) {
    AddChildren(questions[i], std::move(answers[i]), readings[i]);
  }
  return !places.empty();
}

void ReadAllChildren(RegistryMemo& registry, const std::vector<ImageQuestion>& questions,
                     std::vector<Reading>& readings) {
  for (std::size_t depth = 0; depth < kMaxIndexDepth; ++depth) {
    if (!ReadNextLevel(registry, questions, readings)) return;
  }
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const auto& [repository, tag, with_configs] = questions[i];
    if (readings[i].status.ok() && !readings[i].below.empty()) {
      readings[i].status = TooDeep(repository, tag, kMaxIndexDepth);
    }
  }
}

void ReadAllConfigs(RegistryMemo& registry, const std::vector<ImageQuestion>& questions,
                    std::vector<Reading>& readings) {
  Places places;
  std::vector<std::vector<absl::Status>> statuses(readings.size());
  for (std::size_t i = 0; i < readings.size(); ++i) {
    if (!readings[i].status.ok() || !questions[i].with_configs) continue;
    statuses[i].resize(readings[i].platforms.size());
    for (std::size_t p = 0; p < readings[i].platforms.size(); ++p) places.emplace_back(i, p);
  }
  ParallelFor(places.size(), kQuestionsInFlight, [&](std::size_t n) {
    const auto [i, p] = places[n];
    ReadConfig(registry, questions[i], readings[i].platforms[p], statuses[i][p]);
  });
  for (std::size_t i = 0; i < readings.size(); ++i) {
    for (const absl::Status& status : statuses[i]) {
      if (!status.ok() && readings[i].status.ok()) readings[i].status = status;
    }
  }
}

}  // namespace

bool HasImageConfig(const Manifest& manifest) {
  return manifest.config.media_type == media_type::kOciConfig ||
         manifest.config.media_type == media_type::kDockerConfig;
}

absl::Status NotComplete(const Reference& image, const Digest& part) {
  return absl::DataLossError(
      fmt::format("{} is not complete: {} is missing", image.ToString(), part.str()));
}

std::vector<absl::StatusOr<ObservedImage>> ReadImages(RegistryMemo& registry,
                                                      const std::vector<ImageQuestion>& questions) {
  std::vector<Reading> readings(questions.size());
  ReadAllTops(registry, questions, readings);
  ReadAllChildren(registry, questions, readings);
  ReadAllConfigs(registry, questions, readings);
  std::vector<absl::StatusOr<ObservedImage>> images;
  images.reserve(readings.size());
  for (Reading& reading : readings) images.push_back(Finish(std::move(reading)));
  return images;
}

absl::StatusOr<ObservedImage> ReadImage(RegistryMemo& registry, const Repository& repository,
                                        const std::string& tag_or_digest) {
  return std::move(ReadImages(registry, {{repository, tag_or_digest, true}}).front());
}

}  // namespace imglife
