#include "providers/registry/distribution/tag_pages.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "providers/auth/registry_error.h"
#include "providers/registry/distribution/next_page.h"
#include "providers/registry/distribution/tag_page.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

// The largest that ECR takes; others clamp it or give what they like.
constexpr int kTagsPerPage = 1000;
// distribution 2.8 gives all tags at once, however many there are.
constexpr std::size_t kMaxTagPageBytes = std::size_t{64} << 20;

// Of all pages, with what is no tag.
constexpr std::size_t kMaxTags = 1'000'000;
constexpr std::size_t kMostShown = 100;

// NOT_FOUND is Harbor's word for it.
bool SaysNoRepository(const HttpResponse& response) {
  return response.status == 404 && HasErrorCode(response, {"NAME_UNKNOWN", "NOT_FOUND"});
}

// "text/html": pages of proxies and of login forms are taken for answers of the registry.
std::string ContentOf(const HttpResponse& page) {
  const std::string type = page.Header("content-type");
  return type.empty() ? "no content type" : EscapeControl(type.substr(0, kMostShown));
}

class TagCollector {
 public:
  TagCollector(Client& client, const Repository& repository)
      : client_(client), repository_(repository), what_(repository.ToString()) {}

  absl::Status Take(const HttpResponse& page) {
    const bool first = pages_++ == 0;
    if (first && SaysNoRepository(page)) {
      list_.repository_exists = false;
      return absl::OkStatus();
    }
    if (page.status != 200) return client_.StatusOf(repository_, Doing::kReading, what_, page);
    absl::StatusOr<TagPage> read = ReadTagPage(page.body, kMaxTags - list_.tags.size() - invalid_);
    if (absl::IsResourceExhausted(read.status())) {
      return absl::ResourceExhaustedError(fmt::format("{}: more than {} tags", what_, kMaxTags));
    }
    if (!read.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("{}: what the registry gave isn't a list of tags, but {} with {}", what_,
                      page.status, ContentOf(page)));
    }
    std::move(read->tags.begin(), read->tags.end(), std::back_inserter(list_.tags));
    invalid_ += read->invalid;
    return absl::OkStatus();
  }

  TagList Finish() {
    std::sort(list_.tags.begin(), list_.tags.end());
    list_.tags.erase(std::unique(list_.tags.begin(), list_.tags.end()), list_.tags.end());
    if (invalid_ == 1) {
      list_.warnings.push_back(fmt::format("{}: 1 name is no valid tag and is skipped", what_));
    } else if (invalid_ > 1) {
      list_.warnings.push_back(
          fmt::format("{}: {} names are no valid tags and are skipped", what_, invalid_));
    }
    return std::move(list_);
  }

 private:
  Client& client_;
  const Repository& repository_;
  const std::string what_;
  TagList list_;
  int pages_ = 0;
  std::size_t invalid_ = 0;
};

absl::StatusOr<TagList> List(Client& client, const Repository& repository, bool with_page_size,
                             bool& page_size_refused) {
  const absl::StatusOr<std::string> url = client.Address(repository, "tags/list");
  if (!url.ok()) return url.status();
  Call call;
  call.repository = repository;
  call.what = repository.ToString();
  call.scopes = PullScope(repository.path);
  call.request.url = with_page_size ? WithParameter(*url, "n", std::to_string(kTagsPerPage)) : *url;
  call.request.max_body = kMaxTagPageBytes;
  TagCollector tags(client, repository);
  const absl::Status status = ForEachPage(client, call, [&](const HttpResponse& page) {
    page_size_refused |= page.status == 400;
    return tags.Take(page);
  });
  if (!status.ok()) return status;
  return tags.Finish();
}

}  // namespace

absl::StatusOr<TagList> ListTagPages(Client& client, const Repository& repository) {
  bool page_size_refused = false;
  absl::StatusOr<TagList> list = List(client, repository, true, page_size_refused);
  // PAGINATION_NUMBER_INVALID where the server's maximum is smaller.
  if (!list.ok() && page_size_refused) return List(client, repository, false, page_size_refused);
  return list;
}

}  // namespace imglife
