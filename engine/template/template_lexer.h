// The text of a template as tokens (Go's text/template/parse, lex.go).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/template/template.h"
#include "engine/template/template_error.h"

namespace imglife {

struct TemplateToken {
  enum class Kind {
    kText,      // outside of actions
    kOpen,      // {{
    kClose,     // }}
    kField,     // .Name: `text` is "Name"
    kDot,       // .
    kVariable,  // $ or $name
    kWord,      // identifier or keyword
    kLiteral,   // a string, character or number: `literal` is its value
    kPipe,
    kOpenParen,
    kCloseParen,
    kComma,
    kDeclare,  // :=
    kAssign,   // =
    kEnd,
  };
  Kind kind = Kind::kEnd;
  std::string text;  // as written, but for kText and kField
  TemplateValue literal;
  TemplatePlace at;
  bool after_space = false;
};

// Comments are gone and trim markers are carried out; parentheses come in pairs. InvalidArgument
// names the place. ResourceExhausted for text above 4 MiB.
absl::StatusOr<std::vector<TemplateToken>> LexTemplate(const std::string& name,
                                                       std::string_view text);

}  // namespace imglife
