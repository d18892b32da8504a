#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/template/template_functions.h"
#include "engine/template/template_lexer.h"
#include "engine/template/template_tree.h"
#include "schema/text/escape.h"
#include "schema/text/suggest.h"

namespace imglife {
namespace {

using TokenKind = TemplateToken::Kind;
using NodeKind = TemplateNode::Kind;
using TermKind = TemplateTerm::Kind;

constexpr int kDeepest = 100;

// Ends in ParseTemplate; parsing by recursive descent has many ways out.
struct ParseError {
  std::string message;
};

class Parser {
 public:
  Parser(const std::string& name, std::vector<TemplateToken> tokens)
      : name_(name), tokens_(std::move(tokens)) {}

  TemplateTree Run() {
    std::string end;
    tree_.body = ParseNodes(/*top=*/true, end);
    return std::move(tree_);
  }

 private:
  const TemplateToken& Peek() const { return tokens_[at_]; }
  const TemplateToken& Next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool At(TokenKind kind) const { return Peek().kind == kind; }
  bool AtWord(std::string_view word) const { return At(TokenKind::kWord) && Peek().text == word; }

  [[noreturn]] void Fail(TemplatePlace at, std::string_view what) const {
    throw ParseError{PlacedMessage(name_, at, what)};
  }
  [[noreturn]] void Unexpected(std::string_view where) const {
    if (At(TokenKind::kEnd)) Fail(Peek().at, fmt::format("the template ends {}", where));
    Fail(Peek().at, fmt::format("unexpected `{}` {}", EscapeControl(Peek().text), where));
  }
  void Close(std::string_view where) {
    if (!At(TokenKind::kClose)) Unexpected(where);
    Next();
  }

  // Up to the {{end}} or {{else …}} that isn't of an inner block; `end` is that word.
  TemplateNodes ParseNodes(bool top, std::string& end) {
    const Deeper deeper(*this);
    TemplateNodes nodes;
    while (!At(TokenKind::kEnd)) {
      if (At(TokenKind::kText)) {
        TemplateNode node;
        node.at = Peek().at;
        node.text = Next().text;
        nodes.push_back(std::move(node));
        continue;
      }
      const TemplatePlace open = Next().at;
      if (AtWord("end") || AtWord("else")) {
        if (top) Fail(open, fmt::format("{{{{{}}}}} without anything that it ends", Peek().text));
        end = Next().text;
        return nodes;
      }
      ParseAction(open, top, nodes);
    }
    if (!top) Fail(Peek().at, "the template ends before the {{end}} of an open block");
    return nodes;
  }

  void ParseAction(TemplatePlace open, bool top, TemplateNodes& nodes) {
    TemplateNode node;
    node.at = open;
    const std::string word = At(TokenKind::kWord) ? Peek().text : "";
    if (word == "define") return ParseDefine(open, top);
    if (word == "if" || word == "with" || word == "range") {
      Next();
      node.kind = word == "if"     ? NodeKind::kIf
                  : word == "with" ? NodeKind::kWith
                                   : NodeKind::kRange;
      ParseControl(word, node);
    } else if (word == "block") {
      ParseBlock(node);
    } else if (word == "template") {
      ParseCall(node);
    } else if (word == "break" || word == "continue") {
      ParseJump(word, node);
    } else {
      node.kind = NodeKind::kAction;
      node.pipe = ParsePipe("in an action");
      Close("in an action");
    }
    nodes.push_back(std::move(node));
  }

  void ParseJump(const std::string& word, TemplateNode& node) {
    Next();
    if (range_depth_ == 0) Fail(node.at, fmt::format("{{{{{}}}}} outside of {{{{range}}}}", word));
    node.kind = word == "break" ? NodeKind::kBreak : NodeKind::kContinue;
    Close(fmt::format("in {{{{{}}}}}", word));
  }

