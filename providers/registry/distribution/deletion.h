// Removing names and manifests (distribution-spec 1.1, "Deleting tags", "Deleting Manifests";
// protocol notes 3.4; registry.md, Deleting a tag).
//
// Thread safety: any number of threads may call.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "providers/registry/distribution/client.h"

namespace imglife {

class Deletion {
 public:
  explicit Deletion(Client& client) : client_(client) {}

  // As Registry::Probe: asks for the deletion of a tag and of a digest that can't exist, once per
  // host. PermissionDenied if we may not delete, which leaves the capabilities unknown.
  absl::StatusOr<Capabilities> Probe(const Repository& repository);

  // As Registry::Untag, by the method that Probe finds.
  absl::Status Untag(const Repository& repository, const std::string& tag, const Digest& expected);

  // As Registry::DeleteManifest. Looks first whether the digest is a manifest's: distribution 2.8
  // deletes a blob just as well, and an index may list blobs (BuildKit's caches do). Unavailable
  // where no answer says what became of it and the digest is there: it is not deleted again, since
  // somebody may have pushed it and tagged it meanwhile.
  absl::Status DeleteManifest(const Repository& repository, const Digest& digest);

 private:
  struct Host {
    std::mutex mutex;
    bool known = false;
    Capabilities capabilities;
  };

  Host& HostOf(const Repository& repository);
  absl::StatusOr<Call> DeleteCall(const Repository& repository, const std::string& rest,
                                  const std::string& what) const;
  absl::StatusOr<HttpResponse> Delete(const Repository& repository, const std::string& rest,
                                      const std::string& what);
  absl::StatusOr<Capabilities> Ask(const Repository& repository);
  absl::StatusOr<HttpResponse> AskToDelete(const Repository& repository, const std::string& rest);
  absl::Status DeletePlaceholder(const Repository& repository, const Digest& digest);
  absl::Status JudgeDeleted(const Repository& repository, const std::string& what,
                            const absl::StatusOr<HttpResponse>& response) const;
  absl::Status DeleteName(const Repository& repository, const std::string& tag,
                          const std::string& rest, const Digest& expected);
  absl::Status Overwrite(const Repository& repository, const std::string& tag,
                         const Digest& expected);
  absl::StatusOr<Resolved> LookBehind(const Repository& repository, const std::string& tag,
                                      const Digest& expected);
  bool HasPlaceholderConfig(const Repository& repository);
  absl::Status PushPlaceholderConfig(const Repository& repository);

  Client& client_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Host>> hosts_;
  std::set<Repository> with_config_;
};

}  // namespace imglife
