#include "providers/registry/ocidir/entry_roles.h"

#include <string_view>

#include "fmt/format.h"

#include "schema/text/escape.h"

namespace imglife {
namespace {

constexpr std::string_view kContainerdName = "io.containerd.image.name";

// Empty if it has none.
std::string NameOf(const LayoutEntry& entry) {
  if (!entry.name.empty()) return entry.name;
  const auto name = entry.descriptor.annotations.find(std::string(kContainerdName));
  return name == entry.descriptor.annotations.end() ? "" : name->second;
}

bool IsReferrer(const LayoutEntry& entry, ManifestGraph& graph) {
  if (!NameOf(entry).empty()) return false;
  const auto links = graph.LinksOf(entry.descriptor);
  return links.ok() && (*links)->subject.has_value();
}

}  // namespace

std::vector<EntryRole> RolesOf(const LayoutIndex& index, ManifestGraph& graph) {
  std::vector<EntryRole> roles;
  roles.reserve(index.entries().size());
  const std::vector<bool> are_tags = index.AreTags();
  for (const LayoutEntry& entry : index.entries()) {
    if (are_tags[roles.size()]) {
      roles.push_back(EntryRole::kTag);
    } else {
      roles.push_back(IsReferrer(entry, graph) ? EntryRole::kReferrer : EntryRole::kForeign);
    }
  }
  return roles;
}

std::string DescribeEntry(const LayoutIndex& index, std::size_t position) {
  const std::string name = NameOf(index.entries()[position]);
  return fmt::format("manifests[{}] of index.json, {}", position,
                     name.empty() ? "which has no name" : "named " + EscapeControl(name));
}

}  // namespace imglife