  void ParseControl(const std::string& word, TemplateNode& node) {
    const std::string where = "in " + word;
    const std::size_t variables = variables_.size();
    node.pipe = ParsePipe(where, node.kind == NodeKind::kRange);
    Close(where);
    if (node.kind == NodeKind::kRange) ++range_depth_;
    std::string end;
    node.body = ParseNodes(false, end);
    if (node.kind == NodeKind::kRange) --range_depth_;
    if (end == "else") {
      if (node.kind == NodeKind::kIf && AtWord("if")) {
        ParseElseIf(node);
      } else {
        Close("in else");
        node.otherwise = ParseNodes(false, end);
        if (end == "else") Fail(Peek().at, "a second {{else}}");
        Close("in end");
      }
    } else {
      Close("in end");
    }
    variables_.resize(variables);
  }

  // {{else if x}} is {{else}}{{if x}} with one {{end}} for both.
  void ParseElseIf(TemplateNode& node) {
    const Deeper deeper(*this);
    TemplateNode inner;
    inner.at = Next().at;
    inner.kind = NodeKind::kIf;
    ParseControl("if", inner);
    node.otherwise.push_back(std::move(inner));
  }

  std::string ParseName(const std::string& where) {
    if (!At(TokenKind::kString)) Unexpected(fmt::format("{}: a quoted name must follow", where));
    return Next().text;
  }

  // The body of {{define}} and {{block}} sees only "$".
  TemplateNodes ParseSeparate() {
    const std::vector<std::string> variables = std::exchange(variables_, {"$"});
    const int ranges = std::exchange(range_depth_, 0);
    std::string end;
    TemplateNodes body = ParseNodes(false, end);
    if (end == "else") Fail(Peek().at, "{{else}} in the body of a template");
    Close("in end");
    variables_ = variables;
    range_depth_ = ranges;
    return body;
  }

  void ParseDefine(TemplatePlace open, bool top) {
    if (!top) Fail(open, "{{define}} inside of another block");
    Next();
    const std::string name = ParseName("in define");
    Close("in define");
    Define(open, name, ParseSeparate());
  }

  void Define(TemplatePlace at, const std::string& name, TemplateNodes body) {
    if (!tree_.defined.emplace(name, std::move(body)).second) {
      Fail(at, fmt::format("the template \"{}\" is defined twice", EscapeControl(name)));
    }
  }

  void ParseBlock(TemplateNode& node) {
    Next();
    node.kind = NodeKind::kTemplate;
    node.text = ParseName("in block");
    node.pipe = ParsePipe("in block");
    Close("in block");
    Define(node.at, node.text, ParseSeparate());
  }

  void ParseCall(TemplateNode& node) {
    Next();
    node.kind = NodeKind::kTemplate;
    node.text = ParseName("in template");
    if (!At(TokenKind::kClose)) node.pipe = ParsePipe("in template");
    Close("in template");
  }

  std::shared_ptr<TemplatePipe> ParsePipe(const std::string& where, bool range = false) {
    const Deeper deeper(*this);
    auto pipe = std::make_shared<TemplatePipe>();
    pipe->at = Peek().at;
    pipe->of_range = range;
    ParseVariables(range, *pipe);
    while (true) {
      pipe->commands.push_back(ParseCommand(where));
      if (!At(TokenKind::kPipe)) break;
      Next();
    }
    for (std::size_t i = 1; i < pipe->commands.size(); ++i) {
      if (pipe->commands[i].terms.front().kind == TermKind::kFunction ||
          !pipe->commands[i].terms.front().fields.empty()) {
        continue;
      }
      Fail(pipe->commands[i].at, "what follows a `|` must be a function");
    }
    for (const std::string& variable : pipe->variables) {
      if (!pipe->assigns) variables_.push_back(variable);
    }
    return pipe;
  }

  // "$x :=", "$x =" and, for range, "$i, $x :=".
  void ParseVariables(bool range, TemplatePipe& pipe) {
    const std::size_t start = at_;
    while (At(TokenKind::kVariable)) {
      const TemplateToken variable = Next();
      pipe.variables.push_back(variable.text);
      if (At(TokenKind::kDeclare) || At(TokenKind::kAssign)) {
        pipe.assigns = Next().kind == TokenKind::kAssign;
        if (pipe.assigns) CheckKnown(pipe.variables.back(), variable.at);
        return;
      }
      if (!range || !At(TokenKind::kComma) || pipe.variables.size() == 2) break;
      Next();
    }
    at_ = start;
    pipe.variables.clear();
  }

