#include "engine/template/template_cursor.h"

#include <fmt/format.h>

#include "engine/template/template_tree.h"
#include "schema/text/escape.h"

namespace imglife {

void TemplateCursor::Close(std::string_view where) {
  if (!At(Kind::kClose)) Unexpected(where);
  Next();
}

void TemplateCursor::Fail(TemplatePlace at, std::string_view what) const {
  throw TemplateFailure{absl::InvalidArgumentError(PlacedMessage(name_, at, what))};
}

void TemplateCursor::Unexpected(std::string_view where) const {
  const TemplateToken& token = Peek();
  if (At(Kind::kEnd)) Fail(token.at, fmt::format("the template ends {}", where));
  const std::string dot = At(Kind::kField) ? "." : "";
  const std::string text = At(Kind::kDot) ? "." : dot + EscapeControl(token.text);
  Fail(token.at, fmt::format("unexpected `{}` {}", text, where));
}

TemplateCursor::Deeper::Deeper(TemplateCursor& cursor) : cursor_(cursor) {
  if (cursor.depth_ == kDeepestNesting) {
    cursor.Fail(cursor.Peek().at, fmt::format("nested deeper than {} levels", kDeepestNesting));
  }
  ++cursor.depth_;
}

}  // namespace imglife
