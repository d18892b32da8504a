// WWW-Authenticate: what is understood is understood again when it is written properly.
#include <string>

#include "providers/auth/challenge.h"
#include "tests/fuzz/fuzzing.h"

namespace imglife {
namespace {

constexpr std::size_t kMostRead = 16 << 10;

std::string Quoted(const std::string& value) {
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string Written(const std::vector<Challenge>& challenges) {
  std::string header;
  for (const Challenge& challenge : challenges) {
    header += challenge.scheme + " ";
    for (const auto& [name, value] : challenge.parameters) {
      header += name + "=" + Quoted(value) + ",";
    }
    header += ",";
  }
  return header;
}

}  // namespace
}  // namespace imglife

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  const std::vector<Challenge> challenges = ParseChallenges(TextOf(data, size));
  const std::string header = Written(challenges);
  if (header.size() > kMostRead) return 0;
  const std::vector<Challenge> again = ParseChallenges(header);
  Expect(again.size() == challenges.size(), "as many challenges are read again");
  for (std::size_t i = 0; i < again.size(); ++i) {
    Expect(!again[i].scheme.empty(), "a challenge has a scheme");
    Expect(again[i].scheme == challenges[i].scheme, "the scheme is read again");
    Expect(again[i].parameters == challenges[i].parameters, "the parameters are read again");
  }
  return 0;
}
