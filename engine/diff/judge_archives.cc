#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/diff/bases_of_kept.h"
#include "engine/diff/copied_from.h"
#include "engine/diff/named_by_dockerfiles.h"
#include "engine/diff/retention.h"
#include "engine/diff/unknown_needs.h"
#include "engine/observe/managed_repositories.h"
#include "engine/observe/observe_archives.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

using Expired = std::map<Repository, std::vector<std::string>>;

class ArchiveJudge {
 public:
  ArchiveJudge(const Config& config, const Desired& desired, const Observed& observed,
               const Expired& expired)
      : config_(config),
        observed_(observed),
        expired_(expired),
        scope_(CleanupScope(config, desired)) {
    for (const Repository& archive : ArchivesOf(config, scope_)) archives_.insert(archive);
    std::set<Repository> all = archives_;
    all.insert(scope_.begin(), scope_.end());
    named_ = FindNamedByDockerfiles(config, desired, observed, all);
    KeepCopied(config, desired, observed, archives_, named_.tags);
  }

  ArchiveUse Run() {
    ArchiveUse use{.needed = FindNeeded(), .unknown = UnknownNeeds(named_, observed_)};
    for (Problem& why : Unread()) use.unknown.push_back(std::move(why));
    return use;
  }

 private:
  // An image that retention lets go is archived first: it stays there.
  NeededTags FindNeeded() const {
    BasesOfKept bases(config_, observed_, archives_, scope_);
    bases.KeepOrphans();
    for (const Repository& repository : scope_) KeepAllBut({}, repository, bases);
    for (const Repository& archive : archives_) {
      const auto expired = expired_.find(archive);
      KeepAllBut(expired == expired_.end() ? std::vector<std::string>() : expired->second, archive,
                 bases);
    }
    NeededTags needed = named_.tags;
    while (Merge(bases.needed(), needed)) KeepNeeded(needed, bases);
    return needed;
  }

  void KeepAllBut(const std::vector<std::string>& going, const Repository& repository,
                  BasesOfKept& bases) const {
    const ObservedRepository* there = observed_.FindRepository(repository);
    if (there == nullptr) return;
    const std::set<std::string> goes(going.begin(), going.end());
    for (const std::string& tag : there->tags) {
      if (goes.count(tag) == 0) bases.Keep(repository, tag);
    }
  }

  void KeepNeeded(const NeededTags& needed, BasesOfKept& bases) const {
    for (const Repository& archive : archives_) {
      const auto tags = needed.find(archive);
      if (tags == needed.end()) continue;
      for (const auto& [tag, why] : tags->second) bases.Keep(archive, tag);
    }
  }

  // Is anything of it new?
  static bool Merge(const NeededTags& more, NeededTags& needed) {
    bool added = false;
    for (const auto& [repository, tags] : more) {
      for (const auto& [tag, why] : tags) {
        added |= needed[repository].try_emplace(tag, why).second;
      }
    }
    return added;
  }

  // Repositories and archives of built images of which something could not be read.
  std::vector<Problem> Unread() const {
    std::set<Repository> built;
    for (const Repository& holder : HoldersOfBuiltImages(config_, observed_.servers)) {
      if (std::find(scope_.begin(), scope_.end(), holder) == scope_.end()) continue;
      built.insert(holder);
      const auto archives = ArchivesOf(config_, {holder});
      built.insert(archives.begin(), archives.end());
    }
    std::vector<Problem> unread;
    for (const Repository& repository : built) {
      if (const auto why = WhyUnread(repository)) {
        unread.push_back(UnknownBases(repository, *why));
      }
    }
    return unread;
  }

  // Of several reasons the first.
  std::optional<std::string> WhyUnread(const Repository& repository) const {
    const ObservedRepository* there = observed_.FindRepository(repository);
    if (there == nullptr) return "it was not listed";
    if (!there->status.ok()) return WhyText(repository.ToString(), there->status);
    for (const std::string& tag : there->tags) {
      const std::string name = Reference{repository, tag, {}}.ToString();
      const auto image = observed_.images.find({repository, observed_.DigestOf(repository, tag)});
      if (image == observed_.images.end()) return name + " was not read";
      if (!image->second.ok()) return WhyText(name, image->second.status());
    }
    return std::nullopt;
  }

  const Config& config_;
  const Observed& observed_;
  const Expired& expired_;
  const std::vector<Repository> scope_;
  std::set<Repository> archives_;
  NamedByDockerfiles named_;
};

}  // namespace

ArchiveUse JudgeArchives(const Config& config, const Desired& desired, const Observed& observed,
                         const std::map<Repository, std::vector<std::string>>& expired) {
  return ArchiveJudge(config, desired, observed, expired).Run();
}

}  // namespace imglife
