// The world of container registries: one interface, implemented by OCI Distribution over HTTP(S)
// and by OCI image layouts on disk.
//
// Status codes, for every method: NotFound — the registry says it isn't there. PermissionDenied /
// Unauthenticated — the registry refuses us. Unimplemented — this registry can't do that.
// Unavailable / DeadlineExceeded — it could not be asked (retries are over). DataLoss — what came
// is not what its digest promises. InvalidArgument — what came can't be understood. Messages name
// the registry and the reference and never hold a secret. "Not readable" is therefore never
// "empty".
//
// Thread safety: every method may be called from any number of threads at once and blocks only its
// caller; the requests of all callers are in flight together.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "schema/image/manifest.h"
#include "schema/image/reference.h"

namespace imglife {

// A stream of bytes. One thread at a time. Destroying it early ends the transfer.
class ByteReader {
 public:
  virtual ~ByteReader() = default;
  // Blocks until at least one byte is there; 0 is the end, given only after everything was
  // verified. Bytes read before an error must not be used as content.
  virtual absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) = 0;
};

struct TagList {
  // False where the registry doesn't know the repository (NAME_UNKNOWN): then there are no tags.
  bool repository_exists = true;
  // Sorted by bytes, each once; only valid tags.
  std::vector<std::string> tags;
  // When tags were pushed, where that was asked (DescribeTags).
  std::map<std::string, absl::Time> pushed;
  // What was pushed then, where that was told: a tag that is something else now was pushed again.
  std::map<std::string, Digest> pushed_digests;
  // Why `pushed` lacks dates that were needed; OK where none were.
  absl::Status dates;
  // Manifests that stay whatever happens to the tags, with all that they lead to, and what holds
  // each ("manifests[2] of index.json, named team/app:1.0"): entries of an image layout that are no
  // tags. A registry has none that it tells of.
  std::map<Digest, std::string> held;
  // About what was skipped ("2 names are no valid tags").
  std::vector<std::string> warnings;
};

// What a HEAD of a manifest tells.
struct Resolved {
  Digest digest;
  std::string media_type;
  std::int64_t size = 0;
};

// What a registry's own API tells of a tag besides its name.
struct TagDetails {
  std::optional<absl::Time> pushed;
  // Empty where it isn't told. Such an API may be behind the registry: its digest shows that a tag
  // is what it was, never what it is now.
  Digest digest;
};

// How many tags one request of DescribeTags tells of.
inline constexpr std::size_t kTagsPerDescription = 100;

// How much may still be pulled, by this account or address (Docker Hub).
struct PullBudget {
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  absl::Duration window;  // in which `limit` pulls may be made
};

// How a registry can remove one name of an image and leave the others.
enum class UntagMethod {
  kNone,          // not at all
  kTag,           // DELETE manifests/TAG (distribution 3, GitLab since 16.4), or an image layout
  kTagReference,  // DELETE tags/reference/TAG (older GitLab)
  kPlaceholder,   // overwrite with a unique manifest, delete that one's digest (distribution 2.8)
};

struct Capabilities {
  bool deletes_manifests = false;
  UntagMethod untag = UntagMethod::kNone;
  // Why something isn't possible, for people ("deletion is disabled on this registry (405)").
  std::string why_not;
};

// Where the bytes of a blob to push come from; called only if they are needed, again if a push is
// retried.
using OpenBlob = std::function<absl::StatusOr<std::unique_ptr<ByteReader>>()>;

struct PushBlobOptions {
  // The caller knows that the repository doesn't hold the blob: no HEAD.
  bool known_absent = false;
  // Repositories of the same registry that hold the blob, best first.
  std::vector<Repository> mount_from;
};

enum class PushOutcome { kPresent, kMounted, kUploaded };

class Registry {
 public:
  virtual ~Registry() = default;

  // All tags, over all pages; a page that fails fails the list. A repository that doesn't exist is
  // an answer, not an error.
  virtual absl::StatusOr<TagList> ListTags(const Repository& repository) = 0;

