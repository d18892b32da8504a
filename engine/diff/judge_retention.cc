#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/diff/bases_of_kept.h"
#include "engine/diff/copied_from.h"
#include "engine/diff/named_by_dockerfiles.h"
#include "engine/diff/retention.h"
#include "engine/diff/unknown_needs.h"
#include "engine/observe/managed_repositories.h"
#include "engine/observe/observe_archives.h"

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
    std::set<Repository> all = scope_;
    for (const Repository& archive : ArchivesOf(config, {scope_.begin(), scope_.end()})) {
      all.insert(archive);
    }
    named_ = FindNamedByDockerfiles(config, desired, observed, all);
    KeepCopied(config, desired, observed, scope_, named_.tags);
    needed_ = named_.tags;
  }

  std::map<Repository, RetentionResult> Run() {
    for (Judge(); Widen();) Judge();
    std::map<Repository, std::vector<Problem>> unread;
    for (const Repository& repository : Unread()) unread[repository] = UnreadBecause(repository);
    for (const Problem& why : UnknownNeeds(named_, observed_)) StopAll({}, why);
    for (const auto& [repository, reasons] : unread) {
      for (const Problem& why : reasons) StopAll(repository, why);
    }
    return std::move(results_);
  }

 private:
  void Judge() {
    static const TagReasons kNone;
    results_.clear();
    for (const Repository& repository : scope_) {
      const auto tags = needed_.find(repository);
      results_.emplace(repository, JudgeRepository(config_, desired_, observed_, repository, now_,
                                                   tags == needed_.end() ? kNone : tags->second));
    }
  }

  // Adds what the tags that stay need. False if that is nothing new.
  bool Widen() {
    BasesOfKept bases(observed_, scope_);
    bases.KeepOrphans();
    for (const auto& [repository, result] : results_) {
      for (const RetentionVerdict& verdict : result.tags) {
        if (!verdict.candidate) bases.Keep(repository, verdict.tag);
      }
    }
    NeededTags all = named_.tags;
    for (const auto& [repository, reasons] : bases.needed()) {
      all[repository].insert(reasons.begin(), reasons.end());
    }
    if (all == needed_) return false;
    needed_ = std::move(all);
    return true;
  }

  // Repositories that could not be read completely.
  std::set<Repository> Unread() const {
    std::set<Repository> unread;
    for (const auto& [repository, result] : results_) {
      if (!result.errors.empty()) unread.insert(repository);
    }
    return unread;
  }

  // For each of the reasons for which it could not.
  std::vector<Problem> UnreadBecause(const Repository& repository) const {
    std::vector<Problem> reasons;
    for (const Problem& error : results_.at(repository).errors) {
      reasons.push_back(UnknownBases(repository, error.cause));
    }
    return reasons;
  }

  // Whatever isn't known may be any tag of any repository.
  void StopAll(const Repository& but, const Problem& why) {
    for (auto& [repository, result] : results_) {
      if (repository == but) continue;
      Problem stopped = why;
      stopped.text = fmt::format("nothing is deleted in {}: {}", repository.ToString(), why.text);
      stopped.effects = {{Effect::kNothingDeleted, repository.ToString()}};
      result.errors.push_back(std::move(stopped));
      for (RetentionVerdict& verdict : result.tags) verdict.candidate = false;
    }
  }

  const Config& config_;
  const Desired& desired_;
  const Observed& observed_;
  const absl::Time now_;
  std::set<Repository> scope_;
  NamedByDockerfiles named_;
  NeededTags needed_;
  std::map<Repository, RetentionResult> results_;
};

}  // namespace

std::map<Repository, RetentionResult> JudgeRetention(const Config& config, const Desired& desired,
                                                     const Observed& observed,
                                                     absl::Time policy_now) {
  return RetentionJudge(config, desired, observed, policy_now).Run();
}

}  // namespace imglife
