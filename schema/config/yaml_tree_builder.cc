#include "schema/config/yaml_tree_builder.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "schema/config/yaml_reader.h"

namespace imglife {
namespace {

constexpr std::string_view kCoreTagPrefix = "tag:yaml.org,2002:";
constexpr std::array<std::string_view, 7> kCoreTags = {"str",  "int", "float", "bool",
                                                       "null", "map", "seq"};
constexpr std::string_view kStringTag = "tag:yaml.org,2002:str";

// yaml-cpp's tags for values that were written without one: plain, and quoted.
bool IsImplied(const std::string& tag) {
  return tag.empty() || tag == "?" || tag == "!";
}

bool IsCore(std::string_view tag) {
  if (!tag.starts_with(kCoreTagPrefix)) return false;
  tag.remove_prefix(kCoreTagPrefix.size());
  return std::find(kCoreTags.begin(), kCoreTags.end(), tag) != kCoreTags.end();
}

std::string_view WithoutComment(std::string_view line) {
  for (std::size_t at = line.find('#'); at < line.size(); at = line.find('#', at + 1)) {
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return line.substr(0, at);
  }
  return line;
}

// From the value on: yaml-cpp gives the place of an anchor or a tag before it.
std::string_view WithoutProperties(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  while (!text.empty() && (text[0] == '&' || text[0] == '!' || text[0] == '#')) {
    const std::string_view end = text[0] == '#' ? "\n" : kSpace;
    text.remove_prefix(std::min(text.find_first_of(end), text.size()));
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  }
  return text;
}

// Does `text` begin with a quote that nothing ends? yaml-cpp 0.7.0 takes a line break before the
// end of the file for its end.
bool LeavesQuoteOpen(std::string_view text) {
  if (text.empty() || (text[0] != '"' && text[0] != '\'')) return false;
  const char quote = text[0];
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text[at] == quote) {
      const bool is_doubled = quote == '\'' && text.substr(at + 1).starts_with(quote);
      if (!is_doubled) return false;
      ++at;
    }
  }
  return true;
}

[[noreturn]] void Refuse(std::string code, SourcePosition at, std::string path,
                         std::string message) {
  Finding finding;
  finding.code = std::move(code);
  finding.at = at;
  finding.path = std::move(path);
  finding.message = std::move(message);
  throw YamlRefused{std::move(finding)};
}

}  // namespace

SourcePosition PositionOf(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {mark.line + 1, mark.column + 1};
}

void YamlTreeBuilder::OnDocumentStart(const YAML::Mark&) {}

void YamlTreeBuilder::OnDocumentEnd() {}

void YamlTreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  SourcePosition at = PositionOf(mark);
  // For a value that isn't there yaml-cpp gives the place of whatever comes next.
  if (!WritesNull(mark) && !open_.empty()) {
    const Open& parent = open_.back();
    at = parent.key ? parent.key->at : DashBefore(mark).value_or(parent.at);
  }
  Count(YamlSize(), at);
  Deliver({YamlNode::Null(at), YamlSize()}, anchor);
}

void YamlTreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const SourcePosition at = PositionOf(mark);
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    Refuse("recursive-alias", at, Path(), "this alias stands inside the value that it repeats");
  }
  const Built built = found->second;
  Count(built.size, at);
  Deliver(built, 0);
}

void YamlTreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag,
                               YAML::anchor_t anchor, const std::string& value) {
  const SourcePosition at = PositionOf(mark);
  const std::size_t begin =
      std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), content_.size());
  if (LeavesQuoteOpen(WithoutProperties(content_.substr(begin)))) {
    Refuse("yaml-syntax", at, "", "not valid YAML: this quote is never closed");
  }
  CheckTag(tag, at);
  const YamlSize size = {1, value.size(), 0};
  Count(size, at);
  const bool plain = tag != "!" && tag != kStringTag;
  Deliver({YamlNode::Scalar(at, value, plain), size}, anchor);
}

void YamlTreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                      YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  Start(YamlNode::Kind::kSequence, mark, tag, anchor);
}

void YamlTreeBuilder::OnSequenceEnd() {
  Open open = std::move(open_.back());
  open_.pop_back();
  YamlNode node = YamlNode::Sequence(open.at, std::move(open.items));
  Finish(std::move(open), std::move(node));
}

void YamlTreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag,
                                 YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  Start(YamlNode::Kind::kMapping, mark, tag, anchor);
}

void YamlTreeBuilder::OnMapEnd() {
  for (const YamlNode& value : std::vector<YamlNode>(open_.back().merged)) {
    Merge(open_.back(), value);
  }
  Open open = std::move(open_.back());
  open_.pop_back();
  YamlNode node = YamlNode::Mapping(open.at, std::move(open.entries));
  Finish(std::move(open), std::move(node));
}

void YamlTreeBuilder::Start(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
                            YAML::anchor_t anchor) {
  Open open;
  open.kind = kind;
  open.at = PositionOf(mark);
  open.anchor = anchor;
  open.size.levels = 1;
  CheckTag(tag, open.at);
  Count(open.size, open.at);
  open_.push_back(std::move(open));
}

void YamlTreeBuilder::Finish(Open open, YamlNode node) {
  Deliver({std::move(node), open.size}, open.anchor);
}

