// What the entries of index.json are to a registry: tags, referrers, or neither.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "providers/registry/ocidir/layout_index.h"
#include "providers/registry/ocidir/manifest_graph.h"

namespace imglife {

enum class EntryRole {
  kTag,
  // Without a name, and with a subject: PutManifest leaves it so. Found with its subject, and goes
  // with it.
  kReferrer,
  // Another tool's: a name that is no tag (a full reference, as skopeo writes for
  // `oci:DIR:team/app:1.0`; one of containerd's), or none. No listing shows it, so nothing that it
  // needs may go.
  kForeign,
};

// One by one. What can't be read to find a subject is foreign.
std::vector<EntryRole> RolesOf(const LayoutIndex& index, ManifestGraph& graph);

// "manifests[2] of index.json, named team/app:1.0", for people.
std::string DescribeEntry(const LayoutIndex& index, std::size_t position);

}  // namespace imglife
