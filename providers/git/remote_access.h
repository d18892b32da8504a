// How git reaches a remote with a token.
#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "providers/git/git_command.h"
#include "providers/repository_git.h"

namespace imglife {

struct RemoteAccess {
  // Environment and settings for calls that talk to the remote.
  GitCall call;
  // Why pushes go without the token that there is; empty: they have it, or there is none.
  std::string without_token;
};

// How `spec.remote` is reached. A token is offered by a credential
// helper (gitcredentials(7)) to the remote's own host alone, also after redirects, and in place of
// credentials in the remote's address: a CI checkout has some there, which may read but not write.
// Of remotes that aren't reached by http the token is no part, nor of those on other hosts than
// `spec.token_hosts`: git's environment doesn't have it then.
//
// InvalidArgument: the token can't be one, because it holds a line break. The status never holds
// the token.
absl::StatusOr<RemoteAccess> AccessTo(const GitCommand& git, const GitPushSpec& spec);

}  // namespace imglife
