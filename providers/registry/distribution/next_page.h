// Pages of a list (distribution-spec 1.1, "Listing Tags"; RFC 8288).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/registry/distribution/client.h"

namespace imglife {

// The target of the first link with the relation "next" in a Link header, as written; nothing if
// there is none. InvalidArgument if the header isn't what RFC 8288, 3 says, or has a link without a
// relation: it may be the one to the next page. Any bytes may come in.
absl::StatusOr<std::optional<std::string>> NextLink(std::string_view header);

// Sends `call` (a GET) and then the request for each further page, and gives every answer to `take`
// until it fails. The end is where no next link comes, whatever a page holds. InvalidArgument if a
// Link header can't be understood, or a link goes to another host than the page came from, or round
// in a circle; ResourceExhausted if there is no end in sight.
absl::Status ForEachPage(Client& client, Call call,
                         const std::function<absl::Status(const HttpResponse&)>& take);

}  // namespace imglife
