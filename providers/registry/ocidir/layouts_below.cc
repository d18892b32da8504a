#include "providers/registry/ocidir/layouts_below.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "fmt/format.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;

// Deeper than any registry's path goes.
constexpr int kDeepestDirectory = 16;

absl::Status Unreadable(const fs::path& path, const std::error_code& error) {
  return absl::UnavailableError(fmt::format("can't read {}: {}", path.string(), error.message()));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> LayoutsBelow(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator at(directory, error);
  if (error == std::errc::no_such_file_or_directory) return names;
  if (error) return Unreadable(directory, error);
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (error) return Unreadable(directory, error);
    if (!at->is_directory(error) || at->is_symlink(error)) continue;
    if (fs::exists(at->path() / "oci-layout", error)) {
      names.push_back(fs::relative(at->path(), directory, error).generic_string());
      at.disable_recursion_pending();
    } else if (at.depth() >= kDeepestDirectory) {
      at.disable_recursion_pending();
    }
  }
  if (error) return Unreadable(directory, error);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace imglife
