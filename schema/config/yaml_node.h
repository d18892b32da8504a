// A YAML document as a tree whose every node knows where it was written.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schema/text/diagnostics.h"

namespace imglife {

struct YamlEntry;

// One value. A cheap handle to immutable data: copies share it, so an alias costs nothing. A node
// that was reached through an alias or a merge key has the position of its definition.
class YamlNode {
 public:
  enum class Kind { kNull, kScalar, kSequence, kMapping };

  // Nothing at all, at `at` (`key:` without a value, `~`, `null`).
  static YamlNode Null(SourcePosition at);
  // `plain` says that the scalar was written without quotes, `|` or `>` and without a !!str tag, so
  // that it may stand for a number or a truth value. Its text is never interpreted here: `3.20`
  // is "3.20".
  static YamlNode Scalar(SourcePosition at, std::string text, bool plain);
  static YamlNode Sequence(SourcePosition at, std::vector<YamlNode> items);
  static YamlNode Mapping(SourcePosition at, std::vector<YamlEntry> entries);

  Kind kind() const;
  bool IsNull() const { return kind() == Kind::kNull; }
  bool IsScalar() const { return kind() == Kind::kScalar; }
  bool IsSequence() const { return kind() == Kind::kSequence; }
  bool IsMapping() const { return kind() == Kind::kMapping; }

  SourcePosition at() const;
  // Empty for everything but scalars.
  const std::string& text() const;
  bool plain() const;
  // Empty for everything but sequences.
  const std::vector<YamlNode>& items() const;
  // Empty for everything but mappings. Keys are unique; the order is that of the file, with what
  // merge keys added behind.
  const std::vector<YamlEntry>& entries() const;
  // The value of `key` in a mapping, or null.
  const YamlNode* Find(std::string_view key) const;
  // Equal for copies of one node and different for all others.
  const void* identity() const { return data_.get(); }

 private:
  struct Data;
  explicit YamlNode(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

  std::shared_ptr<const Data> data_;
};

// What a person calls it: "nothing", "a string", "a list", "a mapping".
std::string_view YamlKindName(YamlNode::Kind kind);

struct YamlEntry {
  std::string key;
  SourcePosition key_at;
  YamlNode value;
};

}  // namespace imglife
