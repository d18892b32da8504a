#include "providers/registry/distribution/referrers.h"

#include <utility>

#include <fmt/format.h>

#include "providers/registry/distribution/manifests.h"
#include "providers/registry/distribution/next_page.h"
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
  return ChildrenOf(ReferenceText(repository, tag), index->media_type, index->content);
}

// Distribution-spec, "Error Codes": a registry that knows the path says in JSON what isn't there.
bool IsErrorDocument(const std::string& body) {
  return body.find("\"errors\"") != std::string::npos;
}

}  // namespace

bool Referrers::LacksApi(const Repository& repository) {
  absl::MutexLock lock(&mutex_);
  return without_api_.count(repository) > 0;
}

void Referrers::NoteLacksApi(const Repository& repository) {
  absl::MutexLock lock(&mutex_);
  without_api_.insert(repository);
}

absl::StatusOr<std::vector<Descriptor>> Referrers::Fetch(const Repository& repository,
                                                         const Digest& subject) {
  if (LacksApi(repository)) return FromTag(client_, repository, subject);
  const absl::StatusOr<Call> call = ReferrersCall(client_, repository, subject);
  if (!call.ok()) return call.status();
  std::vector<Descriptor> referrers;
  bool has_api = true;
  int pages = 0;
  const absl::Status status = ForEachPage(client_, *call, [&](const HttpResponse& page) {
    const bool first = pages++ == 0;
    if (first && page.status == 404) {
      has_api = false;
      if (!IsErrorDocument(page.body)) NoteLacksApi(repository);
      return absl::OkStatus();
    }
    if (page.status != 200) {
      return client_.StatusOf(repository, Doing::kReading, call->what, page);
    }
    absl::StatusOr<std::vector<Descriptor>> some =
        ChildrenOf(call->what, media_type::kOciIndex, page.body);
    if (!some.ok()) return some.status();
    for (Descriptor& referrer : *some) referrers.push_back(std::move(referrer));
    if (referrers.size() <= kMaxReferrers) return absl::OkStatus();
    return absl::ResourceExhaustedError(fmt::format("{}: more than {}", call->what, kMaxReferrers));
  });
  if (!status.ok()) return status;
  if (!has_api) return FromTag(client_, repository, subject);
  return referrers;
}

std::string ReferrersTag(const Digest& subject) {
  constexpr std::size_t kMaxAlgorithm = 32;
  constexpr std::size_t kMaxEncoded = 64;
  return fmt::format("{}-{}", subject.algorithm().substr(0, kMaxAlgorithm),
                     subject.hex().substr(0, kMaxEncoded));
}

}  // namespace imglife
