// What refers to an image in one repository (signatures, SBOMs, attestations) and what of that
// another repository lacks.
//
// Where it is looked for: the referrers API, its fallback tag `sha256-HEX` (distribution-spec 1.1,
// "Listing Referrers" and "Referrers Tag Schema"), and cosign's tags `sha256-HEX.sig`, `.att` and
// `.sbom`.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/observe/registry_memo.h"
#include "schema/image/platform.h"

namespace imglife {

struct MissingReferrer {
  Digest digest;
  // cosign's tag of it; empty for a manifest that names its subject itself.
  std::string tag;
  // What it is, where the source says so.
  std::string artifact_type;
  // What the tag names in the target now, all of which `digest` has too; empty if nothing.
  Digest replaces;

  friend bool operator==(const MissingReferrer&, const MissingReferrer&) = default;
};

struct MissingReferrers {
  // In the order in which they are copied: what refers to a referrer comes before it.
  std::vector<MissingReferrer> missing;
  // Those that the target has by name, be they whole or not.
  std::vector<Digest> present;
  // Tags that have something of their own and lack something of the source's, a sentence each: they
  // can't be replaced without a loss.
  std::vector<std::string> conflicts;
};

// The manifests that something may refer to: the image and the parts of its indexes. With
// `platforms` only the parts: those that FilterIndex leaves, or has left if the image is a reduced
// index already. To the reduced index itself nothing refers upstream, as it isn't there.
// The errors are those of the registry and of what it sent.
absl::StatusOr<std::vector<Digest>> SubjectsOf(RegistryMemo& registry, const Repository& repository,
                                               const Digest& image,
                                               const std::vector<Platform>& platforms);

// Over any number of steps (what refers to a referrer too). The target is asked only about subjects
// to which something refers in the source; `target_registry` may be the memo or ask anew. Notes
// about an archive (io.imglife.archived-at) tell of a place and stay in it. What a list names and
// isn't there, or has another subject, refers to nothing. ResourceExhausted where more refers to
// the image than any real one has; other errors are those of the registries.
absl::StatusOr<MissingReferrers> FindMissingReferrers(RegistryMemo& source_registry,
                                                      const Repository& source,
                                                      Registry& target_registry,
                                                      const Repository& target,
                                                      const std::vector<Digest>& subjects);

}  // namespace imglife
