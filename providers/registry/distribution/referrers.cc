#include "providers/registry/distribution/referrers.h"

#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "providers/registry/distribution/manifests.h"
#include "providers/registry/distribution/next_page.h"
#include "providers/registry/distribution/own_answer.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

constexpr std::size_t kMaxReferrers = 100000;

absl::StatusOr<Call> ReferrersCall(const Client& client, const Repository& repository,
                                   const Digest& subject) {
  absl::StatusOr<std::string> url = client.Address(repository, "referrers/" + subject.str());
  if (!url.ok()) return url.status();
  Call call;
  call.repository = repository;
  call.what = "the referrers of " + ReferenceText(repository, subject.str());
  call.scopes = PullScope(repository.path);
  call.request.url = *std::move(url);
  call.request.headers.emplace_back("Accept", std::string(media_type::kOciIndex));
  call.request.max_body = kMaxManifestBytes;
  return call;
}

absl::StatusOr<std::vector<Descriptor>> ChildrenOf(const std::string& what,
                                                   std::string_view media_type,
                                                   const std::string& content) {
  absl::StatusOr<Manifest> index = ParseManifest(media_type, content);
  if (!index.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: {}", what, std::string(index.status().message())));
  }
  if (!index->is_index) return absl::InvalidArgumentError(fmt::format("{}: not an index", what));
  return std::move(index->children);
}

absl::StatusOr<std::vector<Descriptor>> FromTag(Client& client, const Repository& repository,
                                                const Digest& subject) {
  const std::string tag = ReferrersTag(subject);
  const absl::StatusOr<ManifestBytes> index = FetchManifest(client, repository, tag);
  if (absl::IsNotFound(index.status())) return std::vector<Descriptor>();
  if (!index.ok()) return index.status();
  if (IsSubjectItself(*index, subject)) return std::vector<Descriptor>();
  return ChildrenOf(ReferenceText(repository, tag), index->media_type, index->content);
}

// What the API answers.
struct Listing {
  std::vector<Descriptor> referrers;
  // Instead of a list.
  std::optional<HttpResponse> not_found;
};

absl::StatusOr<Listing> FromApi(Client& client, const Repository& repository,
                                const Digest& subject) {
  const absl::StatusOr<Call> call = ReferrersCall(client, repository, subject);
  if (!call.ok()) return call.status();
  Listing listing;
  int pages = 0;
  const absl::Status status = ForEachPage(client, *call, [&](const HttpResponse& page) {
    const bool first = pages++ == 0;
    if (first && page.status == 404) {
      listing.not_found = page;
      return absl::OkStatus();
    }
    if (page.status != 200) {
      return client.StatusOf(repository, Doing::kReading, call->what, page);
    }
    absl::StatusOr<std::vector<Descriptor>> some =
        ChildrenOf(call->what, media_type::kOciIndex, page.body);
    if (!some.ok()) return some.status();
    for (Descriptor& referrer : *some) listing.referrers.push_back(std::move(referrer));
    if (listing.referrers.size() <= kMaxReferrers) return absl::OkStatus();
    return absl::ResourceExhaustedError(fmt::format("{}: more than {}", call->what, kMaxReferrers));
  });
  if (!status.ok()) return status;
  return listing;
}

}  // namespace

bool Referrers::LacksApi(const Repository& repository) {
  const std::lock_guard lock(mutex_);
  return without_api_.count(repository) > 0;
}

void Referrers::NoteLacksApi(const Repository& repository) {
  const std::lock_guard lock(mutex_);
  without_api_.insert(repository);
}

absl::StatusOr<std::vector<Descriptor>> Referrers::Fetch(const Repository& repository,
                                                         const Digest& subject) {
  absl::StatusOr<std::vector<Descriptor>> listed = FetchAsListed(repository, subject);
  if (!listed.ok()) return listed;
  return SortByDigest(*std::move(listed));
}

absl::StatusOr<std::vector<Descriptor>> Referrers::FetchAsListed(const Repository& repository,
                                                                 const Digest& subject) {
  if (LacksApi(repository)) return FromTag(client_, repository, subject);
  absl::StatusOr<Listing> listing = FromApi(client_, repository, subject);
  if (listing.ok() && listing->not_found && !IsOwnAnswer(*listing->not_found)) {
    const absl::Status there = CheckIsThere(
        client_, repository, "the referrers of " + ReferenceText(repository, subject.str()));
    if (!there.ok()) return there;
    listing = FromApi(client_, repository, subject);
  }
  if (!listing.ok()) return listing.status();
  if (!listing->not_found) return std::move(listing->referrers);
  if (!HasErrorDocument(*listing->not_found)) NoteLacksApi(repository);
  return FromTag(client_, repository, subject);
}

bool IsSubjectItself(const ManifestBytes& answer, const Digest& subject) {
  return answer.digest == subject;
}

std::string ReferrersTag(const Digest& subject) {
  constexpr std::size_t kMaxAlgorithm = 32;
  constexpr std::size_t kMaxEncoded = 64;
  return fmt::format("{}-{}", subject.algorithm().substr(0, kMaxAlgorithm),
                     subject.hex().substr(0, kMaxEncoded));
}

}  // namespace imglife
