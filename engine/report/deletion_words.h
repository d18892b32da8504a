// What reviewers are told of a deletion: who else uses the digest, and why nothing else is lost.
// Pure; nothing here is escaped.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "engine/plan/plan.h"

namespace imglife {

// "sha256:1c4eef1a" for a digest, anything else as it is.
std::string ShortState(const std::string& state);

// Of the deletions of one plan: what becomes of a digest follows from all of them.
class DeletionWords {
 public:
  explicit DeletionWords(const Plan& plan);

  // "3.21 (goes too), latest (stays)", at most ten and how many more; "none".
  std::string Siblings(const Action& deletion) const;

  // "nothing else in the repository uses the digest; 2 children that only it had go with it", and
  // whether the tag is archived first. Of a digest that loses one name after the other: with which
  // of them it goes.
  std::string Safety(const Action& deletion) const;

 private:
  bool Goes(const Repository& repository, const std::string& tag) const;
  // And not only a name of it: no other name is left out or blocked.
  bool TakesDigest(const Action& deletion) const;
  const std::string* LastNameOf(const Action& deletion) const;

  std::set<Reference> going_;
  // The tag that the digest goes with.
  std::map<std::pair<Repository, std::string>, std::string> last_names_;
};

}  // namespace imglife
