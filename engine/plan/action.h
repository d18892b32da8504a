// One externally visible change (plan-apply.md, "Actions"). Plain data: formatting and execution
// are elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/config/config.h"
#include "schema/image/reference.h"

namespace imglife {

enum class ActionKind { kCopy, kBuild, kCommit, kPublish, kArchive, kDelete, kHook };
enum class Stage { kSync, kBuild, kEol, kStatus, kCleanup };
enum class Operation { kCreate, kUpdate, kDelete, kRun };  // kRun: hooks
enum class Cause { kPending, kUpstream, kDrift, kExpired };

// What an action wants of one that it needs.
enum class NeedKind {
  kSuccess,   // that it succeeds
  kArchived,  // the same: of delete(T), that archive(T) does
  // That it has run, if nothing that it waits for itself has failed: the first deletion of a
  // repository, which stands for all that the others there would wait for.
  kGate,
};

// The words of plans and messages: "copy", "sync", "create", "pending", "gate".
std::string_view KindName(ActionKind kind);
std::string_view StageName(Stage stage);
std::string_view OperationName(Operation operation);
std::string_view CauseName(Cause cause);
std::string_view NeedKindName(NeedKind kind);
std::optional<ActionKind> KindFromName(std::string_view name);
std::optional<Stage> StageFromName(std::string_view name);
std::optional<Operation> OperationFromName(std::string_view name);
std::optional<Cause> CauseFromName(std::string_view name);
std::optional<NeedKind> NeedKindFromName(std::string_view name);

// What `before` and `after` say of something that isn't there.
inline constexpr std::string_view kAbsent = "absent";

struct Need {
  std::string address;
  std::string reason;  // for people
  NeedKind kind = NeedKind::kSuccess;

  friend auto operator<=>(const Need&, const Need&) = default;
};

// Why an action will not run. `guard` is stable: "min_keep", "max_delete_percent", "max_deletes",
// "empty_desired", "build_records", "in_use", "base_in_use", "unsupported", "drift".
struct Block {
  std::string guard;
  std::string reason;
};

// A line below an action: "~ alpine 3.22   eol 2027-05-01 → 2027-06-01".
struct ActionDetail {
  char symbol = ' ';  // '+', '~', '-' or ' '
  std::string text;
};

// What a copy or an archive copy moves.
struct CopyWork {
  Reference source;  // repository, tag for people, and always the digest that is copied
  std::vector<Platform> platforms;  // empty: all
  std::size_t entry = 0;            // index in sync.entries; meaningless for an archive copy
  bool referrers = false;
};

// What a build builds.
struct BuildWork {
  std::size_t image = 0;  // index in build.images
  Reference base;         // the digest is empty if an action before it makes the base
  std::string eol_date;   // of its cycle, as templates see it; empty where it is not known
  bool forced = false;    // --rebuild: also where what is there has the same inputs
};

// What a commit writes. `content` is empty when it is known only after other actions ran (the
// status report).
struct CommitWork {
  std::string content;
  bool content_known = false;
  std::vector<std::string> changed;  // "alpine 3.24": for the commit's body
};

// A tag of what belongs to an image: "sha256-HEX.sig", or the list of its referrers "sha256-HEX".
struct TaggedReferrer {
  std::string tag;
  Digest digest;  // what it named; empty where a saved plan of an older version doesn't say it

  friend auto operator<=>(const TaggedReferrer&, const TaggedReferrer&) = default;
};

// How a tag goes (registry.md, "Deleting a tag").
struct DeleteWork {
  enum class Way { kManifest, kUntag };
  Way way = Way::kUntag;
  // With kManifest: manifests that nothing else uses, in the order in which they go after the tag's
  // own.
  std::vector<Digest> exclusive_children;
  std::vector<Digest> exclusive_referrers;
  // Tags of exclusive referrers, removed with them; sorted.
  std::vector<TaggedReferrer> referrer_tags;
  // With kManifest: bytes that nothing else in the repository uses after the deletions before it.
  std::optional<std::int64_t> frees;
  // The copy that must be in the archive before the tag goes; empty where tags aren't archived.
  Reference archived;
  // The reason in words that stay true as time passes: "made 2025-07-08 (max_age_days 90)". For
  // reports; not part of a saved plan.
  std::string lasting_reason;
  // Other tags of the digest, and other users of it, that must resolve afterwards.
  std::vector<std::string> siblings;
  // What was built on the tag and is to be deleted too, as deletions name it: the tag goes after
  // all of that, and stays if one of them stays. Sorted.
  std::vector<std::string> built_on_it;
};

// What a hook runs over: each image that one of its triggers made, in order of address.
struct HookWork {
  std::size_t index = 0;              // of the sync entry or the image
  std::vector<std::string> triggers;  // addresses
};

struct Action {
  ActionKind kind = ActionKind::kCopy;
  // A reference, a file as written in the configuration, or "post_sync ENTRY".
  std::string target;
  Stage stage = Stage::kSync;
  Operation operation = Operation::kCreate;
  Cause cause = Cause::kPending;
  // A sentence: why.
  std::string reason;
  ConfigRule rule;
  // A digest, or kAbsent.
  std::string before;
  // A digest, the inputs digest of a build, or kAbsent; empty if only running it tells.
  std::string after;
  std::vector<Need> needs;  // sorted by address
  std::optional<std::int64_t> bytes;
  std::optional<Block> blocked;
  // What the plan's text says behind the target, in pieces: {"new upstream tag", "2 platforms",
  // "7.4 MB"}.
  std::vector<std::string> remarks;
  std::vector<ActionDetail> details;

  // Exactly the one that the kind needs is meaningful.
  CopyWork copy;
  BuildWork build;
  CommitWork commit;
  DeleteWork removal;
  HookWork hook;

  // "KIND TARGET": unique in a plan, stable between runs.
  std::string Address() const;
  // Does it change a reference? Copies, builds, archive copies and deletions do.
  bool HasReference() const;
  // That reference.
  Reference TargetReference() const;
};

}  // namespace imglife
