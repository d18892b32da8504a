// Pipelines: what stands inside of {{ }}, behind the keyword if there is one.
#pragma once

#include <string>
#include <vector>

#include "engine/template/template_cursor.h"
#include "engine/template/template_tree.h"

namespace imglife {

// `cursor` must outlive it. Failures are thrown as TemplateFailure.
class PipelineParser {
 public:
  explicit PipelineParser(TemplateCursor& cursor) : cursor_(cursor) {}

  // Up to "}}", which stays. `where` is for messages: "in if". Two variables only if `of_range`.
  // The variables that it declares are known from here on.
  TemplatePipe Parse(const std::string& where, bool of_range = false);

  // The variables that the text can use now. Who opens a block restores them at its end.
  std::vector<std::string>& variables() { return variables_; }

 private:
  void ParseVariables(bool of_range, TemplatePipe& pipe);
  TemplateCommand ParseCommand(const std::string& where);
  TemplateTerm ParseOperand(const std::string& where);
  TemplateTerm ParseTerm(const std::string& where);
  TemplateTerm ParseWord();
  TemplateTerm ParseParenthesis();
  void CheckStages(const TemplatePipe& pipe) const;
  void CheckKnown(const TemplateToken& variable) const;

  TemplateCursor& cursor_;
  std::vector<std::string> variables_ = {"$"};
};

}  // namespace imglife
