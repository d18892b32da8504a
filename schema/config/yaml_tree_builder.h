// The events of one YAML document put together to a located tree.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "yaml-cpp/anchor.h"
#include "yaml-cpp/emitterstyle.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/mark.h"

#include "schema/config/yaml_node.h"
#include "schema/text/diagnostics.h"

namespace imglife {

// Thrown through yaml-cpp to end reading at once; yaml_reader.cc catches it.
struct YamlRefused {
  Finding finding;
};

// What counts against the limits of yaml_reader.h, for a whole subtree.
struct YamlSize {
  std::size_t nodes = 1;
  std::size_t bytes = 0;
  int levels = 0;  // of lists and mappings
};

SourcePosition PositionOf(const YAML::Mark& mark);

// Takes the events of one document. A passed limit and an alias inside its own value throw
// YamlRefused; everything else that is wrong goes to `findings`.
class YamlTreeBuilder final : public YAML::EventHandler {
 public:
  // Both must outlive the builder; `content` is what the events were made from.
  YamlTreeBuilder(std::string_view content, Findings& findings)
      : content_(content), findings_(findings) {}

  // The document, once its last event has come.
  const std::optional<YamlNode>& root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override;
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  struct Built {
    YamlNode node;
    YamlSize size;
  };

  struct Key {
    std::string text;
    SourcePosition at;
    bool merge = false;
    bool dropped = false;  // its value is read and thrown away
  };

  // A list or mapping whose end hasn't come.
  struct Open {
    YamlNode::Kind kind = YamlNode::Kind::kSequence;
    SourcePosition at;
    YAML::anchor_t anchor = 0;
    YamlSize size;
    std::vector<YamlNode> items;
    std::vector<YamlEntry> entries;
    std::optional<Key> key;
    std::map<std::string, SourcePosition, std::less<>> defined;
    std::vector<YamlNode> merged;
  };

  void Start(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
             YAML::anchor_t anchor);
  void Finish(Open open, YamlNode node);
  void Deliver(Built built, YAML::anchor_t anchor);
  void TakeKey(Open& mapping, const YamlNode& node);
  void TakeValue(Open& mapping, YamlNode value);
  void Merge(Open& mapping, const YamlNode& value);
  void Count(const YamlSize& size, SourcePosition at);
  void CheckTag(const std::string& tag, SourcePosition at);
  // "sync.entries[1].tag": where the next event belongs.
  std::string Path() const;
  void Report(std::string code, SourcePosition at, std::string message);
  bool WritesNull(const YAML::Mark& mark) const;
  // The dash of the list item that ends at `mark` and has nothing in it; none in `[…]`.
  std::optional<SourcePosition> DashBefore(const YAML::Mark& mark) const;

  std::string_view content_;
  Findings& findings_;
  std::optional<YamlNode> root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Built> anchors_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace imglife
