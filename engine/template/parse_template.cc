#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/template/parse_pipeline.h"
#include "engine/template/template_cursor.h"
#include "engine/template/template_tree.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

using TokenKind = TemplateToken::Kind;
using NodeKind = TemplateNode::Kind;

// Nothing but space (parse.go, IsEmptyTree): such a template gives way to another of its name.
bool IsEmpty(const TemplateNodes& nodes) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  return std::all_of(nodes.begin(), nodes.end(), [kSpace](const TemplateNode& node) {
    return node.kind == NodeKind::kText && node.text.find_first_not_of(kSpace) == std::string::npos;
  });
}

class TemplateParser {
 public:
  TemplateParser(const std::string& name, std::vector<TemplateToken> tokens)
      : name_(name), cursor_(name, std::move(tokens)), pipelines_(cursor_) {}

  TemplateTree Run() {
    TemplateNodes nodes;
    const std::string end = ParseNodes(/*top=*/true, nodes);
    if (!end.empty()) {
      cursor_.Fail(opened_, fmt::format("{{{{{}}}}} without anything that it ends", end));
    }
    Define(cursor_.Peek().at, name_, std::move(nodes));
    return std::move(tree_);
  }

 private:
  // Up to the {{end}} or {{else}} that isn't of an inner block, and past that word, which is
  // returned; "" at the end of the text, where only the top may end.
  std::string ParseNodes(bool top, TemplateNodes& nodes) {
    const TemplateCursor::Deeper deeper(cursor_);
    while (!cursor_.At(TokenKind::kEnd)) {
      if (cursor_.At(TokenKind::kText)) {
        TemplateNode node;
        node.at = cursor_.Peek().at;
        node.text = cursor_.Next().text;
        nodes.push_back(std::move(node));
        continue;
      }
      opened_ = cursor_.Next().at;
      if (cursor_.AtWord("end") || cursor_.AtWord("else")) return cursor_.Next().text;
      if (cursor_.AtWord("define")) {
        ParseDefine(top);
      } else {
        nodes.push_back(ParseAction());
      }
    }
    if (!top)
      cursor_.Fail(cursor_.Peek().at, "the template ends before the {{end}} of an open block");
    return "";
  }

  TemplateNode ParseAction() {
    const std::string word = cursor_.At(TokenKind::kWord) ? cursor_.Peek().text : "";
    if (word == "if") return ParseControl(NodeKind::kIf);
    if (word == "with") return ParseControl(NodeKind::kWith);
    if (word == "range") return ParseControl(NodeKind::kRange);
    if (word == "block") return ParseBlock();
    if (word == "template") return ParseCall();
    if (word == "break" || word == "continue") return ParseJump();
    TemplateNode node;
    node.kind = NodeKind::kAction;
    node.at = opened_;
    node.pipe = std::make_shared<TemplatePipe>(pipelines_.Parse("in an action"));
    cursor_.Close("in an action");
    return node;
  }

  TemplateNode ParseJump() {
    TemplateNode node;
    node.at = opened_;
    const std::string& word = cursor_.Next().text;
    if (ranges_ == 0) {
      cursor_.Fail(node.at, fmt::format("{{{{{}}}}} outside of {{{{range}}}}", word));
    }
    node.kind = word == "break" ? NodeKind::kBreak : NodeKind::kContinue;
    cursor_.Close(fmt::format("in {}", word));
    return node;
  }

  TemplateNode ParseControl(NodeKind kind) {
    const std::size_t variables = pipelines_.variables().size();
    TemplateNode node;
    node.kind = kind;
    node.at = opened_;
    std::string end = ParseBranch(node);
    while (end == "else" && ElseContinues(kind)) end = ParseBranch(node);
    if (end == "else") {
      cursor_.Close("in else");
      end = ParseNodes(false, node.otherwise);
      if (end == "else") cursor_.Fail(opened_, "a second {{else}}");
    }
    cursor_.Close("in end");
    pipelines_.variables().resize(variables);
    return node;
  }

