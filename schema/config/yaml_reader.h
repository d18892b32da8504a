// YAML 1.2 from people's files into a located tree, within limits (config.md, Reading rules).
//
// yaml-cpp 0.7.0 is driven event by event: its own Load accepts duplicate keys, leaves merge keys
// alone, expands aliases without a bound, takes byte 0x04 for the end of the file and never returns
// from some inputs (`,`).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "schema/config/yaml_node.h"
#include "schema/text/diagnostics.h"

namespace imglife {

inline constexpr std::size_t kYamlMostBytes = std::size_t{1} << 20;
inline constexpr int kYamlMostLevels = 64;
// Nodes, and bytes of scalars and keys, counted anew for every alias.
inline constexpr std::size_t kYamlMostNodes = 100'000;
inline constexpr std::size_t kYamlMostExpandedBytes = std::size_t{4} << 20;

// The one document in `content`. A null node for an empty file.
//
// Nothing is returned for text that is no YAML or passes a limit; a finding then says where.
// A key that occurs twice, a key that is no scalar, an unknown tag and a merge key without a
// mapping are errors in `findings` too, but a tree is returned (with the first of the two keys), so
// that the caller can report its own findings in the same run: ask Findings::HasErrors() before
// using it.
//
// No exception leaves this function. Pure.
std::optional<YamlNode> ReadYaml(std::string_view content, Findings& findings);

}  // namespace imglife
