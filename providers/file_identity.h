// Which file a path means. Free functions: there is one file system.
//
// Thread safety: any number of threads may call.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <sys/types.h>

namespace imglife {

// Equal for two paths that lead to one file, however they are spelled: over symbolic links, hard
// links, other directories, and also where the file isn't there yet.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  // Of a file that isn't there: its path without links and dots. Else empty.
  std::string path;

  friend auto operator<=>(const FileIdentity&, const FileIdentity&) = default;
};

// Nothing for what writing doesn't replace (a device, a pipe), and where it can't be told (a circle
// of links, a directory that may not be read): opening such a file says why.
std::optional<FileIdentity> IdentifyFile(const std::string& path);

// Is the file, there or not, `directory` itself or below it?
bool LiesWithin(const std::string& file, const std::string& directory);

// Its path from there, with '/' between names ("." of the directory itself); nothing if it lies
// elsewhere.
std::optional<std::string> PathWithin(const std::string& file, const std::string& directory);

}  // namespace imglife