  // {{else if}} of an if, {{else with}} of a with.
  bool ElseContinues(NodeKind kind) const {
    return (kind == NodeKind::kIf && cursor_.AtWord("if")) ||
           (kind == NodeKind::kWith && cursor_.AtWord("with"));
  }

  // The keyword, the pipeline and the body; the word that ends it.
  std::string ParseBranch(TemplateNode& node) {
    const std::string where = "in " + cursor_.Next().text;
    const bool of_range = node.kind == NodeKind::kRange;
    TemplateBranch branch;
    branch.pipe = pipelines_.Parse(where, of_range);
    cursor_.Close(where);
    if (of_range) ++ranges_;
    std::string end = ParseNodes(false, branch.body);
    if (of_range) --ranges_;
    node.branches.push_back(std::move(branch));
    return end;
  }

  std::string ParseName(const std::string& where) {
    const TemplateToken& token = cursor_.Peek();
    const auto* name = std::get_if<std::string>(&token.literal.storage());
    if (name == nullptr) cursor_.Unexpected(fmt::format("{}: a quoted name must follow", where));
    cursor_.Next();
    return *name;
  }

  // The body of {{define}} and {{block}} sees no variables but "$", and no {{range}} around it.
  TemplateNodes ParseSeparate() {
    std::vector<std::string> variables = std::exchange(pipelines_.variables(), {"$"});
    const int ranges = std::exchange(ranges_, 0);
    TemplateNodes body;
    if (ParseNodes(false, body) == "else") {
      cursor_.Fail(opened_, "{{else}} in the body of a template");
    }
    cursor_.Close("in end");
    pipelines_.variables() = std::move(variables);
    ranges_ = ranges;
    return body;
  }

  void ParseDefine(bool top) {
    const TemplatePlace at = opened_;
    if (!top) cursor_.Fail(at, "{{define}} inside of another block");
    cursor_.Next();
    const std::string name = ParseName("in define");
    cursor_.Close("in define");
    Define(at, name, ParseSeparate());
  }

  TemplateNode ParseBlock() {
    TemplateNode node;
    node.kind = NodeKind::kTemplate;
    node.at = opened_;
    cursor_.Next();
    node.text = ParseName("in block");
    node.pipe = std::make_shared<TemplatePipe>(pipelines_.Parse("in block"));
    cursor_.Close("in block");
    Define(node.at, node.text, ParseSeparate());
    return node;
  }

  TemplateNode ParseCall() {
    TemplateNode node;
    node.kind = NodeKind::kTemplate;
    node.at = opened_;
    cursor_.Next();
    node.text = ParseName("in template");
    if (!cursor_.At(TokenKind::kClose)) {
      node.pipe = std::make_shared<TemplatePipe>(pipelines_.Parse("in template"));
    }
    cursor_.Close("in template");
    return node;
  }

  void Define(TemplatePlace at, const std::string& name, TemplateNodes body) {
    const auto [known, is_new] = tree_.try_emplace(name);
    if (is_new || IsEmpty(known->second)) {
      known->second = std::move(body);
    } else if (!IsEmpty(body)) {
      cursor_.Fail(at, fmt::format("the template \"{}\" is defined twice", EscapeControl(name)));
    }
  }

  const std::string& name_;
  TemplateCursor cursor_;
  PipelineParser pipelines_;
  TemplatePlace opened_;  // the "{{" of the latest action
  int ranges_ = 0;        // that are open here
  TemplateTree tree_;
};

}  // namespace

absl::StatusOr<TemplateTree> ParseTemplate(const std::string& name, std::string_view text) {
  auto tokens = LexTemplate(name, text);
  if (!tokens.ok()) return tokens.status();
  try {
    return TemplateParser(name, *std::move(tokens)).Run();
  } catch (const TemplateFailure& failure) {
    return failure.status;
  }
}

}  // namespace imglife
