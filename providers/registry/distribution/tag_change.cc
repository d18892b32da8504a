#include "providers/registry/distribution/tag_change.h"

#include <utility>

#include <fmt/format.h>

#include "providers/auth/registry_error.h"
#include "providers/http/retries.h"
#include "providers/registry/distribution/manifests.h"

namespace imglife {
namespace {

std::string Shown(const Digest& digest) {
  return digest.empty() ? "nothing" : digest.str();
}

// True if the tag is as wanted, false if it is as before.
absl::StatusOr<bool> IsAsWanted(Client& client, const TagChange& change,
                                const absl::StatusOr<HttpResponse>& response) {
  const auto now = ResolveManifest(client, change.repository, change.tag);
  if (!now.ok() && !absl::IsNotFound(now.status())) return now.status();
  const Digest found = now.ok() ? now->digest : Digest();
  if (found == change.wanted) return true;
  if (found == change.before) return false;
  return absl::AbortedError(
      fmt::format("{}: whether the registry changed the tag is unknown ({}), and it names {} now, "
                  "neither {} nor {}: something else writes it",
                  ReferenceText(change.repository, change.tag), DescribeOutcome(response),
                  Shown(found), Shown(change.before), Shown(change.wanted)));
}

}  // namespace

absl::StatusOr<std::optional<HttpResponse>> SendTagChange(Client& client, Call call,
                                                          const TagChange& change) {
  call.request.idempotent = false;
  Retries retries = client.StartRetries();
  while (true) {
    absl::StatusOr<HttpResponse> response = client.Send(call);
    if (response.ok()) retries.Heard(*response);
    if (!MayPass(response) || !retries.WaitForNext()) {
      if (!response.ok()) return response.status();
      return *std::move(response);
    }
    const absl::StatusOr<bool> done = IsAsWanted(client, change, response);
    if (!done.ok()) return done.status();
    if (*done) return std::nullopt;
  }
}

}  // namespace imglife
