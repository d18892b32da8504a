#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "fmt/format.h"

#include "engine/diff/needed_tags.h"
#include "engine/diff/retention.h"
#include "engine/observe/observe.h"

namespace imglife {
namespace {

// Images that stay keep what they were built on, which may keep more: repeated until nothing is
// added. Each round only ever keeps more tags, so it ends.
class RetentionJudge {
 public:
  RetentionJudge(const Config& config, const Desired& desired, const Observed& observed,
                 absl::Time policy_now)
      : config_(config), desired_(desired), observed_(observed), now_(policy_now) {
    for (const Repository& repository : CleanupScope(config, desired)) scope_.insert(repository);
  }

  std::map<Repository, RetentionResult> Run() {
    const NamedByDockerfiles named = FindNamedByDockerfiles(config_, desired_, observed_, scope_);
    NeededTags needed = named.tags;
    while (true) {
      auto results = JudgeAll(needed);
      NeededTags more = Merged(named.tags, FindBasesOfKept(results, observed_));
      if (more == needed) return Finished(std::move(results), named.unknown);
      needed = std::move(more);
    }
  }

 private:
  std::map<Repository, RetentionResult> JudgeAll(const NeededTags& needed) const {
    static const TagReasons kNone;
    std::map<Repository, RetentionResult> results;
    for (const Repository& repository : scope_) {
      const auto tags = needed.find(repository);
      results.emplace(repository, JudgeRepository(config_, desired_, observed_, repository, now_,
                                                  tags == needed.end() ? kNone : tags->second));
    }
    return results;
  }

  NeededTags Merged(NeededTags tags, const NeededTags& more) const {
    for (const auto& [repository, reasons] : more) {
      if (scope_.count(repository) > 0) tags[repository].insert(reasons.begin(), reasons.end());
    }
    return tags;
  }

  std::map<Repository, RetentionResult> Finished(std::map<Repository, RetentionResult> results,
                                                 const std::vector<std::string>& unknown) const {
    std::set<Repository> unread;
    for (const DesiredImage& image : desired_.images) {
      const Repository& repository = image.image.repository;
      if (!results.at(repository).errors.empty()) unread.insert(repository);
    }
    for (const std::string& image : unknown) {
      StopAll(results, {}, fmt::format("what the Dockerfile of {} names can't be told", image));
    }
    for (const Repository& repository : unread) {
      StopAll(results, repository,
              fmt::format("{} could not be read completely, so it is not known what its images "
                          "were built on",
                          repository.ToString()));
    }
    return results;
  }

  // Whatever isn't known may be any tag of any repository.
  static void StopAll(std::map<Repository, RetentionResult>& results, const Repository& but,
                      const std::string& why) {
    for (auto& [repository, result] : results) {
      if (repository == but) continue;
      result.errors.push_back(
          fmt::format("nothing is deleted in {}: {}", repository.ToString(), why));
      for (RetentionVerdict& verdict : result.tags) verdict.candidate = false;
    }
  }

  const Config& config_;
  const Desired& desired_;
  const Observed& observed_;
  const absl::Time now_;
  std::set<Repository> scope_;
};

}  // namespace

std::map<Repository, RetentionResult> JudgeRetention(const Config& config, const Desired& desired,
                                                     const Observed& observed,
                                                     absl::Time policy_now) {
  return RetentionJudge(config, desired, observed, policy_now).Run();
}

}  // namespace imglife
