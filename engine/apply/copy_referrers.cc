#include "engine/apply/copy_referrers.h"

#include <string>
#include <utility>

#include "fmt/format.h"

#include "engine/observe/missing_referrers.h"
#include "engine/observe/parallel.h"

namespace imglife {
namespace {

// Rounds of copying and looking: one is enough unless others write the same fallback tag.
constexpr int kRounds = 3;

std::string NameOf(const MissingReferrer& referrer) {
  return referrer.tag.empty() ? referrer.digest.str() : referrer.tag;
}

// Another run may write the same signature at once: then either finds what it is about to write.
absl::Status MayBeWritten(Registry& registry, const Reference& tag, const Digest& replaced,
                          const Digest& wanted) {
  const auto now = registry.Resolve(tag.repository, tag.tag);
  if (!now.ok() && !absl::IsNotFound(now.status())) return now.status();
  const Digest found = now.ok() ? now->digest : Digest();
  if (found == replaced || found == wanted) return absl::OkStatus();
  return absl::AbortedError(
      fmt::format("{} changed while it was copied; something else writes it", tag.ToString()));
}

absl::Status Write(RegistryMemo& registry, BlobCopies& blobs, ManifestCopies& manifests,
                   const ReferrersRequest& request, const MissingReferrer& referrer,
                   const std::atomic<bool>& stop) {
  CopyRequest copy{.source = request.source,
                   .digest = referrer.digest,
                   .target = request.target,
                   .target_tag = NameOf(referrer),
                   .platforms = {},
                   .before_tag = {}};
  if (!referrer.tag.empty()) {
    copy.before_tag = [&] {
      return MayBeWritten(registry.Fresh(), {request.target, referrer.tag, {}}, referrer.replaces,
                          referrer.digest);
    };
  }
  return CopyImage(registry, blobs, manifests, copy, stop).status();
}

absl::Status CopyOne(RegistryMemo& registry, BlobCopies& blobs, ManifestCopies& manifests,
                     const ReferrersRequest& request, const MissingReferrer& referrer,
                     const std::atomic<bool>& stop) {
  const auto write = [&] { return Write(registry, blobs, manifests, request, referrer, stop); };
  // By its digest every manifest is written once.
  if (referrer.tag.empty()) return write();
  return manifests.Ensure(request.target, referrer.tag, referrer.digest, [&] {
    if (referrer.replaces.empty()) return write();
    return request.overwrite({.tag = {request.target, referrer.tag, {}},
                              .before = referrer.replaces,
                              .after = referrer.digest},
                             write);
  });
}

// A list may name what is gone: a registry's garbage collection takes what has no tag.
absl::Status AddGone(Registry& registry, ManifestCopies& manifests, const Repository& target,
                     MissingReferrers& found) {
  std::vector<absl::Status> there(found.present.size());
  ParallelFor(there.size(), kQuestionsInFlight, [&](std::size_t i) {
    const Digest& referrer = found.present[i];
    // What this run has written, or has asked for another name of the image, isn't asked again.
    there[i] = manifests.Ensure(target, referrer.str(), referrer,
                                [&] { return registry.Resolve(target, referrer.str()).status(); });
  });
  for (std::size_t i = 0; i < there.size(); ++i) {
    if (there[i].ok()) continue;
    if (!absl::IsNotFound(there[i])) return there[i];
    found.missing.push_back(
        {.digest = found.present[i], .tag = "", .artifact_type = "", .replaces = {}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CopyReferrers(RegistryMemo& registry, BlobCopies& blobs,
                                                       ManifestCopies& manifests,
                                                       const ReferrersRequest& request,
                                                       const std::atomic<bool>& stop) {
  for (int round = 0;; ++round) {
    // What the source told when the plan was made may be old.
    const auto source = MakeRegistryMemo(registry.Fresh());
    auto found = FindMissingReferrers(*source, request.source, registry.Fresh(), request.target,
                                      request.subjects);
    if (!found.ok()) return found.status();
    if (round == 0) {
      const absl::Status looked = AddGone(registry.Fresh(), manifests, request.target, *found);
      if (!looked.ok()) return looked;
    }
    if (found->missing.empty()) return std::move(found->conflicts);
    if (round == kRounds) {
      return absl::AbortedError(fmt::format(
          "{} doesn't list {} among the referrers of its subject, though it was copied there {} "
          "times; something else writes the list",
          request.target.ToString(), found->missing.front().digest.str(), kRounds));
    }
    for (const MissingReferrer& referrer : found->missing) {
      // It was written, and isn't found.
      if (round > 0) manifests.Forget(request.target, NameOf(referrer), referrer.digest);
      const absl::Status copied = CopyOne(registry, blobs, manifests, request, referrer, stop);
      if (!copied.ok()) return copied;
    }
  }
}

}  // namespace imglife
