#include "schema/config/yaml_node.h"

#include <utility>

namespace imglife {

struct YamlNode::Data {
  Kind kind = Kind::kNull;
  SourcePosition at;
  std::string text;
  bool plain = false;
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;
};

YamlNode YamlNode::Null(SourcePosition at) {
  auto data = std::make_shared<Data>();
  data->at = at;
  return YamlNode(std::move(data));
}

YamlNode YamlNode::Scalar(SourcePosition at, std::string text, bool plain) {
  auto data = std::make_shared<Data>();
  data->kind = Kind::kScalar;
  data->at = at;
  data->text = std::move(text);
  data->plain = plain;
  return YamlNode(std::move(data));
}

YamlNode YamlNode::Sequence(SourcePosition at, std::vector<YamlNode> items) {
  auto data = std::make_shared<Data>();
  data->kind = Kind::kSequence;
  data->at = at;
  data->items = std::move(items);
  return YamlNode(std::move(data));
}

YamlNode YamlNode::Mapping(SourcePosition at, std::vector<YamlEntry> entries) {
  auto data = std::make_shared<Data>();
  data->kind = Kind::kMapping;
  data->at = at;
  data->entries = std::move(entries);
  return YamlNode(std::move(data));
}

YamlNode::Kind YamlNode::kind() const {
  return data_->kind;
}
SourcePosition YamlNode::at() const {
  return data_->at;
}
const std::string& YamlNode::text() const {
  return data_->text;
}
bool YamlNode::plain() const {
  return data_->plain;
}
const std::vector<YamlNode>& YamlNode::items() const {
  return data_->items;
}
const std::vector<YamlEntry>& YamlNode::entries() const {
  return data_->entries;
}

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const YamlEntry& entry : data_->entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string_view YamlKindName(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "a string";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMapping:
      return "a mapping";
  }
  return "nothing";
}

}  // namespace imglife
