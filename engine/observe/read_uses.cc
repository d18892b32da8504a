#include "engine/observe/read_uses.h"

#include <cstddef>
#include <map>
#include <utility>

#include "engine/observe/image_limits.h"
#include "engine/observe/parallel.h"

namespace imglife {
namespace {

struct Answer {
  absl::Status status;
  Manifest manifest;
  std::int64_t size = 0;
};

Answer Read(RegistryMemo& registry, const Repository& repository, const Digest& digest) {
  Answer answer;
  const auto bytes = registry.GetManifest(repository, digest.str());
  answer.status = bytes.status();
  if (!bytes.ok()) return answer;
  auto manifest = ParseManifest(bytes->media_type, bytes->content);
  answer.status = manifest.status();
  if (!manifest.ok()) return answer;
  answer.manifest = *std::move(manifest);
  answer.size = static_cast<std::int64_t>(bytes->content.size());
  return answer;
}

// What is read next, and which of the first digests led to it first.
using Level = std::map<Digest, std::size_t>;

std::vector<Digest> DigestsOf(const Level& level) {
  std::vector<Digest> digests;
  digests.reserve(level.size());
  for (const auto& [digest, root] : level) digests.push_back(digest);
  return digests;
}

class LinkReader {
 public:
  LinkReader(RegistryMemo& registry, const Repository& repository, const std::vector<Digest>& from,
             RepositoryUse& use)
      : registry_(registry), repository_(repository), from_(from), use_(use), parts_(from.size()) {}

  absl::Status Run() {
    Level level;
    for (std::size_t root = 0; root < from_.size(); ++root) Add(from_[root], root, level);
    for (std::size_t links = 0; !level.empty(); ++links) {
      if (links > kMaxLinks) {
        return TooDeep(repository_, from_[level.begin()->second].str(), kMaxLinks);
      }
      auto next = ReadLevel(level, links == 0);
      if (!next.ok()) return next.status();
      level = *std::move(next);
    }
    return absl::OkStatus();
  }

 private:
  // Gives what these lead to and wasn't read yet.
  absl::StatusOr<Level> ReadLevel(const Level& level, bool must_be_there) {
    const std::vector<Digest> digests = DigestsOf(level);
    std::vector<Answer> answers(digests.size());
    ParallelFor(digests.size(), kQuestionsInFlight,
                [&](std::size_t i) { answers[i] = Read(registry_, repository_, digests[i]); });
    std::vector<std::pair<Digest, std::size_t>> links;
    for (std::size_t i = 0; i < digests.size(); ++i) {
      if (absl::IsNotFound(answers[i].status) && !must_be_there) continue;
      if (!answers[i].status.ok()) return answers[i].status;
      const std::size_t root = level.at(digests[i]);
      for (const Digest& link : LinksOf(answers[i].manifest)) links.emplace_back(link, root);
      use_.Add(digests[i], std::move(answers[i].manifest), answers[i].size);
    }
    Level next;
    for (const auto& [link, root] : links) {
      if (Add(link, root, next) && ++parts_[root] > kMaxParts) {
        return TooManyParts(repository_, from_[root].str());
      }
    }
    return next;
  }

  // False if it is known already.
  bool Add(const Digest& digest, std::size_t root, Level& level) const {
    return use_.Find(digest) == nullptr && level.emplace(digest, root).second;
  }

  RegistryMemo& registry_;
  const Repository& repository_;
  const std::vector<Digest>& from_;
  RepositoryUse& use_;
  // How many manifests each of `from_` led to.
  std::vector<std::size_t> parts_;
};

}  // namespace

absl::Status ReadLinked(RegistryMemo& registry, const Repository& repository,
                        std::vector<Digest> from, RepositoryUse& use) {
  return LinkReader(registry, repository, from, use).Run();
}

}  // namespace imglife
