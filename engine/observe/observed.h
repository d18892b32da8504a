// What the world looks like: plain data that diffs read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "engine/observe/archive_gaps.h"
#include "engine/observe/image_folder.h"
#include "engine/observe/missing_referrers.h"
#include "engine/observe/registry_servers.h"
#include "engine/observe/repository_use.h"
#include "providers/registry.h"
#include "schema/documents/eol_data.h"
#include "schema/image/manifest.h"

namespace imglife {

// One platform of an image, or an index within it: then without platform and config.
struct ObservedPlatform {
  Digest digest;  // of its manifest
  Platform platform;
  Manifest manifest;
  ImageConfig config;
};

// What is behind a digest.
struct ObservedImage {
  Digest digest;
  Manifest manifest;
  std::vector<ObservedPlatform>
      platforms;  // one for a single-platform image; attestations are not platforms
  std::vector<Digest> attestations;
  // Newest `created` of the platforms, else the annotation; absent where unknown, and where push
  // times are the ages (registry.md, "Age of a tag").
  std::optional<absl::Time> created;
  // Manifests and distinct blobs together.
  std::int64_t bytes = 0;
  // The tag whose place it holds since a deletion was killed (PlaceholderOf), which counts as
  // absent; else empty.
  std::string placeholder_of;

  // The label of the first platform, or empty.
  std::string Label(const std::string& name) const;
};

// What is known of a tag that was asked for.
struct ObservedTag {
  Digest digest;
  std::optional<absl::Time> pushed;
};

struct ObservedRepository {
  // False for a repository of which only single tags were asked: then `tags` means nothing.
  bool listed = false;
  // OK, or why the list could not be read: then nothing here means anything.
  absl::Status status;
  bool exists = true;
  std::vector<std::string> tags;       // sorted by bytes
  std::map<Digest, std::string> held;  // TagList::held
  std::vector<std::string> warnings;
  // Tags whose digest was asked. NotFound: it vanished meanwhile. Other errors: not readable.
  std::map<std::string, absl::StatusOr<ObservedTag>> resolved;

  bool Has(const std::string& tag) const;
};

using ImageKey = std::pair<Repository, Digest>;

// An image that `target` has or shall have, and where what refers to it comes from.
struct ReferrersKey {
  Repository source;
  Repository target;
  Digest image;

  friend auto operator<=>(const ReferrersKey&, const ReferrersKey&) = default;
};

// A repository below build.registry that the configuration doesn't name.
struct Orphan {
  Repository repository;
  // Absent if its list could not be read.
  std::optional<std::size_t> tags;
};

struct Observed {
  RegistryServers servers;
  std::map<Repository, ObservedRepository> repositories;
  std::map<ImageKey, absl::StatusOr<ObservedImage>> images;
  // What tags of mirrors with `platforms`, and tags of archives without a date, name, without its
  // parts: all that the comparison with their sources, and the look for placeholders, needs.
  std::map<ImageKey, Manifest> top_manifests;
  // By reference: what earlier runs wrote last there. Asked where a mirror is not what upstream
  // has.
  absl::StatusOr<std::map<std::string, Digest>> last_written = std::map<std::string, Digest>();
  // What is left of a source index for an entry with `platforms`: by entry and source digest.
  std::map<std::pair<std::size_t, Digest>, absl::StatusOr<Digest>> filtered;
  // Of the repositories in which cleanup may delete.
  std::map<Repository, absl::StatusOr<Capabilities>> capabilities;
  // By repository and subject digest: referrers by API or fallback tag, where cleanup may delete.
  std::map<ImageKey, absl::StatusOr<std::vector<Descriptor>>> referrers;
  // By the same: of these, and of those of its parts, what can't be read
  // (FoundReferrers::unreadable). Nothing for an image without any.
  std::map<ImageKey, std::vector<Descriptor>> unreadable_referrers;
  // Of mirrors whose entries copy referrers.
  std::map<ReferrersKey, absl::StatusOr<MissingReferrers>> missing_referrers;
  // Of images that cleanup may delete and whose archive has them by name.
  std::map<ReferrersKey, absl::StatusOr<ArchiveGaps>> archive_gaps;
  // All that the tags and what else is held lead to, of the repositories in which cleanup may
  // delete.
  std::map<Repository, absl::StatusOr<RepositoryUse>> uses;
  // By repository and tag: for which platforms the bases will be there of what is to be built.
  // Empty until LookAtBases has asked.
  std::map<std::pair<Repository, std::string>, absl::StatusOr<std::vector<Platform>>>
      base_platforms;
  // By index in build.images.
  std::map<std::size_t, absl::StatusOr<ObservedContext>> contexts;
  // By index in build.images, of those that ask for what some builders can't do: can that of this
  // machine?
  std::map<std::size_t, absl::Status> builders;
  // Could the build records be read? OK also where the configuration names no store for them.
  absl::Status records_status;
  // Sorted; without those that have no tag left.
  std::vector<Orphan> orphans;
  // What their tags name, read where something may be deleted.
  std::map<Repository, absl::StatusOr<std::map<std::string, ObservedImage>>> orphan_images;
  // OK also where the registry doesn't tell which repositories it has: then `orphans_untold` says
  // what it answered.
  absl::Status orphans_status;
  absl::Status orphans_untold;
  // By product of a lifecycle block.
  std::map<std::string, absl::StatusOr<EolCycles>> eol;
  // The EOL data file: absent, or its content as read.
  std::optional<std::string> eol_file_content;
  EolData eol_file;
  absl::Status eol_file_status;  // an unreadable file is not an absent one
  // The status file, if status.output is set.
  std::optional<std::string> status_file_content;
  absl::Status status_file_status;
  // Is the file in a git work tree? Asked where the file is planned.
  bool eol_file_in_work_tree = false;
  bool status_file_in_work_tree = false;
  // Is the file in the work tree, but not as it is there in the commit that is checked out? Asked
  // where the file is planned, would be committed, and is in a work tree; an error: can't be told.
  absl::StatusOr<bool> eol_file_uncommitted = false;
  absl::StatusOr<bool> status_file_uncommitted = false;
  std::string git_commit;          // empty where there is none
  absl::Status git_commit_status;  // an error: whether there is one can't be told

  // Null if the repository wasn't listed; the image behind a tag if both were read and it is no
  // placeholder.
  const ObservedRepository* FindRepository(const Repository& repository) const;
  const ObservedImage* FindImage(const Repository& repository, const std::string& tag) const;
  // The digest of a tag, or empty.
  Digest DigestOf(const Repository& repository, const std::string& tag) const;
  // What the tag names itself; null if that was not read.
  const Manifest* FindManifest(const Repository& repository, const std::string& tag) const;
  // Does the tag name what a deletion left that was killed half-way? Then it counts as absent.
  // False also if it was not read.
  bool IsPlaceholder(const Repository& repository, const std::string& tag) const;
  // Is the tag of a mirror what an entry with these platforms (empty: all) makes of `source`? False
  // also where that can't be told without reading the source.
  bool IsMadeFrom(const Repository& mirror, const std::string& tag, const Digest& source,
                  const std::vector<Platform>& platforms) const;
};

}  // namespace imglife
