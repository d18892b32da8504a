// Requests that change what a tag names. Others may write the tag too, so that none of them is
// repeated without looking first (registry.md, Retries).
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "providers/registry/distribution/client.h"

namespace imglife {

// Digests are empty where the tag leads nowhere.
struct TagChange {
  Repository repository;
  std::string tag;
  Digest before;
  Digest wanted;
};

// Sends `call`, which makes the change. After a failure that may pass it waits and looks: where the
// tag is as it was before, the request goes out again; nothing is returned where the tag is as
// wanted though no answer said so. Aborted if it names something else. Otherwise as Client::Send.
absl::StatusOr<std::optional<HttpResponse>> SendTagChange(Client& client, Call call,
                                                          const TagChange& change);

}  // namespace imglife
