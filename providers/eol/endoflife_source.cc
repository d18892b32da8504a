#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "fmt/format.h"

#include "providers/eol/endoflife_documents.h"
#include "providers/eol/eol_sources.h"
#include "providers/eol/nearest_products.h"
#include "schema/config/product_name.h"

namespace imglife {
namespace {

// The largest document of 2026 is the list of products with 150 KiB.
constexpr std::size_t kMaxDocument = std::size_t{4} << 20;

absl::Status RefusalOf(const HttpResponse& response, const std::string& url) {
  const std::string what = fmt::format("{} answered {}", url, response.status);
  if (response.status == 401) return absl::UnauthenticatedError(what);
  if (response.status == 403) return absl::PermissionDeniedError(what);
  if (response.status >= 500 || response.status == 408 || response.status == 429) {
    return absl::UnavailableError(what);
  }
  return absl::InvalidArgumentError(what);
}

class EndOfLifeSource final : public EolSource {
 public:
  EndOfLifeSource(Transport& transport, std::string base_url)
      : transport_(transport), base_url_(std::move(base_url)) {
    while (!base_url_.empty() && base_url_.back() == '/') base_url_.pop_back();
  }

  absl::StatusOr<EolCycles> Fetch(const std::string& product) override {
    if (!IsProductName(product)) return UnknownProduct(product);
    absl::StatusOr<EolCycles> cycles = ReadEither(product);
    if (cycles.ok() && cycles->empty()) return NoCycles(product);
    return cycles;
  }

 private:
  absl::StatusOr<EolCycles> ReadEither(const std::string& product) {
    absl::StatusOr<EolCycles> current =
        Read(fmt::format("{}/api/v1/products/{}/", base_url_, product),
             [&](std::string_view body) { return ParseProductV1(body, product); });
    if (current.ok() || !IsWorthAskingTheOlderApi(current.status())) return current;

    absl::StatusOr<EolCycles> older =
        Read(fmt::format("{}/api/{}.json", base_url_, product), ParseProductV0);
    if (older.ok() || !absl::IsNotFound(older.status())) return older;
    return absl::IsNotFound(current.status()) ? UnknownProduct(product) : current.status();
  }

  static bool IsWorthAskingTheOlderApi(const absl::Status& status) {
    return absl::IsNotFound(status) || absl::IsInvalidArgument(status);
  }

  // The body of a 200; NotFound for a 404 and a 410.
  absl::StatusOr<std::string> Get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    request.headers = {{"Accept", "application/json"}};
    request.follow_redirects = true;
    request.max_body = kMaxDocument;
    absl::StatusOr<HttpResponse> response = transport_.Send(request);
    if (!response.ok()) return response.status();
    if (response->status == 404 || response->status == 410) {
      return absl::NotFoundError(fmt::format("{} answered {}", url, response->status));
    }
    if (response->status != 200) return RefusalOf(*response, url);
    return std::move(response->body);
  }

  template <typename Parser>
  absl::StatusOr<EolCycles> Read(const std::string& url, Parser parse) {
    const absl::StatusOr<std::string> body = Get(url);
    if (!body.ok()) return body.status();
    absl::StatusOr<EolCycles> cycles = parse(*body);
    if (absl::IsFailedPrecondition(cycles.status())) {
      return absl::FailedPreconditionError(
          fmt::format("the answer of {} is that of another product: {}; look at it there, or set "
                      "another product or lifecycle.eol_url",
                      url, std::string(cycles.status().message())));
    }
    if (!cycles.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("the answer of {} isn't a product of endoflife.date: {}", url,
                      std::string(cycles.status().message())));
    }
    return cycles;
  }

  absl::Status UnknownProduct(const std::string& product) {
    return absl::NotFoundError(fmt::format("{} has no product \"{}\"{}", base_url_, product,
                                           NearestProducts(product, ProductNames())));
  }

  // endoflife.date shows no product without cycles: such an answer is a fault of the site, or of
  // the mirror that stands for it.
  absl::Status NoCycles(const std::string& product) {
    return absl::FailedPreconditionError(
        fmt::format("{} lists no cycles for {}; look at it there, or set another product or "
                    "lifecycle.eol_url",
                    base_url_, product));
  }

  // Asked at most once; without an answer there is nothing to suggest, which is no failure of its
  // own.
  std::vector<std::string> ProductNames() {
    const std::lock_guard lock(mutex_);
    if (!names_.has_value()) {
      names_.emplace();
      for (const char* path : {"/api/v1/products/", "/api/all.json"}) {
        const absl::StatusOr<std::string> body = Get(base_url_ + path);
        if (body.ok()) names_ = ParseProductNames(*body);
        if (!names_->empty()) break;
      }
    }
    return *names_;
  }

  Transport& transport_;
  std::string base_url_;
  std::mutex mutex_;
  std::optional<std::vector<std::string>> names_;
};

}  // namespace

std::unique_ptr<EolSource> MakeEndOfLifeSource(Transport& transport, std::string base_url) {
  return std::make_unique<EndOfLifeSource>(transport, std::move(base_url));
}

}  // namespace imglife
