// WWW-Authenticate (RFC 9110, 11.6.1), as registries write it (protocol notes 3.1).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace imglife {

struct Challenge {
  std::string scheme;  // lower case
  // Names in lower case. The first of several values of one name counts.
  std::map<std::string, std::string> parameters;

  // The parameter's value, or empty.
  std::string Parameter(const std::string& name) const;
};

// The challenges of one header's value, in its order: several schemes, values quoted (with
// backslash escapes) or bare, names in any case, and missing commas are understood. What can't be
// understood (a token68) is skipped to the next comma; a quote that isn't closed ends the reading,
// and what came before it counts. Any bytes may come in; at most 16 KiB are looked at, in linear
// time.
std::vector<Challenge> ParseChallenges(std::string_view header);

}  // namespace imglife