  void CheckKnown(const std::string& variable, TemplatePlace at) const {
    for (const std::string& known : variables_) {
      if (known == variable) return;
    }
    const auto nearest = NearestWord(variable, variables_);
    Fail(at, fmt::format(
                 "the variable {} is not defined{}", variable,
                 nearest && *nearest != "$" ? fmt::format(", did you mean {}?", *nearest) : ""));
  }

  TemplateCommand ParseCommand(const std::string& where) {
    TemplateCommand command;
    command.at = Peek().at;
    while (!At(TokenKind::kClose) && !At(TokenKind::kPipe) && !At(TokenKind::kCloseParen)) {
      if (!command.terms.empty() && !Peek().after_space && !At(TokenKind::kOpenParen)) {
        Unexpected(where);
      }
      command.terms.push_back(ParseTerm(where));
    }
    if (command.terms.empty()) {
      Fail(command.at, fmt::format("a value is missing {}", where));
    }
    return command;
  }

  TemplateTerm ParseTerm(const std::string& where) {
    TemplateTerm term;
    const TemplateToken token = Peek();
    term.at = token.at;
    bool literal = false;
    switch (token.kind) {
      case TokenKind::kDot:
        term.kind = TermKind::kDot;
        Next();
        break;
      case TokenKind::kField:
        term.kind = TermKind::kDot;
        term.fields.push_back(Next().text);
        break;
      case TokenKind::kVariable:
        CheckKnown(token.text, token.at);
        term.kind = TermKind::kVariable;
        term.name = Next().text;
        break;
      case TokenKind::kWord:
        Next();
        ParseWord(token, term);
        literal = term.kind != TermKind::kFunction;
        break;
      case TokenKind::kString:
      case TokenKind::kInteger:
      case TokenKind::kFloat:
        Next();
        term.kind = TermKind::kLiteral;
        term.literal = token.kind == TokenKind::kString    ? TemplateValue(token.text)
                       : token.kind == TokenKind::kInteger ? TemplateValue(token.integer)
                                                           : TemplateValue(token.number);
        literal = true;
        break;
      case TokenKind::kOpenParen:
        Next();
        term.kind = TermKind::kPipe;
        term.pipe = ParsePipe("in parentheses");
        if (!At(TokenKind::kCloseParen)) Unexpected("in parentheses");
        Next();
        break;
      default:
        Unexpected(where);
    }
    while (At(TokenKind::kField) && !Peek().after_space) {
      if (literal) Unexpected("after a value that has no fields");
      term.fields.push_back(Next().text);
    }
    return term;
  }

  void ParseWord(const TemplateToken& token, TemplateTerm& term) const {
    if (token.text == "true" || token.text == "false") {
      term.kind = TermKind::kLiteral;
      term.literal = TemplateValue(token.text == "true");
    } else if (token.text == "nil") {
      term.kind = TermKind::kNil;
    } else if (IsTemplateFunction(token.text)) {
      term.kind = TermKind::kFunction;
      term.name = token.text;
    } else {
      const auto nearest = NearestWord(token.text, TemplateFunctionNames());
      Fail(token.at, fmt::format("the function `{}` is not defined{}", EscapeControl(token.text),
                                 nearest ? fmt::format(", did you mean `{}`?", *nearest) : ""));
    }
  }

  // Nesting is bounded, so that no text can use up the stack.
  class Deeper {
   public:
    explicit Deeper(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > kDeepest) parser_.Fail(parser_.Peek().at, "nested too deep");
    }
    ~Deeper() { --parser_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Parser& parser_;
  };

  const std::string& name_;
  std::vector<TemplateToken> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int range_depth_ = 0;
  std::vector<std::string> variables_ = {"$"};
  TemplateTree tree_;
};

}  // namespace

absl::StatusOr<TemplateTree> ParseTemplate(const std::string& name, std::string_view text) {
  auto tokens = LexTemplate(name, text);
  if (!tokens.ok()) return tokens.status();
  try {
    return Parser(name, *std::move(tokens)).Run();
  } catch (const ParseError& error) {
    return absl::InvalidArgumentError(error.message);
  }
}

}  // namespace imglife