  // Dates and digests of tags, many with one request, where the registry has an API of its own for
  // that. It may know other tags than ListTags. Unimplemented where there is none, or where it must
  // not be asked: the message says why.
  virtual absl::StatusOr<std::map<std::string, TagDetails>> DescribeTags(
      const Repository& repository) = 0;

  // Digest of a tag (or of a digest: does it exist). `tag_or_digest` is either's text. NotFound if
  // absent; Unimplemented for docker's schema 1, here and in GetManifest: nothing can be done with
  // it.
  virtual absl::StatusOr<Resolved> Resolve(const Repository& repository,
                                           const std::string& tag_or_digest) = 0;

  // The manifest's bytes, verified against the asked digest and the registry's own.
  virtual absl::StatusOr<ManifestBytes> GetManifest(const Repository& repository,
                                                    const std::string& tag_or_digest) = 0;

  // What is left to pull from the repository, which asking doesn't change. `digest` is that of a
  // manifest there. Nothing where pulls aren't counted, or the registry doesn't say.
  virtual absl::StatusOr<std::optional<PullBudget>> Budget(const Repository& repository,
                                                           const Digest& digest) = 0;

  // The blob, verified against its digest and size as it is read: the last Read fails with DataLoss
  // if they differ.
  virtual absl::StatusOr<std::unique_ptr<ByteReader>> GetBlob(const Repository& repository,
                                                              const Descriptor& blob) = 0;

  virtual absl::StatusOr<bool> BlobExists(const Repository& repository, const Digest& digest) = 0;

  // Makes the blob be there: found, mounted or uploaded.
  virtual absl::StatusOr<PushOutcome> PushBlob(const Repository& repository, const Descriptor& blob,
                                               const OpenBlob& open,
                                               const PushBlobOptions& options) = 0;

  // Stores the manifest under a tag or under its own digest. FailedPrecondition if the registry
  // misses a part of it.
  virtual absl::Status PutManifest(const Repository& repository, const std::string& tag_or_digest,
                                   const ManifestBytes& manifest) = 0;

  // Removes the name only, and only if it names `expected`: every other name of that digest stays.
  // Looks directly before it removes; Aborted if the tag names something else, Unimplemented if the
  // registry can't remove a name, in both of which cases nothing was touched. NotFound if the tag
  // isn't there. A tag that is listed but leads nowhere is removed too.
  virtual absl::Status Untag(const Repository& repository, const std::string& tag,
                             const Digest& expected) = 0;

  // Removes a manifest and with it every tag that it has: the caller has made sure that nothing
  // needs it. Aborted, and nothing was removed, where the registry knows better: if something in
  // TagList::held needs it, or a tag has it as a part. FailedPrecondition where a registry wants
  // its tags removed first.
  virtual absl::Status DeleteManifest(const Repository& repository, const Digest& digest) = 0;

  // What refers to the manifest (distribution-spec 1.1, "Listing referrers"; its fallback tag where
  // there is no API). Sorted by digest, each once: registries give them in no order that is
  // defined.
  virtual absl::StatusOr<std::vector<Descriptor>> ListReferrers(const Repository& repository,
                                                                const Digest& subject) = 0;

  // Repositories below `prefix` (HOST, HOST/PATH or a directory) without `prefix` itself, sorted.
  // Some may have no tag left. Unimplemented where the registry doesn't tell everybody.
  virtual absl::StatusOr<std::vector<Repository>> ListRepositories(const Repository& prefix) = 0;

  // Asked without side effects, once per registry (or image layout) in the life of this object.
  virtual absl::StatusOr<Capabilities> Probe(const Repository& repository) = 0;
};

// A stream of `bytes`.
std::unique_ptr<ByteReader> MakeStringReader(std::string bytes);

// The whole of a small blob (an image config). ResourceExhausted over `limit` bytes.
absl::StatusOr<std::string> ReadSmallBlob(Registry& registry, const Repository& repository,
                                          const Descriptor& blob, std::size_t limit);

}  // namespace imglife
