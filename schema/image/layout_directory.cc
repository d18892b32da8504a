#include "schema/image/layout_directory.h"

#include <filesystem>

namespace imglife {

std::string LayoutDirectory(const Repository& layout, std::string_view root) {
  std::string directory = (std::filesystem::path(root) / layout.path).lexically_normal().string();
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  return directory.empty() ? "." : directory;
}

}  // namespace imglife
