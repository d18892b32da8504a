#include "schema/config/yaml_reader.h"

#include <algorithm>
#include <exception>
#include <sstream>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/parser.h"

#include "schema/config/yaml_tree_builder.h"
#include "schema/text/byte_order_mark.h"
#include "schema/text/utf8.h"

namespace imglife {
namespace {

Finding Refusal(std::string code, SourcePosition at, std::string message) {
  Finding finding;
  finding.code = std::move(code);
  finding.at = at;
  finding.message = std::move(message);
  return finding;
}

// YAML 1.2, 5.1 "Character Set": c-printable.
bool IsPrintable(char32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return (code < 0x7F) || code == 0x85 || (code >= 0xA0 && code != 0xFFFE && code != 0xFFFF);
}

// Says what makes `content` no text, or nothing.
std::optional<Finding> FindUnprintable(std::string_view content) {
  SourcePosition at = {1, 1};
  while (!content.empty()) {
    const Utf8Character character = DecodeUtf8(content);
    if (character.size == 0) {
      return Refusal("not-utf8", at,
                     fmt::format("byte 0x{:02x} is not UTF-8: save the file as UTF-8",
                                 static_cast<unsigned char>(content[0])));
    }
    if (!IsPrintable(character.code)) {
      return Refusal("control-character", at,
                     fmt::format("control character U+{:04X}: remove it",
                                 static_cast<unsigned>(character.code)));
    }
    at.column += static_cast<int>(character.size);
    if (character.code == '\n') at = {at.line + 1, 1};
    content.remove_prefix(character.size);
  }
  return std::nullopt;
}

// Is the last line of `text` the mark that ends a document?
bool EndsDocument(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  return text == "..." || text.ends_with("\n...");
}

// Refuses whatever comes after the first document, before anything of it is read: yaml-cpp 0.7.0
// reports a new, empty document again and again for a token that it can't place.
class NothingMore final : public YAML::EventHandler {
 public:
  explicit NothingMore(std::string_view content) : content_(content) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    const std::size_t at =
        std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), content_.size());
    const std::string_view rest = content_.substr(at);
    if (rest.empty() || rest.starts_with("---") || EndsDocument(content_.substr(0, at))) {
      throw YamlRefused{Refusal("several-documents", PositionOf(mark),
                                "a second document starts here: only one is allowed in a file")};
    }
    throw YamlRefused{Refusal(
        "yaml-syntax", PositionOf(mark),
        fmt::format("not valid YAML: `{}` doesn't belong to what comes before it", rest[0]))};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  std::string_view content_;
};

// yaml-cpp's own words for it are about what follows from it.
bool IsIndentedByTab(std::string_view content, int line) {
  for (; line > 1; --line) {
    const std::size_t end = content.find('\n');
    if (end == std::string_view::npos) return false;
    content.remove_prefix(end + 1);
  }
  return content.substr(0, content.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

YamlNode ReadOnlyDocument(std::string_view content, Findings& findings) {
  std::istringstream stream{std::string(content)};
  YAML::Parser parser(stream);
  YamlTreeBuilder builder(content, findings);
  if (!parser.HandleNextDocument(builder)) return YamlNode::Null({1, 1});
  NothingMore nothing_more(content);
  parser.HandleNextDocument(nothing_more);
  return builder.root().value_or(YamlNode::Null({1, 1}));
}

}  // namespace

std::optional<YamlNode> ReadYaml(std::string_view content, Findings& findings) {
  if (content.size() > kYamlMostBytes) {
    findings.Add(Refusal(
        "too-large", {},
        fmt::format("{} bytes: a file may have at most {}", content.size(), kYamlMostBytes)));
    return std::nullopt;
  }
  content = WithoutByteOrderMark(content);
  if (std::optional<Finding> unprintable = FindUnprintable(content)) {
    findings.Add(*std::move(unprintable));
    return std::nullopt;
  }
  try {
    return ReadOnlyDocument(content, findings);
  } catch (const YamlRefused& refused) {
    findings.Add(refused.finding);
  } catch (const YAML::Exception& error) {
    const SourcePosition at = PositionOf(error.mark);
    findings.Add(Refusal("yaml-syntax", at,
                         IsIndentedByTab(content, at.line)
                             ? "not valid YAML: a tab can't indent; use spaces"
                             : "not valid YAML: " + error.msg));
  } catch (const std::exception&) {
    findings.Add(Refusal("yaml-syntax", {}, "not valid YAML"));
  }
  return std::nullopt;
}

}  // namespace imglife
