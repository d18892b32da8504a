// A parsed template.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/template/template.h"
#include "engine/template/template_error.h"

namespace imglife {

struct TemplatePipe;

// One operand: a literal, a name, or a pipeline in parentheses; `fields` are looked up in it.
struct TemplateTerm {
  enum class Kind { kLiteral, kNil, kDot, kVariable, kFunction, kPipe };
  Kind kind = Kind::kDot;
  TemplatePlace at;
  std::string name;  // of a variable ("$", "$x") or function
  TemplateValue literal;
  std::shared_ptr<TemplatePipe> pipe;
  std::vector<std::string> fields;
};

struct TemplateCommand {
  TemplatePlace at;
  std::vector<TemplateTerm> terms;
};

struct TemplatePipe {
  TemplatePlace at;
  std::vector<std::string> variables;  // declared or assigned, with their "$"
  bool assigns = false;
  bool of_range = false;
  std::vector<TemplateCommand> commands;
};

struct TemplateNode;
using TemplateNodes = std::vector<TemplateNode>;

struct TemplateNode {
  enum class Kind { kText, kAction, kIf, kWith, kRange, kTemplate, kBreak, kContinue };
  Kind kind = Kind::kText;
  TemplatePlace at;
  std::string text;                    // or the name of the template that is called
  std::shared_ptr<TemplatePipe> pipe;  // null for {{template "x"}} without an argument
  TemplateNodes body;
  TemplateNodes otherwise;
};

struct TemplateTree {
  TemplateNodes body;
  std::map<std::string, TemplateNodes> defined;
};

// InvalidArgument: "NAME:LINE:COL: what is wrong".
absl::StatusOr<TemplateTree> ParseTemplate(const std::string& name, std::string_view text);

}  // namespace imglife
