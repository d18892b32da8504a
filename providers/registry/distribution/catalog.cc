#include "providers/registry/distribution/catalog.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "providers/auth/registry_error.h"
#include "providers/registry/distribution/next_page.h"
#include "providers/registry/distribution/own_answer.h"

namespace imglife {
namespace {

using Json = nlohmann::json;

// The largest that distribution takes unless it is configured otherwise.
constexpr int kRepositoriesPerPage = 1000;
constexpr std::size_t kMaxCatalogPageBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxRepositories = 1'000'000;

bool IsBelow(const Repository& prefix, const std::string& name) {
  return prefix.path.empty() ||
         (name.size() > prefix.path.size() + 1 && name.rfind(prefix.path + "/", 0) == 0);
}

class CatalogCollector {
 public:
  explicit CatalogCollector(const Repository& prefix) : prefix_(prefix) {}

  absl::Status Take(const std::string& what, const HttpResponse& page) {
    if (page.status != 200) return StatusOfAnswer(what, page);
    const Json document = Json::parse(page.body, nullptr, false);
    const auto names = document.is_object() ? document.find("repositories") : document.end();
    if (names == document.end() || !(names->is_null() || names->is_array())) {
      return absl::InvalidArgumentError(
          fmt::format("{}: what the registry gave isn't a list of repositories", what));
    }
    for (const Json& name : *names) {
      if (!name.is_string() || !IsBelow(prefix_, name.get_ref<const std::string&>())) continue;
      absl::StatusOr<Repository> repository =
          ParseRepository(fmt::format("{}/{}", prefix_.host, name.get_ref<const std::string&>()));
      if (repository.ok()) repositories_.push_back(*std::move(repository));
    }
    if (repositories_.size() <= kMaxRepositories) return absl::OkStatus();
    return absl::ResourceExhaustedError(fmt::format("{}: more than {}", what, kMaxRepositories));
  }

  std::vector<Repository> Finish() {
    std::sort(repositories_.begin(), repositories_.end());
    repositories_.erase(std::unique(repositories_.begin(), repositories_.end()),
                        repositories_.end());
    return std::move(repositories_);
  }

 private:
  const Repository& prefix_;
  std::vector<Repository> repositories_;
};

absl::StatusOr<std::vector<Repository>> List(Client& client, const Repository& prefix,
                                             bool with_page_size, HttpResponse& refusal) {
  const absl::StatusOr<std::string> url = client.Address(prefix.host, "_catalog");
  if (!url.ok()) return url.status();
  Call call;
  call.repository = prefix;
  call.what = fmt::format("the repositories of {}", prefix.host);
  call.scopes = CatalogScope();
  call.request.url =
      with_page_size ? WithParameter(*url, "n", std::to_string(kRepositoriesPerPage)) : *url;
  call.request.max_body = kMaxCatalogPageBytes;
  CatalogCollector repositories(prefix);
  bool has_begun = false;
  const absl::Status status = ForEachPage(client, call, [&](const HttpResponse& page) {
    if (page.status != 200) refusal = page;
    const absl::Status taken = repositories.Take(call.what, page);
    if (taken.ok()) has_begun = true;
    return taken;
  });
  // Who has told a part of them would tell all.
  if (!status.ok() && has_begun) {
    refusal = HttpResponse();
    return absl::UnavailableError(std::string(status.message()));
  }
  if (!status.ok()) return status;
  return repositories.Finish();
}

bool IsRefusal(const absl::Status& status, int answer) {
  return absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) ||
         absl::IsNotFound(status) || answer == 405 || answer == 501;
}

}  // namespace

absl::StatusOr<std::vector<Repository>> ListCatalog(Client& client, const Repository& prefix) {
  HttpResponse refusal;
  auto repositories = List(client, prefix, true, refusal);
  // PAGINATION_NUMBER_INVALID where the server's maximum is smaller.
  if (!repositories.ok() && refusal.status == 400) {
    repositories = List(client, prefix, false, refusal);
  }
  if (repositories.ok() || !IsRefusal(repositories.status(), refusal.status)) return repositories;
  if (refusal.status == 404 && !IsOwnAnswer(refusal)) {
    const absl::Status there =
        CheckIsThere(client, prefix, "the repositories of " + prefix.host, refusal);
    if (!there.ok()) return there;
  }
  return absl::UnimplementedError(std::string(repositories.status().message()));
}

}  // namespace imglife
