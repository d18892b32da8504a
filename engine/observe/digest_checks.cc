#include "engine/observe/digest_checks.h"

#include "engine/observe/parallel.h"

namespace imglife {
namespace {

using TagsBySource = std::map<Repository, std::set<std::string>>;

TagsBySource TagsOf(const std::vector<DigestCheck>& checks) {
  TagsBySource tags;
  for (const DigestCheck& check : checks) tags[check.source].insert(check.source_tag);
  return tags;
}

// What was asked for its dates is described already.
std::size_t RequestsToDescribe(const TagList& list) {
  if (!list.pushed.empty()) return 0;
  return (list.tags.size() + kTagsPerDescription - 1) / kTagsPerDescription;
}

}  // namespace

std::set<std::pair<Repository, std::string>> DigestChecks::AskedOneByOne(const Listings& lists) {
  const TagsBySource tags = TagsOf(checks_);
  std::set<std::pair<Repository, std::string>> one_by_one;
  for (DigestCheck& check : checks_) {
    const auto list = lists.find(check.source);
    const bool cheaper = list != lists.end() && list->second.ok() &&
                         RequestsToDescribe(*list->second) < tags.at(check.source).size();
    if (cheaper) {
      described_.push_back(std::move(check));
    } else {
      one_by_one.insert({check.source, check.source_tag});
    }
  }
  checks_.clear();
  return one_by_one;
}

void DigestChecks::Describe(RegistryMemo& registry) {
  const TagsBySource tags = TagsOf(described_);
  const std::vector<std::pair<Repository, std::set<std::string>>> sources(tags.begin(), tags.end());
  std::vector<absl::StatusOr<std::map<std::string, TagDetails>>> answers(
      sources.size(), absl::UnknownError("not asked"));
  ParallelFor(sources.size(), kQuestionsInFlight,
              [&](std::size_t i) { answers[i] = registry.DescribeTags(sources[i].first); });
  std::vector<std::pair<const Repository*, const std::string*>> not_described;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto& [source, names] = sources[i];
    if (answers[i].ok()) {
      details_[source] = *std::move(answers[i]);
      continue;
    }
    for (const std::string& name : names) not_described.emplace_back(&source, &name);
  }
  ParallelFor(not_described.size(), kQuestionsInFlight, [&](std::size_t i) {
    (void)registry.Resolve(*not_described[i].first, *not_described[i].second);
  });
}

Digest DigestChecks::ProvenDigest(const DigestCheck& check, const Observed& observed) const {
  const auto details = details_.find(check.source);
  if (details == details_.end()) return {};
  const auto described = details->second.find(check.source_tag);
  if (described == details->second.end()) return {};
  const Digest& digest = described->second.digest;
  if (digest.empty()) return {};
  return observed.IsMadeFrom(check.target, check.tag, digest, *check.platforms) ? digest : Digest();
}

}  // namespace imglife
