#include "providers/file_identity.h"

#include <algorithm>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>

#include "providers/system/links.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;

// Without links and dots, as far as the path is there; a link to nothing is followed too.
std::optional<fs::path> RealPath(const fs::path& path) {
  std::error_code error;
  fs::path target = fs::absolute(path, error);
  for (int links = 0; !error && links < kMostLinks; ++links) {
    target = fs::weakly_canonical(target, error);
    if (error) break;
    const fs::path next = fs::read_symlink(target, error);
    if (error) return target;
    target = target.parent_path() / next;
  }
  return std::nullopt;
}

}  // namespace

std::optional<FileIdentity> IdentifyFile(const std::string& path) {
  const auto real = RealPath(path);
  // What /dev/stdout leads to may have no path.
  struct stat found {};
  if (stat(real ? real->c_str() : path.c_str(), &found) == 0 || stat(path.c_str(), &found) == 0) {
    if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)) return std::nullopt;
    return FileIdentity{found.st_dev, found.st_ino, ""};
  }
  if (!real) return std::nullopt;
  return FileIdentity{0, 0, real->string()};
}

bool LiesWithin(const std::string& file, const std::string& directory) {
  return PathWithin(file, directory).has_value();
}

std::optional<std::string> PathWithin(const std::string& file, const std::string& directory) {
  const auto inner = RealPath(file);
  const auto outer = RealPath(directory);
  if (!inner || !outer) return std::nullopt;
  // One that isn't there keeps the slash at its end.
  const fs::path top = outer->has_filename() ? *outer : outer->parent_path();
  const bool within =
      std::mismatch(top.begin(), top.end(), inner->begin(), inner->end()).first == top.end();
  if (!within) return std::nullopt;
  return inner->lexically_relative(top).generic_string();
}

}  // namespace imglife
