// A Dockerfile instruction by instruction, as its bytes are (Dockerfile reference: "Parser
// directives", line continuation, "Here-Documents"). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace imglife {

bool EqualIgnoringCase(std::string_view a, std::string_view b);

// What it gives are parts of the text that it reads, which must outlive it.
class DockerfileReader {
 public:
  explicit DockerfileReader(std::string_view dockerfile);

  bool AtEnd() const { return rest_.empty(); }

  // One instruction with the lines that continue it, or one comment.
  std::string_view TakeInstruction();

  // The here-documents that `instruction`, which was just taken, starts: no instructions. Empty if
  // it has none.
  std::string_view TakeDocuments(std::string_view instruction);

  // The next word of an instruction from `at` on; `at` is then behind it. Empty at the end.
  std::string_view NextWord(std::string_view instruction, std::size_t& at) const;

  // The instruction as one line, without what continues it and the comments between its lines.
  std::string JoinLines(std::string_view instruction) const;

  // The length of `instruction` without what says that it goes on, where the text ends before it
  // does; the whole length otherwise.
  std::size_t OpenEnd(std::string_view instruction) const;

  // The character that continues lines, and takes the meaning of the one behind it.
  char escape() const { return escape_; }

 private:
  std::string_view TakeLine();
  bool Continues(std::string_view line) const;
  bool EndsLine(std::string_view text, std::size_t at) const;
  void TakeDocument(const std::string& name, bool strips_tabs);

  std::string_view rest_;
  char escape_;
};

}  // namespace imglife
