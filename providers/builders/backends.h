// The four programs that build images (protocol-notes.md, "Builders"). All arguments are elements
// of argv in a fixed order; no shell sees them. `processes` must outlive the builders.
#pragma once

#include <memory>
#include <string>

#include "providers/builder.h"
#include "providers/process.h"
#include "schema/config/read_config.h"

namespace imglife {

// Needs no daemon. Every build has a store of its own below $TMPDIR, because parallel builds of one
// store see each other's half-removed layers (buildah#5674; podman#10419 advises --root), and
// platforms are built one after the other, so that the index has them in the order asked for.
// STORAGE_DRIVER chooses the driver, else buildah does, else vfs. BUILDAH_ISOLATION chooses the
// isolation; else it is chroot inside a container, where nothing better is allowed, and buildah's
// own elsewhere. Where a base comes over plain HTTP, certificates of the build's other bases aren't
// verified either: buildah has one switch for all of them.
std::unique_ptr<Builder> MakeBuildahBuilder(const Environment& environment,
                                            ProcessRunner& processes);

// `docker build` and `docker push`: one platform, labels only. Plain-HTTP registries are the
// daemon's configuration ("insecure-registries").
std::unique_ptr<Builder> MakeDockerBuilder(const Environment& environment,
                                           ProcessRunner& processes);

// `docker buildx build --push` on the instance `builder`, or the current one if it is empty.
std::unique_ptr<Builder> MakeBuildxBuilder(std::string builder, const Environment& environment,
                                           ProcessRunner& processes);

// `buildctl build` against the BuildKit daemon at `address`. A base in a plain-HTTP registry is the
// daemon's configuration (buildkitd.toml).
std::unique_ptr<Builder> MakeBuildctlBuilder(std::string address, const Environment& environment,
                                             ProcessRunner& processes);

}  // namespace imglife
