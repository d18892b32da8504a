#include "engine/template/parse_pipeline.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/template/template_functions.h"
#include "schema/text/escape.h"
#include "schema/text/suggest.h"

namespace imglife {
namespace {

using TokenKind = TemplateToken::Kind;
using TermKind = TemplateTerm::Kind;

bool EndsCommand(TokenKind kind) {
  return kind == TokenKind::kClose || kind == TokenKind::kPipe || kind == TokenKind::kCloseParen;
}

bool IsKeyword(std::string_view word) {
  constexpr std::string_view kKeywords[] = {"block", "break", "continue", "define",   "else",
                                            "end",   "if",    "range",    "template", "with"};
  return std::find(std::begin(kKeywords), std::end(kKeywords), word) != std::end(kKeywords);
}

}  // namespace

TemplatePipe PipelineParser::Parse(const std::string& where, bool of_range) {
  const TemplateCursor::Deeper deeper(cursor_);
  TemplatePipe pipe;
  pipe.at = cursor_.Peek().at;
  ParseVariables(of_range, pipe);
  do {
    pipe.commands.push_back(ParseCommand(where));
    if (!cursor_.At(TokenKind::kPipe)) break;
    cursor_.Next();
    // Go takes a "|" with nothing behind it.
  } while (!cursor_.At(TokenKind::kClose) && !cursor_.At(TokenKind::kCloseParen));
  CheckStages(pipe);
  return pipe;
}

// "$x :=", "$x =" and, for range, "$i, $x :=".
void PipelineParser::ParseVariables(bool of_range, TemplatePipe& pipe) {
  const std::size_t start = cursor_.position();
  std::vector<TemplateToken> names;
  while (cursor_.At(TokenKind::kVariable)) {
    names.push_back(cursor_.Next());
    if (cursor_.At(TokenKind::kDeclare) || cursor_.At(TokenKind::kAssign)) {
      pipe.assigns = cursor_.Next().kind == TokenKind::kAssign;
      for (const TemplateToken& name : names) {
        pipe.variables.push_back(name.text);
        variables_.push_back(name.text);
      }
      return;
    }
    if (!of_range || !cursor_.At(TokenKind::kComma) || names.size() == 2) break;
    cursor_.Next();
  }
  cursor_.GoBack(start);
}

void PipelineParser::CheckStages(const TemplatePipe& pipe) const {
  for (std::size_t i = 1; i < pipe.commands.size(); ++i) {
    const TemplateTerm& first = pipe.commands[i].terms.front();
    const bool is_value = first.kind == TermKind::kLiteral || first.kind == TermKind::kNil ||
                          (first.kind == TermKind::kDot && first.fields.empty());
    if (is_value) cursor_.Fail(pipe.commands[i].at, "what follows a `|` must be a function");
  }
}

void PipelineParser::CheckKnown(const TemplateToken& variable) const {
  if (std::find(variables_.begin(), variables_.end(), variable.text) != variables_.end()) return;
  const auto nearest = NearestWord(variable.text, variables_);
  cursor_.Fail(variable.at,
               fmt::format("the variable {} is not defined{}", EscapeControl(variable.text),
                           nearest && *nearest != "$"
                               ? fmt::format(", did you mean {}?", EscapeControl(*nearest))
                               : ""));
}

TemplateCommand PipelineParser::ParseCommand(const std::string& where) {
  TemplateCommand command;
  command.at = cursor_.Peek().at;
  while (!EndsCommand(cursor_.Peek().kind)) {
    if (!command.terms.empty() && !cursor_.Peek().after_space) cursor_.Unexpected(where);
    command.terms.push_back(ParseOperand(where));
  }
  if (command.terms.empty()) {
    cursor_.Fail(command.at, fmt::format("a value is missing {}", where));
  }
  return command;
}

TemplateTerm PipelineParser::ParseOperand(const std::string& where) {
  const bool of_field = cursor_.At(TokenKind::kField);
  TemplateTerm term = ParseTerm(where);
  const bool has_fields =
      of_field || term.kind == TermKind::kVariable || term.kind == TermKind::kPipe;
  while (cursor_.At(TokenKind::kField) && !cursor_.Peek().after_space) {
    if (!has_fields) cursor_.Unexpected("after a value that has no fields");
    term.fields.push_back(cursor_.Next().text);
  }
  return term;
}

TemplateTerm PipelineParser::ParseTerm(const std::string& where) {
  TemplateTerm term;
  term.at = cursor_.Peek().at;
  switch (cursor_.Peek().kind) {
    case TokenKind::kDot:
      cursor_.Next();
      return term;
    case TokenKind::kField:
      term.fields.push_back(cursor_.Next().text);
      return term;
    case TokenKind::kVariable:
      CheckKnown(cursor_.Peek());
      term.kind = TermKind::kVariable;
      term.name = cursor_.Next().text;
      return term;
    case TokenKind::kWord:
      return ParseWord();
    case TokenKind::kLiteral:
      term.kind = TermKind::kLiteral;
      term.literal = std::make_shared<TemplateValue>(cursor_.Next().literal);
      return term;
    case TokenKind::kOpenParen:
      return ParseParenthesis();
    default:
      cursor_.Unexpected(where);
  }
}

TemplateTerm PipelineParser::ParseWord() {
  const TemplateToken token = cursor_.Next();
  TemplateTerm term;
  term.at = token.at;
  if (token.text == "true" || token.text == "false") {
    term.kind = TermKind::kLiteral;
    term.literal = std::make_shared<TemplateValue>(token.text == "true");
  } else if (token.text == "nil") {
    term.kind = TermKind::kNil;
  } else if (IsTemplateFunction(token.text)) {
    term.kind = TermKind::kFunction;
    term.name = token.text;
  } else if (IsKeyword(token.text)) {
    cursor_.Fail(token.at, fmt::format("`{}` must be the first word of an action", token.text));
  } else {
    const auto nearest = NearestWord(token.text, TemplateFunctionNames());
    cursor_.Fail(token.at,
                 fmt::format("the function `{}` is not defined{}", EscapeControl(token.text),
                             nearest ? fmt::format(", did you mean `{}`?", *nearest) : ""));
  }
  return term;
}

TemplateTerm PipelineParser::ParseParenthesis() {
  TemplateTerm term;
  term.at = cursor_.Next().at;
  term.kind = TermKind::kPipe;
  term.pipe = std::make_shared<TemplatePipe>(Parse("in parentheses"));
  if (!cursor_.At(TokenKind::kCloseParen)) cursor_.Unexpected("in parentheses");
  cursor_.Next();
  return term;
}

}  // namespace imglife
