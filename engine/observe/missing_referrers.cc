#include "engine/observe/missing_referrers.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "engine/observe/image_limits.h"
#include "engine/observe/observe_archives.h"
#include "engine/observe/parallel.h"
#include "engine/observe/referrer_tag.h"
#include "schema/image/media_type.h"
#include "schema/image/placeholder.h"

namespace imglife {
namespace {

absl::StatusOr<Manifest> ReadManifest(Registry& registry, const Repository& repository,
                                      const Digest& digest) {
  const auto bytes = registry.GetManifest(repository, digest.str());
  if (!bytes.ok()) return bytes.status();
  return ParseManifest(bytes->media_type, bytes->content);
}

absl::StatusOr<Manifest> ReadReduced(Registry& registry, const Repository& repository,
                                     const Digest& index, const std::vector<Platform>& platforms) {
  auto bytes = registry.GetManifest(repository, index.str());
  if (bytes.ok()) bytes = FilterIndex(*bytes, platforms);
  if (!bytes.ok()) return bytes.status();
  return ParseManifest(bytes->media_type, bytes->content);
}

// The parts of an index, at all depths.
class PartsReader {
 public:
  PartsReader(RegistryMemo& registry, const Repository& repository, const Digest& image)
      : registry_(registry), repository_(repository), image_(image), seen_{image} {}

