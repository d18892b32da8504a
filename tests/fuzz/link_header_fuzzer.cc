// The Link header of a page, and what its target means at the registry that sent it.
#include <optional>
#include <string>

#include "providers/auth/url.h"
#include "providers/registry/distribution/next_page.h"
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  const std::string header(TextOf(data, size));
  Expect(NextLink("</first>; rel=\"next\", " + header) == "/first", "the first next link counts");
  const std::optional<std::string> link = NextLink(header);
  if (!link) return 0;
  Expect(NextLink("</0>; rel=prev, <" + *link + ">; title=\"a, b\" ; REL = \"last next\"") == link,
         "the target is read again");

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
