#include "engine/observe/read_referrers.h"

#include <set>
#include <utility>

#include "fmt/format.h"

#include "engine/observe/image_limits.h"
#include "engine/observe/parallel.h"

namespace imglife {
namespace {

class ReferrersReader {
 public:
  ReferrersReader(RegistryMemo& registry, Registry& lists, const Repository& repository,
                  const std::vector<Digest>& subjects)
      : registry_(registry),
        lists_(lists),
        repository_(repository),
        subjects_(subjects),
        seen_(subjects.begin(), subjects.end()) {}

  absl::StatusOr<FoundReferrers> Run() {
    FoundReferrers found;
    std::vector<Digest> step = subjects_;
    for (std::size_t steps = 0; !step.empty(); ++steps) {
      if (steps > kMaxReferrerSteps) return TooMany("steps of referrers", kMaxReferrerSteps);
      std::vector<Listed> untold;
      auto referrers = ReferrersOf(step, untold);
      if (!referrers.ok()) return referrers.status();
      if (found.all.size() + referrers->size() > kMaxReferrers) {
        return TooMany("referrers", kMaxReferrers);
      }
      step.clear();
      for (const Descriptor& referrer : *referrers) step.push_back(referrer.digest);
      found.all.insert(found.all.end(), step.begin(), step.end());
      AddUnreadable(untold, found.unreadable);
      if (steps > 0) continue;
      found.own = *std::move(referrers);
      found.untold = SubjectsIn(untold);
    }
    return found;
  }

 private:
  enum class Answer { kRefers, kDoesNot, kUntold };
  struct Listed {
    Descriptor referrer;
    Digest subject;
  };

  void AddUnreadable(const std::vector<Listed>& untold, std::vector<Descriptor>& unreadable) {
    for (const Listed& listed : untold) {
      if (seen_.insert(listed.referrer.digest).second) unreadable.push_back(listed.referrer);
    }
  }

  static std::vector<Digest> SubjectsIn(const std::vector<Listed>& listed) {
    std::set<Digest> subjects;
    for (const Listed& one : listed) subjects.insert(one.subject);
    return {subjects.begin(), subjects.end()};
  }

  // Adds to `untold` what can't be read of those that are listed.
  absl::StatusOr<std::vector<Descriptor>> ReferrersOf(const std::vector<Digest>& subjects,
                                                      std::vector<Listed>& untold) {
    const auto listed = ListsOf(subjects);
    if (!listed.ok()) return listed.status();
    std::vector<absl::StatusOr<Answer>> answers(listed->size(), absl::UnknownError("not asked"));
    ParallelFor(listed->size(), kQuestionsPerImage,
                [&](std::size_t i) { answers[i] = Refers((*listed)[i]); });
    std::vector<Descriptor> referrers;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i].ok()) return answers[i].status();
      const auto& [referrer, subject] = (*listed)[i];
      if (*answers[i] == Answer::kUntold) untold.push_back((*listed)[i]);
      if (*answers[i] != Answer::kRefers || !seen_.insert(referrer.digest).second) continue;
      referrers.push_back(referrer);
    }
    return referrers;
  }

  absl::StatusOr<std::vector<Listed>> ListsOf(const std::vector<Digest>& subjects) {
    std::vector<absl::StatusOr<std::vector<Descriptor>>> lists(subjects.size(),
                                                               absl::UnknownError("not asked"));
    ParallelFor(subjects.size(), kQuestionsPerImage,
                [&](std::size_t i) { lists[i] = lists_.ListReferrers(repository_, subjects[i]); });
    std::vector<Listed> listed;
    for (std::size_t i = 0; i < lists.size(); ++i) {
      if (!lists[i].ok()) return lists[i].status();
      for (Descriptor& referrer : *lists[i]) listed.push_back({std::move(referrer), subjects[i]});
    }
    // Before any of them is read.
    if (listed.size() > kMaxReferrers) return TooMany("referrers", kMaxReferrers);
    return listed;
  }

  absl::StatusOr<Answer> Refers(const Listed& listed) {
    const auto bytes = registry_.GetManifest(repository_, listed.referrer.digest.str());
    if (absl::IsNotFound(bytes.status())) return Answer::kDoesNot;
    if (absl::IsInvalidArgument(bytes.status())) return Answer::kUntold;
    if (!bytes.ok()) return bytes.status();
    const auto manifest = ParseManifest(bytes->media_type, bytes->content);
    if (!manifest.ok()) return Answer::kUntold;
    return RefersTo(*manifest, listed.subject) ? Answer::kRefers : Answer::kDoesNot;
  }

  absl::Status TooMany(std::string_view what, std::size_t most) const {
    return absl::ResourceExhaustedError(fmt::format(
        "{}@{}: more than {} {}", repository_.ToString(), subjects_.front().str(), most, what));
  }

  RegistryMemo& registry_;
  Registry& lists_;
  const Repository& repository_;
  const std::vector<Digest>& subjects_;
  std::set<Digest> seen_;
};

}  // namespace

absl::StatusOr<FoundReferrers> ReadReferrers(RegistryMemo& registry, Registry& lists,
                                             const Repository& repository,
                                             const std::vector<Digest>& subjects) {
  return ReferrersReader(registry, lists, repository, subjects).Run();
}

}  // namespace imglife
