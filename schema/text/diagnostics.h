// What a reader of user-written text says about it: findings with a place, never printed here.
//
// Thread safety: values; a Findings object belongs to one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace imglife {

// A place in a text file. Lines and columns count from 1 (columns in bytes); 0 means "not known".
struct SourcePosition {
  int line = 0;
  int column = 0;

  friend auto operator<=>(const SourcePosition&, const SourcePosition&) = default;
};

enum class Severity { kError, kWarning };

// A second place that explains a finding ("first defined here").
struct Note {
  SourcePosition at;
  std::string message;
};

// One thing that is wrong. `code` is stable between releases ("unknown-key"); `path` is the field's
// ("sync.entries[1].tag_regex", empty for the whole file); `suggestion` is a replacement or empty.
struct Finding {
  std::string code;
  Severity severity = Severity::kError;
  SourcePosition at;
  std::string path;
  std::string message;
  std::string suggestion;
  std::vector<Note> notes;
  // The source line holds a secret and must be shown as ***.
  bool hides_source = false;
};

// Collects findings; keeps the first kMost and counts the rest.
class Findings {
 public:
  static constexpr std::size_t kMost = 50;

  void Add(Finding finding);
  bool HasErrors() const { return errors_ > 0; }
  // Sorted by position, then code.
  std::vector<Finding> Sorted() const;
  // How many were left out because there were more than kMost.
  std::size_t Omitted() const { return omitted_; }

 private:
  std::vector<Finding> findings_;
  std::size_t errors_ = 0;
  std::size_t omitted_ = 0;
};

// "FILE:LINE:COL: error: PATH: MESSAGE", the source line, a caret, and notes likewise; ends with a
// newline. Control bytes of `source` are shown escaped.
std::string RenderFinding(std::string_view file, std::string_view source, const Finding& finding);

// The document of `imglife validate --json`, ends with a newline.
std::string FindingsAsJson(std::string_view file, const Findings& findings);

}  // namespace imglife
