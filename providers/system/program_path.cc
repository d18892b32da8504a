#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/stat.h>

#include <unistd.h>

#include "providers/process.h"

namespace imglife {
namespace {

bool IsProgram(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
         access(path.c_str(), X_OK) == 0;
}

}  // namespace

bool HasProgram(const std::string& name) {
  if (name.empty()) return false;
  if (name.find('/') != std::string::npos) return IsProgram(name);
  const char* const variable = std::getenv("PATH");
  // What posix_spawnp searches without one.
  std::string_view rest = variable == nullptr ? "/bin:/usr/bin" : variable;
  for (;;) {
    const std::size_t colon = rest.find(':');
    const std::string_view entry = rest.substr(0, colon);
    const std::string directory(entry.empty() ? "." : entry);
    if (IsProgram(directory + "/" + name)) return true;
    if (colon == std::string_view::npos) return false;
    rest.remove_prefix(colon + 1);
  }
}

}  // namespace imglife
