#include "providers/registry/distribution/referrers.h"

#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "providers/auth/registry_error.h"
#include "providers/registry/distribution/manifests.h"
#include "providers/registry/distribution/next_page.h"
#include "providers/registry/distribution/own_answer.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

constexpr std::size_t kMaxReferrers = 100000;

std::string ReferrersOf(const Repository& repository, const Digest& subject) {
  return "the referrers of " + ReferenceText(repository, subject.str());
}

absl::StatusOr<Call> ReferrersCall(const Client& client, const Repository& repository,
                                   const Digest& subject) {
  absl::StatusOr<std::string> url = client.Address(repository, "referrers/" + subject.str());
  if (!url.ok()) return url.status();
  Call call;
  call.repository = repository;
  call.what = ReferrersOf(repository, subject);
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
  // Instead of a list: there may be no API.
  std::optional<HttpResponse> refusal;
};

bool MayMeanNoApi(int status) {
  return status == 400 || status == 404 || status == 405 || status == 406;
}

// Artifactory's errors are a registry's, but have no code.
bool IsOwnRefusal(const HttpResponse& refusal) {
  return IsOwnAnswer(refusal) || (refusal.status == 406 && !ParseErrors(refusal).empty());
}

absl::StatusOr<Listing> FromApi(Client& client, const Repository& repository,
                                const Digest& subject) {
  const absl::StatusOr<Call> call = ReferrersCall(client, repository, subject);
  if (!call.ok()) return call.status();
  Listing listing;
  int pages = 0;
  const absl::Status status = ForEachPage(client, *call, [&](const HttpResponse& page) {
    const bool first = pages++ == 0;
    if (first && MayMeanNoApi(page.status)) {
      listing.refusal = page;
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

absl::Status NotBelieved(Client& client, const Repository& repository, const Digest& subject,
                         const HttpResponse& refusal) {
  const absl::Status status =
      client.StatusOf(repository, Doing::kReading, ReferrersOf(repository, subject), refusal);
  return absl::Status(
      status.code(),
      fmt::format(
          "{}; that doesn't show that the registry has no list of them: if a proxy before it "
          "answers so, let it pass on requests for /v2/{}/referrers/",
          std::string(status.message()), repository.path));
}

// A refusal in what is returned is the registry's own, or was given twice.
absl::StatusOr<Listing> AskApi(Client& client, const Repository& repository,
                               const Digest& subject) {
  const auto is_settled = [](const absl::StatusOr<Listing>& listing) {
    return !listing.ok() || !listing->refusal || IsOwnRefusal(*listing->refusal);
  };
  absl::StatusOr<Listing> first = FromApi(client, repository, subject);
  if (is_settled(first)) return first;
  const HttpResponse& refusal = *first->refusal;
  if (refusal.status != 404) return NotBelieved(client, repository, subject, refusal);
  const absl::Status there =
      CheckIsThere(client, repository, ReferrersOf(repository, subject), refusal);
  if (!there.ok()) return there;
  absl::StatusOr<Listing> second = FromApi(client, repository, subject);
  if (is_settled(second) || second->refusal->status == refusal.status) return second;
  return NotBelieved(client, repository, subject, *second->refusal);
}

}  // namespace

std::optional<bool> Referrers::HasApi(const Repository& repository) {
  const std::lock_guard lock(mutex_);
  const auto known = has_api_.find(repository);
  return known == has_api_.end() ? std::nullopt : std::optional<bool>(known->second);
}

void Referrers::NoteApi(const Repository& repository, bool exists) {
  const std::lock_guard lock(mutex_);
  has_api_.emplace(repository, exists);
}

absl::StatusOr<std::vector<Descriptor>> Referrers::Fetch(const Repository& repository,
                                                         const Digest& subject) {
  absl::StatusOr<std::vector<Descriptor>> listed = FetchAsListed(repository, subject);
  if (!listed.ok()) return listed;
  return SortByDigest(*std::move(listed));
}

absl::StatusOr<std::vector<Descriptor>> Referrers::FetchAsListed(const Repository& repository,
                                                                 const Digest& subject) {
  if (HasApi(repository) == false) return FromTag(client_, repository, subject);
  absl::StatusOr<Listing> listing = AskApi(client_, repository, subject);
  if (!listing.ok()) return listing.status();
  if (!listing->refusal) {
    NoteApi(repository, true);
    return std::move(listing->referrers);
  }
  const HttpResponse& refusal = *listing->refusal;
  if (refusal.status != 404 && HasApi(repository) == true) {
    return NotBelieved(client_, repository, subject, refusal);
  }
  if (refusal.status == 404 && !HasErrorDocument(refusal)) NoteApi(repository, false);
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
