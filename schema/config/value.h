// A located YAML value while it is being decoded: where it is, and where findings about it go.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/config/config.h"
#include "schema/config/read_config.h"
#include "schema/config/yaml_node.h"
#include "schema/text/diagnostics.h"

namespace imglife {

// What all of one file's decoding shares. Outlives every Value made with it.
struct DecodeContext {
  std::string_view content;  // without a byte order mark
  std::string directory;     // that relative paths start from
  const Environment& environment;
  Findings& findings;
  // YamlNode::identity of the scalars that hold credentials, and the lines that these are on. They
  // have been reported: nothing more is said about them, and they are never shown.
  std::set<const void*> credentials;
  std::set<int> credential_lines;
  // Names of those that values depend on.
  std::set<std::string> variables;
};

class Value {
 public:
  // The document itself.
  Value(DecodeContext& context, YamlNode node) : context_(context), node_(std::move(node)) {}

  DecodeContext& context() const { return context_; }
  const YamlNode& node() const { return node_; }
  // "sync.entries[1].tag"
  const std::string& path() const { return path_; }
  // Where it is written; for nothing at all, where its key is.
  SourcePosition at() const;
  // Names this part of the file: at its key, or at the list item.
  ConfigRule Rule() const;
  bool HoldsCredential() const { return context_.credentials.contains(node_.identity()); }

  Value Member(const YamlEntry& entry) const;
  std::optional<Value> Find(std::string_view key) const;
  Value Item(std::size_t index) const;

  // Adds an error about this value.
  void Report(std::string code, std::string message, std::string suggestion = {}) const;
  // The same about what its variables made of it: says which of them are empty.
  void ReportExpanded(std::string code, std::string message) const;
  void ReportAt(SourcePosition at, std::string code, std::string message) const;
  // "expected WHAT, found …"
  void ReportType(std::string_view what) const;
  void Add(Finding finding) const;

 private:
  DecodeContext& context_;
  YamlNode node_;
  std::string path_;
  std::optional<SourcePosition> key_at_;
};

}  // namespace imglife
