#include "providers/registry/cache/small_files.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <sys/stat.h>
#include <system_error>
#include <tuple>
#include <utility>

#include "fmt/format.h"
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace imglife {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr std::size_t kShardDigits = 2;
// What a small file takes on most file systems.
constexpr std::int64_t kBlock = 4096;
// A time of use that is younger isn't written anew.
constexpr std::time_t kExactEnough = 60 * 60;
// No file takes so long to write: who began one before is gone.
constexpr std::time_t kAbandoned = 60 * 60;
// A run that writes more than this part of the bound makes room on the way.
constexpr std::int64_t kPartsWithoutRoom = 8;
constexpr std::string_view kUnfinished = "new-";

bool IsHex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsUnfinished(std::string_view name) {
  return name.substr(0, kUnfinished.size()) == kUnfinished &&
         IsHex(name.substr(kUnfinished.size()));
}

std::string ShardOf(const std::string& name) {
  return name.substr(0, kShardDigits);
}

std::int64_t RoomFor(std::int64_t bytes) {
  return (bytes + kBlock - 1) / kBlock * kBlock;
}

FileDescriptor OpenFolder(int parent, const std::string& name) {
  return FileDescriptor(
      openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// Where it can't be made, opening it fails too.
void MakeFolderIn(int parent, const std::string& name) {
  (void)mkdirat(parent, name.c_str(), kFolderMode);
}

// Missing directories above it too: XDG's rule is 0700 for them as well.
void MakeDirectories(const std::filesystem::path& path) {
  if (path.has_parent_path() && path.parent_path() != path) {
    std::error_code error;
    if (!std::filesystem::exists(path.parent_path(), error)) MakeDirectories(path.parent_path());
  }
  (void)mkdir(path.c_str(), kFolderMode);
}

std::string UnfinishedName() {
  std::random_device random;
  return fmt::format("{}{:08x}{:08x}", kUnfinished, random(), random());
}

bool WriteNew(int folder, const std::string& name, std::string_view content) {
  FileDescriptor file(openat(folder, name.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  return file.open() && WriteAll(file.number(), content) && file.Close();
}

// Nothing if it isn't `size` bytes to its end.
std::optional<std::string> ReadWhole(int file, std::size_t size) {
  std::string content(size + 1, '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t count = ReadSome(file, content.data() + filled, content.size() - filled);
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  if (filled != size) return std::nullopt;
  content.resize(size);
  return content;
}

void NoteUse(int file, const struct stat& about) {
  if (std::time(nullptr) - about.st_mtim.tv_sec < kExactEnough) return;
  (void)futimens(file, nullptr);
}

// Names in a folder, without "." and "..".
void ForEachName(int folder, const std::function<void(const std::string&)>& visit) {
  // closedir closes its descriptor, so it gets one of its own.
  const int copy = fcntl(folder, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(fdopendir(copy), &closedir);
  if (listing == nullptr) {
    close(copy);
    return;
  }
  while (const dirent* entry = readdir(listing.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") visit(name);
  }
}

struct Kept {
  std::string folder;
  std::string name;
  timespec used = {};
  std::int64_t room = 0;
};

bool UsedEarlier(const Kept& one, const Kept& other) {
  return std::tie(one.used.tv_sec, one.used.tv_nsec, one.name) <
         std::tie(other.used.tv_sec, other.used.tv_nsec, other.name);
}

// Adds the files of one shard; of those that were never finished, removes the old ones.
void ScanShard(int shard, const std::string& folder, std::vector<Kept>& kept) {
  ForEachName(shard, [&](const std::string& name) {
    struct stat about = {};
    if (fstatat(shard, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) return;
    if (!S_ISREG(about.st_mode)) return;
    if (IsHex(name)) {
      kept.push_back({folder, name, about.st_mtim, RoomFor(about.st_size)});
    } else if (IsUnfinished(name) && std::time(nullptr) - about.st_mtim.tv_sec > kAbandoned) {
      (void)unlinkat(shard, name.c_str(), 0);
    }
  });
}

std::vector<Kept> Scan(int directory, const std::vector<std::string>& folders) {
  std::vector<Kept> kept;
  for (const std::string& name : folders) {
    const FileDescriptor folder = OpenFolder(directory, name);
    if (!folder.open()) continue;
    ForEachName(folder.number(), [&](const std::string& shard_name) {
      if (shard_name.size() != kShardDigits || !IsHex(shard_name)) return;
      const FileDescriptor shard = OpenFolder(folder.number(), shard_name);
      if (shard.open()) ScanShard(shard.number(), name, kept);
    });
  }
  return kept;
}

}  // namespace

SmallFiles::SmallFiles(std::string directory, std::vector<std::string> folders,
                       std::int64_t max_bytes)
    : directory_(std::move(directory)), folders_(std::move(folders)), max_bytes_(max_bytes) {}

SmallFiles::~SmallFiles() {
  if (written_ > 0) MakeRoom();
}

FileDescriptor SmallFiles::Open() {
  return FileDescriptor(open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

int SmallFiles::Folder(const std::string& folder) {
  const std::lock_guard lock(opened_mutex_);
  FileDescriptor& opened = opened_[folder];
  if (opened.open()) return opened.number();
  const FileDescriptor directory = Open();
  if (directory.open()) opened = OpenFolder(directory.number(), folder);
  return opened.number();
}

int SmallFiles::MakeFolder(const std::string& folder) {
  const int there = Folder(folder);
  if (there >= 0) return there;
  MakeDirectories(directory_);
  if (const FileDescriptor directory = Open(); directory.open()) {
    MakeFolderIn(directory.number(), folder);
  }
  return Folder(folder);
}

FileDescriptor SmallFiles::FolderOf(const std::string& folder, const std::string& name) {
  const int outer = Folder(folder);
  return outer < 0 ? FileDescriptor() : OpenFolder(outer, ShardOf(name));
}

FileDescriptor SmallFiles::MakeFolderOf(const std::string& folder, const std::string& name) {
  FileDescriptor there = FolderOf(folder, name);
  if (there.open()) return there;
  const int outer = MakeFolder(folder);
  if (outer < 0) return {};
  MakeFolderIn(outer, ShardOf(name));
  return OpenFolder(outer, ShardOf(name));
}

std::optional<std::string> SmallFiles::Read(const std::string& folder, const std::string& name,
                                            std::size_t limit) {
  const FileDescriptor inside = FolderOf(folder, name);
  if (!inside.open()) return std::nullopt;
  // Without O_NONBLOCK a named pipe in its place would wait for a writer.
  const FileDescriptor file(
      openat(inside.number(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat about = {};
  if (!file.open() || fstat(file.number(), &about) != 0 || !S_ISREG(about.st_mode)) {
    return std::nullopt;
  }
  const auto size = static_cast<std::size_t>(about.st_size);
  if (size > limit) return std::nullopt;
  auto content = ReadWhole(file.number(), size);
  if (content) NoteUse(file.number(), about);
  return content;
}

bool SmallFiles::Has(const std::string& folder, const std::string& name) {
  const FileDescriptor inside = FolderOf(folder, name);
  struct stat about = {};
  return inside.open() &&
         fstatat(inside.number(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(about.st_mode);
}

void SmallFiles::Write(const std::string& folder, const std::string& name,
                       std::string_view content) {
  const FileDescriptor inside = MakeFolderOf(folder, name);
  if (!inside.open()) return;
  const std::string unfinished = UnfinishedName();
  if (WriteNew(inside.number(), unfinished, content) &&
      renameat(inside.number(), unfinished.c_str(), inside.number(), name.c_str()) == 0) {
    CountWritten(RoomFor(static_cast<std::int64_t>(content.size())));
  } else {
    (void)unlinkat(inside.number(), unfinished.c_str(), 0);
  }
}

void SmallFiles::Remove(const std::string& folder, const std::string& name) {
  const FileDescriptor inside = FolderOf(folder, name);
  if (inside.open()) (void)unlinkat(inside.number(), name.c_str(), 0);
}

void SmallFiles::CountWritten(std::int64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    written_ += bytes;
    if (written_ <= max_bytes_ / kPartsWithoutRoom) return;
  }
  MakeRoom();
}

void SmallFiles::MakeRoom() {
  {
    const std::lock_guard lock(mutex_);
    written_ = 0;
  }
  const FileDescriptor directory = Open();
  if (!directory.open()) return;
  std::vector<Kept> kept = Scan(directory.number(), folders_);
  std::sort(kept.begin(), kept.end(), UsedEarlier);
  std::int64_t room = 0;
  for (const Kept& file : kept) room += file.room;
  for (const Kept& oldest : kept) {
    if (room <= max_bytes_) return;
    Remove(oldest.folder, oldest.name);
    room -= oldest.room;
  }
}

}  // namespace imglife
