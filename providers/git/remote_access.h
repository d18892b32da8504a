// How git reaches a remote with a token.
#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "providers/git/git_command.h"
#include "providers/repository_git.h"

namespace imglife {

// Environment and settings for calls that talk to `spec.remote`. A token is offered by a credential
// helper (gitcredentials(7)) to the remote's own host alone, also after redirects, and in place of
// credentials in the remote's address: a CI checkout has some there, which may read but not write.
// Of remotes that aren't reached by http the token is no part.
//
// InvalidArgument: the token can't be one, because it holds a line break. The status never holds
// the token.
absl::StatusOr<GitCall> AccessTo(const GitCommand& git, const GitPushSpec& spec);

}  // namespace imglife
