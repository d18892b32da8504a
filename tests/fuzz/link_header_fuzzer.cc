// The Link header of a page, and what its target means at the registry that sent it.
#include <optional>
#include <string>

#include "providers/auth/url.h"
#include "providers/registry/distribution/next_page.h"
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  const std::string header(TextOf(data, size));
  const absl::StatusOr<std::optional<std::string>> read = NextLink(header);
  const auto behind = NextLink("</first>; rel=\"next\", " + header);
  Expect(behind.ok() == read.ok(), "what can't be understood is an error wherever it stands");
  if (!read.ok()) return 0;
  Expect(*behind == "/first", "the first next link counts");
  const std::optional<std::string>& link = *read;
  if (!link) return 0;
  const auto again_read =
      NextLink("</0>; rel=prev, <" + *link + ">; title=\"a, b\" ; REL = \"last next\"");
  Expect(again_read.ok() && *again_read == link, "the target is read again");

  const Url base{.scheme = "https",
                 .host = "registry.example.com",
                 .port = 443,
                 .path = "/v2/mirrors/alpine/tags/list",
                 .query = "n=100"};
  const std::optional<Url> url = ResolveUrl(base, *link);
  if (!url) return 0;
  const std::optional<Url> again = ParseUrl(url->ToString());
  Expect(again && again->ToString() == url->ToString(), "a resolved URL is a URL");
  Expect(SameOrigin(*again, *url), "writing a URL doesn't change where it leads");
  Expect(IsShowable(url->ToString()), "a URL has no control characters");
  return 0;
}
