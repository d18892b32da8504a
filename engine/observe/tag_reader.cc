#include "engine/observe/tag_reader.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "absl/status/status.h"

#include "engine/observe/ask_in_turn.h"
#include "engine/observe/parallel.h"

namespace imglife {
namespace {

using Names = std::vector<std::pair<Repository, std::string>>;

// One answer of `ask` for each name, in order.
template <typename Answer, typename Ask>
std::vector<absl::StatusOr<Answer>> AskEach(const Names& names, const Ask& ask) {
  std::vector<absl::StatusOr<Answer>> answers(names.size(), absl::UnknownError("not asked"));
  std::vector<std::string> hosts;
  hosts.reserve(names.size());
  for (const auto& [repository, tag] : names) hosts.push_back(repository.host);
  AskInTurn(hosts, [&](std::size_t i) { answers[i] = ask(names[i].first, names[i].second); });
  return answers;
}

}  // namespace

void TagReader::Read() {
  DropIncluded();
  const std::vector<ImageQuestion> questions(images_.begin(), images_.end());
  const Names digest_names(digests_.begin(), digests_.end());
  const Names manifest_names(manifests_.begin(), manifests_.end());
  images_.clear();
  digests_.clear();
  manifests_.clear();
  std::vector<absl::StatusOr<Resolved>> resolved;
  std::vector<absl::StatusOr<ManifestBytes>> manifests;
  std::vector<absl::StatusOr<ObservedImage>> images;
  RunAll({[&] { images = ReadImages(registry_, questions); },
          [&] {
            manifests = AskEach<ManifestBytes>(
                manifest_names, [&](const Repository& repository, const std::string& tag) {
                  return registry_.GetManifest(repository, tag);
                });
          },
          [&] {
            resolved = AskEach<Resolved>(digest_names,
                                         [&](const Repository& repository, const std::string& tag) {
                                           return registry_.Resolve(repository, tag);
                                         });
          }});
  for (std::size_t i = 0; i < manifest_names.size(); ++i) {
    KeepManifest(manifest_names[i], manifests[i]);
  }
  // After what was read without its parts: an image that is not complete is not readable.
  for (std::size_t i = 0; i < questions.size(); ++i) KeepImage(questions[i], std::move(images[i]));
  for (std::size_t i = 0; i < digest_names.size(); ++i) {
    const auto& [repository, tag] = digest_names[i];
    if (resolved[i].ok()) {
      KeepDigest(repository, tag, resolved[i]->digest);
    } else {
      KeepFailure(digest_names[i], resolved[i].status());
    }
  }
}

void TagReader::DropIncluded() {
  for (auto at = images_.begin(); at != images_.end();) {
    const ImageQuestion full{at->repository, at->tag_or_digest, true};
    at = !at->with_configs && images_.count(full) > 0 ? images_.erase(at) : std::next(at);
  }
  for (const ImageQuestion& image : images_) {
    digests_.erase({image.repository, image.tag_or_digest});
  }
  for (const Name& manifest : manifests_) digests_.erase(manifest);
}

void TagReader::KeepManifest(const Name& name, const absl::StatusOr<ManifestBytes>& bytes) {
  if (!bytes.ok()) return KeepFailure(name, bytes.status());
  auto manifest = ParseManifest(bytes->media_type, bytes->content);
  if (!manifest.ok()) return KeepFailure(name, manifest.status());
  KeepDigest(name.first, name.second, bytes->digest);
  observed_.top_manifests.insert_or_assign({name.first, bytes->digest}, *std::move(manifest));
}

void TagReader::KeepImage(const ImageQuestion& question, absl::StatusOr<ObservedImage> image) {
  const Name name{question.repository, question.tag_or_digest};
  if (!image.ok()) return KeepFailure(name, image.status());
  KeepDigest(name.first, name.second, image->digest);
  if (dated_.count(question.repository) > 0) DateByPush(name, *image);
  const ImageKey key{question.repository, image->digest};
  const auto at = observed_.images.find(key);
  // The reading with configs knows more.
  if (at == observed_.images.end()) {
    observed_.images.emplace(key, std::move(image));
  } else if (question.with_configs) {
    at->second = std::move(image);
  }
}

// A tag whose image was made after it was pushed was pushed again, and at that time at the
// earliest.
void TagReader::DateByPush(const Name& name, ObservedImage& image) {
  auto& tag = *observed_.repositories[name.first].resolved.at(name.second);
  if (tag.pushed && image.created) tag.pushed = std::max(*tag.pushed, *image.created);
  image.created.reset();
}

void TagReader::KeepDigest(const Repository& repository, const std::string& tag,
                           const Digest& digest) {
  ObservedTag found{.digest = digest, .pushed = std::nullopt};
  const auto list = lists_.find(repository);
  if (list != lists_.end() && list->second.ok()) {
    const auto pushed = list->second->pushed.find(tag);
    const auto then = list->second->pushed_digests.find(tag);
    const bool is_it = then == list->second->pushed_digests.end() || then->second == digest;
    if (pushed != list->second->pushed.end() && is_it) found.pushed = pushed->second;
  }
  observed_.repositories[repository].resolved.insert_or_assign(tag, found);
}

void TagReader::KeepFailure(const Name& name, const absl::Status& why) {
  observed_.repositories[name.first].resolved.insert_or_assign(name.second, why);
}

}  // namespace imglife
