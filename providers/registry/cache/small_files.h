// A directory of small files that are worth something but not needed: whatever stands in the way of
// reading or writing one (permissions, a full disk, a link in its place) makes it absent.
//
// FOLDER/AB/NAME, where AB are the first two characters of NAME. Files have the mode 0600 and
// folders 0700, are written under another name and renamed, so that a reader sees a whole file or
// none, and links below the directory are never followed. Their times of change say when they were
// last used.
//
// Thread safety: any number of threads and processes may use one directory.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/system/file_descriptor.h"

namespace imglife {

class SmallFiles {
 public:
  // Makes nothing before the first file is written. `folders` are all that there will be, and names
  // are of lower-case hexadecimal digits, at least three: nothing else in the directory is touched.
  // `max_bytes`: of room on the disk.
  SmallFiles(std::string directory, std::vector<std::string> folders, std::int64_t max_bytes);
  // If anything was written, makes room as MakeRoom does.
  ~SmallFiles();
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;

  // A file of more than `limit` bytes counts as absent.
  std::optional<std::string> Read(const std::string& folder, const std::string& name,
                                  std::size_t limit);
  bool Has(const std::string& folder, const std::string& name);
  void Write(const std::string& folder, const std::string& name, std::string_view content);
  void Remove(const std::string& folder, const std::string& name);

  // Removes the files that were used longest ago until the rest is within `max_bytes`, and what
  // processes that died have left.
  void MakeRoom();

 private:
  // The directory that holds the file; closed if there is none.
  FileDescriptor FolderOf(const std::string& folder, const std::string& name);
  FileDescriptor MakeFolderOf(const std::string& folder, const std::string& name);
  // Stays open; negative if there is none.
  int Folder(const std::string& folder);
  int MakeFolder(const std::string& folder);
  FileDescriptor Open();
  void CountWritten(std::int64_t bytes);

  const std::string directory_;
  const std::vector<std::string> folders_;
  const std::int64_t max_bytes_;
  std::mutex opened_mutex_;
  std::map<std::string, FileDescriptor> opened_;
  // Guards the number alone: who writes doesn't wait for who makes room.
  std::mutex mutex_;
  // Since room was made the last time.
  std::int64_t written_ = 0;
};

}  // namespace imglife
