// The tokens of a template, read one after the other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/template/template_lexer.h"

namespace imglife {

// `name` must outlive it; the tokens end with kEnd, which is never passed.
class TemplateCursor {
 public:
  using Kind = TemplateToken::Kind;

  TemplateCursor(const std::string& name, std::vector<TemplateToken> tokens)
      : name_(name), tokens_(std::move(tokens)) {}

  const TemplateToken& Peek() const { return tokens_[position_]; }
  const TemplateToken& Next() {
    const TemplateToken& token = Peek();
    if (position_ + 1 < tokens_.size()) ++position_;
    return token;
  }
  bool At(Kind kind) const { return Peek().kind == kind; }
  bool AtWord(std::string_view word) const { return At(Kind::kWord) && Peek().text == word; }

  std::size_t position() const { return position_; }
  void GoBack(std::size_t position) { position_ = position; }

  // Passes the "}}" that must follow.
  void Close(std::string_view where);

  [[noreturn]] void Fail(TemplatePlace at, std::string_view what) const;
  // What comes next has no place `where` it is.
  [[noreturn]] void Unexpected(std::string_view where) const;

  // One level of nesting, for as long as it lives: no text can use up the stack.
  class Deeper {
   public:
    explicit Deeper(TemplateCursor& cursor);
    ~Deeper() { --cursor_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    TemplateCursor& cursor_;
  };

 private:
  const std::string& name_;
  std::vector<TemplateToken> tokens_;
  std::size_t position_ = 0;
  int depth_ = 0;
};

}  // namespace imglife
