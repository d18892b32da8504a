#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "fmt/format.h"

#include "engine/diff/needed_tags.h"
#include "engine/diff/retention.h"
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
    for (const Repository& archive : ArchivesOf(config, {scope_.begin(), scope_.end()})) {
      archives_.insert(archive);
    }
    std::set<Repository> all = scope_;
    all.insert(archives_.begin(), archives_.end());
    named_ = FindNamedByDockerfiles(config, desired, observed, all);
    needed_ = named_.tags;
  }

  std::map<Repository, RetentionResult> Run() {
    for (Judge(); Widen();) Judge();
    const std::set<Repository> unread = Unread();
    for (const std::string& why : Unknown()) StopAll({}, why);
    for (const Repository& repository : unread) StopAll(repository, UnreadText(repository));
    return std::move(results_);
  }

  ArchiveUse RunArchives() {
    for (Judge(); Widen();) Judge();
    ArchiveUse use;
    for (const Repository& archive : archives_) use.needed[archive] = std::move(needed_[archive]);
    use.unknown = Unknown();
    for (const Repository& repository : Unread()) use.unknown.push_back(UnreadText(repository));
    return use;
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
    NeededTags all = named_.tags;
    for (const auto& [named, reasons] : FindBasesOfKept(results_, archives_, observed_)) {
      for (const std::set<Repository>* repositories : {&scope_, &archives_}) {
        for (const Repository& repository : *repositories) {
          if (!IsSameRepository(named, repository)) continue;
          all[repository].insert(reasons.begin(), reasons.end());
        }
      }
    }
    if (all == needed_) return false;
    needed_ = std::move(all);
    return true;
  }

  std::vector<std::string> Unknown() const {
    std::vector<std::string> reasons;
    for (const std::string& image : named_.unknown) {
      reasons.push_back(fmt::format("what the Dockerfile of {} names can't be told", image));
    }
    for (const auto& [repository, images] : observed_.orphan_images) {
      if (!images.ok()) reasons.push_back(UnreadText(repository));
    }
    return reasons;
  }

  // Repositories of built images that could not be read completely.
  std::set<Repository> Unread() const {
    std::set<Repository> unread;
    for (const DesiredImage& image : desired_.images) {
      const Repository& repository = image.image.repository;
      if (!results_.at(repository).errors.empty()) unread.insert(repository);
    }
    return unread;
  }

  static std::string UnreadText(const Repository& repository) {
    return fmt::format(
        "{} could not be read completely, so it is not known what its images were built on",
        repository.ToString());
  }

  // Whatever isn't known may be any tag of any repository.
  void StopAll(const Repository& but, const std::string& why) {
    for (auto& [repository, result] : results_) {
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
  std::set<Repository> archives_;
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

ArchiveUse JudgeArchives(const Config& config, const Desired& desired, const Observed& observed,
                         absl::Time policy_now) {
  return RetentionJudge(config, desired, observed, policy_now).RunArchives();
}

}  // namespace imglife
