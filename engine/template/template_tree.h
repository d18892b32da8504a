// A parsed template.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/template/template.h"
#include "engine/template/template_error.h"

namespace imglife {

// Values are shared, never copied, while a template is rendered.
using TemplateRef = std::shared_ptr<const TemplateValue>;

struct TemplatePipe;

// One operand: a literal, a name, or a pipeline in parentheses; `fields` are looked up in it.
struct TemplateTerm {
  enum class Kind { kLiteral, kNil, kDot, kVariable, kFunction, kPipe };
  Kind kind = Kind::kDot;
  TemplatePlace at;
  std::string name;     // of a variable ("$", "$x") or function
  TemplateRef literal;  // of kLiteral
  std::shared_ptr<const TemplatePipe> pipe;
  std::vector<std::string> fields;
};

struct TemplateCommand {
  TemplatePlace at;
  std::vector<TemplateTerm> terms;  // at least one
};

struct TemplatePipe {
  TemplatePlace at;
  std::vector<std::string> variables;  // declared or assigned, with their "$"; two only in range
  bool assigns = false;
  std::vector<TemplateCommand> commands;  // at least one
};

struct TemplateNode;
using TemplateNodes = std::vector<TemplateNode>;

struct TemplateBranch {
  TemplatePipe pipe;
  TemplateNodes body;
};

struct TemplateNode {
  enum class Kind { kText, kAction, kIf, kWith, kRange, kTemplate, kBreak, kContinue };
  Kind kind = Kind::kText;
  TemplatePlace at;
  std::string text;                          // or the name of the template that is called
  std::shared_ptr<const TemplatePipe> pipe;  // kAction; kTemplate, null without an argument
  std::vector<TemplateBranch> branches;      // kIf, kWith: tried in order; kRange: one
  TemplateNodes otherwise;                   // {{else}} of the last branch
};

// The bodies by their names. The text outside of {{define}} has the name that it was parsed under.
using TemplateTree = std::map<std::string, TemplateNodes>;

// InvalidArgument "NAME:LINE:COL: what is wrong"; ResourceExhausted for a text that is too large.
// A tree is at most kDeepestNesting deep.
absl::StatusOr<TemplateTree> ParseTemplate(const std::string& name, std::string_view text);

// Blocks and parentheses inside of each other.
inline constexpr int kDeepestNesting = 100;

}  // namespace imglife
