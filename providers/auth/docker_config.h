// Credentials in docker's config.json, which podman's auth.json shares, and in the credential
// helpers that it names (docker CLI, "docker login", Credential stores).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "providers/auth/credentials.h"
#include "providers/process.h"

namespace imglife {

// Who writes the file, and so how docker.io is spelled there: docker (config.json) writes
// https://index.docker.io/v1/, podman, buildah and skopeo (auth.json) write docker.io.
enum class AuthFileKind { kDocker, kContainers };

// The credential for `host` in the file's `content`: its credHelpers, then its credsStore, then its
// auths; nothing if it has none. Of a host that has several keys, the spelling of `kind` counts
// (the host itself, but for docker.io; docker CLI, fileStore.Get; containers-auth.json(5)), and
// without it the first that has something, in the order of their bytes. `file` is how messages and
// Credential::source name it. InvalidArgument: the file isn't what docker writes.
// FailedPrecondition: the helper that should have the credential is missing or failed. Messages
// quote neither the file nor a helper.
absl::StatusOr<std::optional<Credential>> FindInDockerConfig(const std::string& file,
                                                             AuthFileKind kind,
                                                             std::string_view content,
                                                             const std::string& host,
                                                             ProcessRunner& processes);

}  // namespace imglife
