#include "schema/config/config_digest.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fmt/format.h"

namespace imglife {
namespace {

void AddText(Hasher& hasher, char kind, const std::string& text) {
  hasher.Update(fmt::format("{}{}:", kind, text.size()));
  hasher.Update(text);
}

void AddNode(Hasher& hasher, const YamlNode& node);

void AddMapping(Hasher& hasher, const YamlNode& mapping) {
  std::vector<const YamlEntry*> entries;
  for (const YamlEntry& entry : mapping.entries()) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const YamlEntry* a, const YamlEntry* b) { return a->key < b->key; });
  hasher.Update(fmt::format("m{}:", entries.size()));
  for (const YamlEntry* entry : entries) {
    AddText(hasher, 'k', entry->key);
    AddNode(hasher, entry->value);
  }
}

void AddNode(Hasher& hasher, const YamlNode& node) {
  switch (node.kind()) {
    case YamlNode::Kind::kNull:
      hasher.Update("n");
      break;
    case YamlNode::Kind::kScalar:
      AddText(hasher, 's', node.text());
      break;
    case YamlNode::Kind::kSequence:
      hasher.Update(fmt::format("l{}:", node.items().size()));
      for (const YamlNode& item : node.items()) AddNode(hasher, item);
      break;
    case YamlNode::Kind::kMapping:
      AddMapping(hasher, node);
      break;
  }
}

}  // namespace

Digest DigestOfConfig(const YamlNode& root) {
  Hasher hasher("sha256");
  AddNode(hasher, root);
  return hasher.Finish();
}

}  // namespace imglife
