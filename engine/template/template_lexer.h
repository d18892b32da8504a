// The text of a template as tokens (Go's text/template/parse, lex.go).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

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
    kString,    // interpreted already
    kInteger,
    kFloat,
    kPipe,
    kOpenParen,
    kCloseParen,
    kComma,
    kDeclare,  // :=
    kAssign,   // =
    kEnd,
  };
  Kind kind = Kind::kEnd;
  std::string text;
  std::int64_t integer = 0;
  double number = 0;
  TemplatePlace at;
  bool after_space = false;
};

// Comments are gone and trim markers are carried out. InvalidArgument names the place.
absl::StatusOr<std::vector<TemplateToken>> LexTemplate(const std::string& name,
                                                       std::string_view text);

}  // namespace imglife
