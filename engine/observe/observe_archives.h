// Where images are archived before they are deleted, and since when (stages.md, cleanup).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "engine/observe/observed.h"
#include "engine/observe/registry_memo.h"
#include "schema/config/config.h"

namespace imglife {

// The artifact type of the referrers that hold the annotation io.imglife.archived-at.
inline constexpr std::string_view kArchiveNoteType = "application/vnd.imglife.archive.v1+json";

// Where `repository` is archived: ARCHIVE-REGISTRY/REPOSITORY-PATH; config has retention.archive.
Repository ArchiveRepository(const Config& config, const Repository& repository);

// TAG-HEX12: the archived name of a tag whose own name another image has in the archive.
std::string ArchiveTag(const std::string& tag, const Digest& digest);

// What archived tags may have been before: tags of those of some repositories that have their
// archive there; nothing unless tags are archived.
class FormerNames {
 public:
  FormerNames(const Config& config, const std::vector<Repository>& repositories);

  // `archived`, of which the digest is given, under its own name and under the one that ArchiveTag
  // lengthened.
  std::vector<Reference> Of(const Reference& archived) const;

 private:
  std::map<Repository, std::vector<Repository>> by_archive_;
};

// The archives of `repositories`, each once; none unless tags are archived. A repository is not the
// archive of itself.
std::vector<Repository> ArchivesOf(const Config& config,
                                   const std::vector<Repository>& repositories);

// Tags, digests and referrers of these archives, and the manifests of tags that have no date of
// archiving: they may be placeholders.
void ObserveArchives(const std::vector<Repository>& archives, RegistryMemo& registry,
                     Observed& observed);

// The images behind every tag of these archives, with what they were built on: what a deletion in
// any archive depends on.
void ReadArchivedImages(const std::vector<Repository>& archives, RegistryMemo& registry,
                        Observed& observed);

// The newest date among the notes in `referrers`; nothing if there is none.
std::optional<absl::Time> ArchivedAt(const std::vector<Descriptor>& referrers);

// A copy that is older than this gets a new date before the tag is deleted that it was made of, as
// it expires keep_days after its date: a tenth of keep_days, a day at most. Not a younger one, so
// that a plan that is applied again changes nothing, and runs whose deletions fail don't add a date
// each.
absl::Duration OldestArchiveDate(const Config& config);

}  // namespace imglife
