#include "engine/observe/read_uses.h"

#include <set>
#include <utility>

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

// Those of `digests` that weren't read yet, each once.
std::vector<Digest> Unread(const std::vector<Digest>& digests, const RepositoryUse& use) {
  const std::set<Digest> distinct(digests.begin(), digests.end());
  std::vector<Digest> unread;
  for (const Digest& digest : distinct) {
    if (use.Find(digest) == nullptr) unread.push_back(digest);
  }
  return unread;
}

}  // namespace

absl::Status ReadLinked(RegistryMemo& registry, const Repository& repository,
                        std::vector<Digest> from, RepositoryUse& use) {
  for (bool is_first = true; !from.empty(); is_first = false) {
    const std::vector<Digest> level = Unread(from, use);
    std::vector<Answer> answers(level.size());
    ParallelFor(level.size(), kQuestionsInFlight,
                [&](std::size_t i) { answers[i] = Read(registry, repository, level[i]); });
    from.clear();
    for (std::size_t i = 0; i < level.size(); ++i) {
      if (absl::IsNotFound(answers[i].status) && !is_first) continue;
      if (!answers[i].status.ok()) return answers[i].status;
      const Manifest& manifest = answers[i].manifest;
      for (const Descriptor& child : manifest.children) from.push_back(child.digest);
      if (manifest.subject) from.push_back(manifest.subject->digest);
      use.Add(level[i], std::move(answers[i].manifest), answers[i].size);
    }
  }
  return absl::OkStatus();
}

}  // namespace imglife