void YamlTreeBuilder::Deliver(Built built, YAML::anchor_t anchor) {
  if (anchor != 0) anchors_.insert_or_assign(anchor, built);
  if (open_.empty()) {
    root_ = std::move(built.node);
    return;
  }
  Open& parent = open_.back();
  parent.size.nodes += built.size.nodes;
  parent.size.bytes += built.size.bytes;
  parent.size.levels = std::max(parent.size.levels, built.size.levels + 1);
  if (parent.kind == YamlNode::Kind::kSequence) {
    parent.items.push_back(std::move(built.node));
  } else if (parent.key) {
    TakeValue(parent, std::move(built.node));
  } else {
    TakeKey(parent, built.node);
  }
}

void YamlTreeBuilder::TakeKey(Open& mapping, const YamlNode& node) {
  if (!node.IsScalar()) {
    Report("key-type", node.at(),
           fmt::format("a key must be a string, found {}", YamlKindName(node.kind())));
    mapping.key = Key{"?", node.at(), false, true};
    return;
  }
  Key key = {node.text(), node.at(), node.plain() && node.text() == "<<", false};
  const auto [first, inserted] = mapping.defined.emplace(key.text, key.at);
  key.dropped = !inserted;
  mapping.key = key;
  if (inserted) return;
  Finding finding;
  finding.code = "duplicate-key";
  finding.at = key.at;
  finding.path = Path();
  finding.message = fmt::format("duplicate key `{}`", key.text);
  if (key.merge) finding.message += "; merge several mappings with a list: `<<: [*a, *b]`";
  finding.notes.push_back({first->second, "first defined here"});
  findings_.Add(std::move(finding));
}

void YamlTreeBuilder::TakeValue(Open& mapping, YamlNode value) {
  Key key = std::move(*mapping.key);
  mapping.key.reset();
  if (key.dropped) return;
  if (key.merge) {
    mapping.merged.push_back(std::move(value));
    return;
  }
  mapping.entries.push_back({std::move(key.text), key.at, std::move(value)});
}

// YAML's merge key (yaml.org/type/merge.html): what the mapping itself says wins, then what comes
// first in the list.
void YamlTreeBuilder::Merge(Open& mapping, const YamlNode& value) {
  const std::vector<YamlNode> sources =
      value.IsSequence() ? value.items() : std::vector<YamlNode>{value};
  for (const YamlNode& source : sources) {
    if (!source.IsMapping()) {
      Report("merge-key", source.at(),
             fmt::format("`<<` merges mappings, found {}", YamlKindName(source.kind())));
      continue;
    }
    for (const YamlEntry& entry : source.entries()) {
      if (!mapping.defined.emplace(entry.key, entry.key_at).second) continue;
      mapping.entries.push_back(entry);
    }
  }
}

void YamlTreeBuilder::Count(const YamlSize& size, SourcePosition at) {
  nodes_ += size.nodes;
  bytes_ += size.bytes;
  if (nodes_ > kYamlMostNodes) {
    Refuse("too-many-nodes", at, Path(),
           fmt::format("more than {} values, aliases expanded", kYamlMostNodes));
  }
  if (bytes_ > kYamlMostExpandedBytes) {
    Refuse("too-large", at, Path(),
           fmt::format("more than {} MiB of text, aliases expanded", kYamlMostExpandedBytes >> 20));
  }
  if (static_cast<int>(open_.size()) + size.levels > kYamlMostLevels) {
    Refuse("too-deep", at, {},
           fmt::format("more than {} levels of lists and mappings", kYamlMostLevels));
  }
}

void YamlTreeBuilder::CheckTag(const std::string& tag, SourcePosition at) {
  if (IsImplied(tag) || IsCore(tag)) return;
  Report("yaml-tag", at, fmt::format("unknown YAML tag `{}`: remove it", tag));
}

std::string YamlTreeBuilder::Path() const {
  std::string path;
  for (const Open& open : open_) {
    if (open.kind == YamlNode::Kind::kSequence) {
      path += fmt::format("[{}]", open.items.size());
    } else if (open.key) {
      if (!path.empty()) path += '.';
      path += open.key->text;
    }
  }
  return path;
}

void YamlTreeBuilder::Report(std::string code, SourcePosition at, std::string message) {
  Finding finding;
  finding.code = std::move(code);
  finding.at = at;
  finding.path = Path();
  finding.message = std::move(message);
  findings_.Add(std::move(finding));
}

// Nothing but blanks, line ends and comments is between the dash of an empty item and what follows.
std::optional<SourcePosition> YamlTreeBuilder::DashBefore(const YAML::Mark& mark) const {
  if (mark.is_null() || mark.pos < 0) return std::nullopt;
  std::string_view before = content_.substr(0, static_cast<std::size_t>(mark.pos));
  for (int line = mark.line + 1; line > 0; --line) {
    const std::size_t start = before.rfind('\n') + 1;
    const std::string_view text = WithoutComment(before.substr(start));
    const std::size_t last = text.find_last_not_of(" \t\r");
    if (last != std::string_view::npos) {
      if (text[last] != '-') return std::nullopt;
      return SourcePosition{line, static_cast<int>(last) + 1};
    }
    before = before.substr(0, start == 0 ? 0 : start - 1);
  }
  return std::nullopt;
}

bool YamlTreeBuilder::WritesNull(const YAML::Mark& mark) const {
  if (mark.is_null() || mark.pos < 0) return false;
  const auto pos = static_cast<std::size_t>(mark.pos);
  if (pos >= content_.size()) return false;
  return std::string_view("~nN!&").find(content_[pos]) != std::string_view::npos;
}

}  // namespace imglife
