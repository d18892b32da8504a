// One pattern of a .dockerignore, as moby's patternmatcher reads it: Go's filepath.Match (`*` and
// `?` stop at '/', `[a-z]`, `[^a-z]`, `\` takes the next character as it is), and `**` for any
// number of directories, none included. Upper and lower case differ.
//
// Thread safety: constant once made.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace imglife {

class PathPattern {
 public:
  // InvalidArgument says what is malformed.
  static absl::StatusOr<PathPattern> Parse(std::string_view pattern);

  // Does the pattern match the whole path? Time is proportional to the length of the pattern times
  // that of the path.
  bool Matches(std::string_view path) const;
  // May it match a path below the directory? No is certain.
  bool MayMatchBelow(std::string_view directory) const;

 private:
  class Parser;

  enum class Kind {
    kCharacter,
    kNotSlash,           // ?
    kClass,              // [...]
    kWithinName,         // *
    kDirectories,        // ** before something else: "(.*/)?", with the next one
    kInsideDirectories,  // always follows kDirectories
    kEverything,         // ** at the end
  };
  struct Token {
    Kind kind = Kind::kCharacter;
    char32_t character = 0;
    bool negated = false;
    std::vector<std::pair<char32_t, char32_t>> ranges;
  };

  static bool Accepts(const Token& token, char32_t character);
  void Enter(std::size_t position, std::vector<bool>& positions) const;
  // How much of the pattern `text` can have used up; all of it where it matches.
  std::vector<bool> PositionsAfter(std::string_view text) const;

  std::vector<Token> tokens_;
};

}  // namespace imglife
