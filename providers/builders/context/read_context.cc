#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"
#include <unistd.h>

#include "providers/build_context.h"
#include "providers/files.h"

namespace imglife {
namespace {

absl::Status CannotRead(const std::string& path, int error) {
  return absl::ErrnoToStatus(error, fmt::format("can't read {}", path));
}

absl::StatusOr<Digest> DigestOfLink(const std::string& path) {
  std::array<char, 4096> target{};
  const ssize_t length = readlink(path.c_str(), target.data(), target.size());
  if (length < 0) return CannotRead(path, errno);
  Hasher hasher;
  hasher.Update("link\n");
  hasher.Update({target.data(), static_cast<std::size_t>(length)});
  return hasher.Finish();
}

absl::StatusOr<Digest> DigestOfFile(const std::string& path, bool executable) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (file == nullptr) return CannotRead(path, errno);
  Hasher hasher;
  hasher.Update(executable ? "program\n" : "file\n");
  std::vector<char> buffer(std::size_t{64} << 10);
  for (;;) {
    const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get());
    hasher.Update({buffer.data(), count});
    if (count < buffer.size()) break;
  }
  if (std::ferror(file.get()) != 0) return CannotRead(path, errno);
  return hasher.Finish();
}

absl::StatusOr<Digest> DigestOf(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) return CannotRead(path, errno);
  if (S_ISLNK(found.st_mode)) return DigestOfLink(path);
  // As git: the owner's right counts.
  return DigestOfFile(path, (found.st_mode & S_IXUSR) != 0);
}

}  // namespace

absl::StatusOr<DockerIgnore> ReadDockerIgnore(const std::string& directory) {
  const std::string path = directory + "/.dockerignore";
  const absl::StatusOr<std::string> content = ReadFile(path);
  if (absl::IsNotFound(content.status())) return DockerIgnore();
  if (!content.ok()) return content.status();
  absl::StatusOr<DockerIgnore> ignore = DockerIgnore::Parse(*content);
  if (!ignore.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{}/{}", directory, std::string(ignore.status().message())));
  }
  return ignore;
}

absl::StatusOr<std::vector<ContextFile>> ReadContext(const std::string& directory) {
  const absl::StatusOr<DockerIgnore> ignore = ReadDockerIgnore(directory);
  if (!ignore.ok()) return ignore.status();
  const absl::StatusOr<std::vector<std::string>> paths =
      ListTree(directory, [&](const std::string& below) { return ignore->IgnoresAllBelow(below); });
  if (!paths.ok()) return paths.status();
  std::vector<ContextFile> files;
  for (const std::string& path : *paths) {
    if (ignore->Ignores(path)) continue;
    absl::StatusOr<Digest> digest = DigestOf(directory + "/" + path);
    if (!digest.ok()) return digest.status();
    files.push_back({path, *std::move(digest)});
  }
  return files;
}

}  // namespace imglife
