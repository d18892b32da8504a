// How a tag goes (registry.md, "Deleting a tag"), and whether it may (guard 1). Pure.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/diff/removal.h"
#include "engine/diff/stage_diff.h"
#include "engine/observe/observed.h"

namespace imglife {

// Plans the deletions of one repository, whose tags were all read. What it has to say goes to
// `diff`; all that it is given outlives it.
class DeletionPlanner {
 public:
  // `going`: every tag of the repository that is to be deleted.
  DeletionPlanner(const Observed& observed, const Repository& repository,
                  std::set<std::string> going, StageDiff& diff);

  // The deletion of a tag, after those that were planned before: what several of them share goes
  // with the last one. To be called in the order in which they run, which is that of the bytes of
  // the tags. Nothing if it can't be told who uses it or what the registry can do:
  // then an error says so.
  std::optional<Action> Plan(const std::string& tag, const std::string& reason,
                             const ConfigRule& rule);

 private:
  // Null if something that tells wasn't read, of which an error says what.
  const RepositoryUse* KnownUse(const Action& action);
  const std::vector<Descriptor>* KnownReferrers(const Digest& digest, const Action& action);
  std::string OtherNames(const std::vector<std::string>& siblings, const std::string& holder) const;
  std::string UsersText(const std::vector<std::string>& siblings, const Removal& removal,
                        const Digest& digest) const;
  std::string NameOf(const Digest& digest) const;
  void Forget(const std::string& tag, const Removal& removal, const Action& action);
  bool ChooseWay(const Removal& removal, const RepositoryUse& use, Action& action);
  bool JudgeUnknownCapability(const absl::Status& status);

  const Observed& observed_;
  const Repository& repository_;
  const std::set<std::string> going_;
  StageDiff& diff_;
  // As it will be after what was planned; nothing before the first.
  std::optional<RepositoryUse> left_;
};

}  // namespace imglife