  absl::Status Read(const Manifest& index, std::size_t depth, std::vector<Digest>& parts) {
    if (depth > kMaxIndexDepth) return TooDeep(repository_, image_.str(), kMaxIndexDepth);
    if (seen_.size() + index.children.size() > kMaxParts) {
      return TooManyParts(repository_, image_.str());
    }
    for (const Descriptor& child : index.children) {
      if (!seen_.insert(child.digest).second) continue;
      parts.push_back(child.digest);
      if (!media_type::IsIndex(child.media_type)) continue;
      const auto nested = ReadManifest(registry_, repository_, child.digest);
      if (!nested.ok()) return nested.status();
      absl::Status status = Read(*nested, depth + 1, parts);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  RegistryMemo& registry_;
  const Repository& repository_;
  const Digest& image_;
  std::set<Digest> seen_;
};

// What a manifest holds, as far as it tells two signatures of one payload apart.
std::set<std::pair<Digest, Annotations>> ContentOf(const Manifest& manifest) {
  std::set<std::pair<Digest, Annotations>> content;
  for (const Descriptor& part : manifest.is_index ? manifest.children : manifest.layers) {
    content.emplace(part.digest, part.annotations);
  }
  return content;
}

// What refers to one subject.
struct Look {
  absl::Status status;
  std::vector<MissingReferrer> missing;
  std::vector<Digest> present;
  std::vector<Digest> referrers;  // those that are missing and those that aren't
  std::vector<std::string> conflicts;
};

class Finder {
 public:
  Finder(RegistryMemo& source_registry, const Repository& source, Registry& target_registry,
         const Repository& target)
      : source_registry_(source_registry),
        source_(source),
        target_registry_(target_registry),
        target_(target),
        source_tags_(source_registry.ListTags(source)) {}

  absl::StatusOr<MissingReferrers> Run(const std::vector<Digest>& subjects) {
    std::vector<std::vector<MissingReferrer>> by_step;
    MissingReferrers found;
    for (std::vector<Digest> step = NotSeen(subjects); !step.empty();) {
      if (by_step.size() > kMaxReferrerSteps) {
        return TooMany("steps of referrers", kMaxReferrerSteps);
      }
      if (CountListed(step) > kMaxReferrers) return TooMany("referrers", kMaxReferrers);
      std::vector<Look> looks(step.size());
      ParallelFor(step.size(), kQuestionsPerImage,
                  [&](std::size_t i) { looks[i] = LookAt(step[i]); });
      by_step.emplace_back();
      std::vector<Digest> referrers;
      for (Look& look : looks) {
        if (!look.status.ok()) return look.status;
        Append(by_step.back(), std::move(look.missing));
        Append(found.present, std::move(look.present));
        Append(found.conflicts, std::move(look.conflicts));
        Append(referrers, std::move(look.referrers));
      }
      step = NotSeen(referrers);
      count_ += step.size();
      if (count_ > kMaxReferrers) return TooMany("referrers", kMaxReferrers);
    }
    for (auto missing = by_step.rbegin(); missing != by_step.rend(); ++missing) {
      Append(found.missing, std::move(*missing));
    }
    return found;
  }

 private:
  template <typename T>
  static void Append(std::vector<T>& to, std::vector<T> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }

  absl::Status TooMany(std::string_view what, std::size_t most) const {
    return absl::ResourceExhaustedError(
        fmt::format("{}: more than {} {} of one image", source_.ToString(), most, what));
  }

  std::vector<Digest> NotSeen(const std::vector<Digest>& digests) {
    std::vector<Digest> fresh;
    for (const Digest& digest : digests) {
      if (seen_.insert(digest).second) fresh.push_back(digest);
    }
    return fresh;
  }

  // Before any of them is read. The lists are kept by the memo; what can't be listed is told of
  // where it is looked at.
  std::size_t CountListed(const std::vector<Digest>& subjects) {
    std::vector<std::size_t> counts(subjects.size());
    ParallelFor(subjects.size(), kQuestionsPerImage, [&](std::size_t i) {
      const auto listed = source_registry_.ListReferrers(source_, subjects[i]);
      if (!listed.ok()) return;
      counts[i] = listed->size() - static_cast<std::size_t>(std::count_if(
                                       listed->begin(), listed->end(), IsArchiveNote));
    });
    return std::accumulate(counts.begin(), counts.end(), count_);
  }

  Look LookAt(const Digest& subject) {
    Look look;
    look.status = LookAtListed(subject, look);
    for (const std::string& tag : CosignTags(subject)) {
      if (look.status.ok()) look.status = LookAtTag(tag, look);
    }
    return look;
  }

  absl::Status LookAtListed(const Digest& subject, Look& look) {
    const auto listed = source_registry_.ListReferrers(source_, subject);
    if (!listed.ok()) return listed.status();
    const bool all_notes = std::all_of(listed->begin(), listed->end(), IsArchiveNote);
    if (all_notes) return absl::OkStatus();
    const auto there = target_registry_.ListReferrers(target_, subject);
    if (!there.ok()) return there.status();
    std::set<Digest> known;
    for (const Descriptor& referrer : *there) known.insert(referrer.digest);
    std::set<Digest> missing;
    for (const Descriptor& referrer : *listed) {
      if (IsArchiveNote(referrer)) continue;
      if (known.count(referrer.digest) > 0) {
        look.present.push_back(referrer.digest);
      } else if (missing.insert(referrer.digest).second) {
        const auto refers = Refers(referrer.digest, subject);
        if (!refers.ok()) return refers.status();
        if (!*refers) continue;
        look.missing.push_back({.digest = referrer.digest,
                                .tag = "",
                                .artifact_type = referrer.artifact_type,
                                .replaces = {}});
      }
      look.referrers.push_back(referrer.digest);
    }
    return absl::OkStatus();
  }

  static bool IsArchiveNote(const Descriptor& referrer) {
    return referrer.artifact_type == kArchiveNoteType;
  }

  absl::StatusOr<bool> Refers(const Digest& referrer, const Digest& subject) {
    const auto manifest = ReadManifest(source_registry_, source_, referrer);
    if (absl::IsNotFound(manifest.status())) return false;
    if (!manifest.ok()) return manifest.status();
    return RefersTo(*manifest, subject);
  }

  absl::Status LookAtTag(const std::string& tag, Look& look) {
    if (source_tags_.ok() &&
        !std::binary_search(source_tags_->tags.begin(), source_tags_->tags.end(), tag)) {
      return absl::OkStatus();
    }
    const auto ours = source_registry_.Resolve(source_, tag);
    if (absl::IsNotFound(ours.status())) return absl::OkStatus();
    if (!ours.ok()) return ours.status();
    look.referrers.push_back(ours->digest);
    const auto theirs = target_registry_.Resolve(target_, tag);
    if (absl::IsNotFound(theirs.status())) {
      look.missing.push_back({ours->digest, tag, "", {}});
      return absl::OkStatus();
    }
    if (!theirs.ok()) return theirs.status();
    if (theirs->digest == ours->digest) {
      look.present.push_back(ours->digest);
      return absl::OkStatus();
    }
    return Compare(tag, ours->digest, theirs->digest, look);
  }

  // A tag is replaced only if nothing is lost by it: somebody may have signed the copy as well.
  absl::Status Compare(const std::string& tag, const Digest& ours, const Digest& theirs,
                       Look& look) {
    const auto wanted = ReadManifest(source_registry_, source_, ours);
    if (!wanted.ok()) return wanted.status();
    const auto there = ReadManifest(target_registry_, target_, theirs);
    if (!there.ok()) return there.status();
    const auto wanted_content = ContentOf(*wanted);
    const auto content = ContentOf(*there);
    const auto includes = [](const auto& all, const auto& some) {
      return std::includes(all.begin(), all.end(), some.begin(), some.end());
    };
    const bool placeholder = PlaceholderOf(*there, theirs) == tag;
    if (placeholder || (includes(wanted_content, content) && wanted_content != content)) {
      look.missing.push_back({ours, tag, "", theirs});
    } else if (!includes(content, wanted_content)) {
      look.conflicts.push_back(
          fmt::format("{}:{} has something of its own and lacks something that {} has: it stays as "
                      "it is",
                      target_.ToString(), tag, source_.ToString()));
    }
    return absl::OkStatus();
  }

  RegistryMemo& source_registry_;
  const Repository source_;
  Registry& target_registry_;
  const Repository target_;
  // Names that aren't listed needn't be asked for; where there is no list each name is.
  const absl::StatusOr<TagList> source_tags_;
  std::set<Digest> seen_;
  std::size_t count_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Digest>> SubjectsOf(RegistryMemo& registry, const Repository& repository,
                                               const Digest& image,
                                               const std::vector<Platform>& platforms) {
  auto manifest = ReadManifest(registry, repository, image);
  if (!manifest.ok()) return manifest.status();
  const bool is_reduced = !platforms.empty() && manifest->is_index;
  if (is_reduced && manifest->annotations.count(std::string(annotation::kSourceDigest)) == 0) {
    manifest = ReadReduced(registry, repository, image, platforms);
    if (!manifest.ok()) return manifest.status();
  }
  std::vector<Digest> subjects;
  if (!is_reduced) subjects.push_back(image);
  const absl::Status status = PartsReader(registry, repository, image).Read(*manifest, 0, subjects);
  if (!status.ok()) return status;
  return subjects;
}

absl::StatusOr<MissingReferrers> FindMissingReferrers(RegistryMemo& source_registry,
                                                      const Repository& source,
                                                      Registry& target_registry,
                                                      const Repository& target,
                                                      const std::vector<Digest>& subjects) {
  return Finder(source_registry, source, target_registry, target).Run(subjects);
}

}  // namespace imglife
