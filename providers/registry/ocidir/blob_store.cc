#include "providers/registry/ocidir/blob_store.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "fmt/format.h"
#include <unistd.h>

namespace imglife {
namespace {

constexpr std::array<std::string_view, 2> kAlgorithms = {"sha256", "sha512"};

absl::Status WrongContent(const std::string& what, const Descriptor& blob) {
  return absl::DataLossError(
      fmt::format("{} isn't {} of {} bytes", what, blob.digest.str(), blob.size));
}

// Counts and hashes what passes.
class Verifier {
 public:
  explicit Verifier(Descriptor blob) : blob_(std::move(blob)), hasher_(blob_.digest.algorithm()) {}

  // False as soon as there are too many bytes.
  bool Update(std::string_view bytes) {
    size_ += static_cast<std::int64_t>(bytes.size());
    if (size_ > blob_.size) return false;
    hasher_.Update(bytes);
    return true;
  }
  // Once, after the last Update.
  bool Matches() { return size_ == blob_.size && hasher_.Finish() == blob_.digest; }
  const Descriptor& blob() const { return blob_; }

 private:
  const Descriptor blob_;
  Hasher hasher_;
  std::int64_t size_ = 0;
};

class FileBlobReader : public ByteReader {
 public:
  FileBlobReader(FileDescriptor file, std::string path, const Descriptor& blob)
      : file_(std::move(file)), path_(std::move(path)), verifier_(blob) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    if (end_) return *end_;
    ssize_t count = 0;
    do {
      count = read(file_.number(), buffer, size);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return End(FileError(errno, "can't read", path_));
    if (count == 0 && size != 0) {
      if (!verifier_.Matches()) return End(WrongContent(path_, verifier_.blob()));
      return End(std::size_t{0});
    }
    const auto bytes = static_cast<std::size_t>(count);
    if (!verifier_.Update({buffer, bytes})) return End(WrongContent(path_, verifier_.blob()));
    return bytes;
  }

 private:
  absl::StatusOr<std::size_t> End(absl::StatusOr<std::size_t> end) {
    end_ = end;
    return end;
  }

  const FileDescriptor file_;
  const std::string path_;
  Verifier verifier_;
  std::optional<absl::StatusOr<std::size_t>> end_;
};

}  // namespace

std::string BlobStore::DirectoryOf(std::string_view algorithm) const {
  return fmt::format("{}/{}", blobs_, algorithm);
}

std::string BlobStore::PathOf(const Digest& digest) const {
  return fmt::format("{}/{}", DirectoryOf(digest.algorithm()), digest.hex());
}

absl::StatusOr<std::int64_t> BlobStore::SizeOf(const Digest& digest) const {
  return SizeOfRegularFile(PathOf(digest));
}

bool BlobStore::Has(const Descriptor& blob) const {
  const absl::StatusOr<std::int64_t> size = SizeOf(blob.digest);
  return size.ok() && *size == blob.size;
}

absl::StatusOr<std::unique_ptr<ByteReader>> BlobStore::Open(const Descriptor& blob) const {
  const std::string path = PathOf(blob.digest);
  absl::StatusOr<OpenedFile> file = OpenRegularFile(path);
  if (!file.ok()) return file.status();
  return std::make_unique<FileBlobReader>(std::move(file->descriptor), path, blob);
}

absl::StatusOr<std::string> BlobStore::ReadSmall(const Digest& digest) const {
  const std::string path = PathOf(digest);
  absl::StatusOr<std::string> bytes =
      ReadRegularFile(path, static_cast<std::size_t>(kMaxManifestBytes));
  if (bytes.ok() && !IsDigestOf(digest, *bytes)) {
    return absl::DataLossError(fmt::format("the bytes of {} have another digest", path));
  }
  return bytes;
}

absl::StatusOr<PendingFile> BlobStore::Receive(const Descriptor& blob, ByteReader& reader) const {
  absl::StatusOr<PendingFile> file = PendingFile::Create(temporary_);
  if (!file.ok()) return file.status();
  Verifier verifier(blob);
  std::vector<char> buffer(std::size_t{256} << 10);
  for (;;) {
    const absl::StatusOr<std::size_t> count = reader.Read(buffer.data(), buffer.size());
    if (!count.ok()) return count.status();
    if (*count == 0) break;
    const std::string_view bytes(buffer.data(), *count);
    if (!verifier.Update(bytes)) return WrongContent("what was to be stored", blob);
    absl::Status status = file->Write(bytes);
    if (!status.ok()) return status;
  }
  if (!verifier.Matches()) return WrongContent("what was to be stored", blob);
  return file;
}

absl::Status BlobStore::Commit(PendingFile file, const Digest& digest) const {
  absl::Status status = MakeDirectories(DirectoryOf(digest.algorithm()));
  if (!status.ok()) return status;
  return file.Commit(PathOf(digest));
}

absl::Status BlobStore::Store(const Digest& digest, std::string_view bytes) const {
  absl::StatusOr<PendingFile> file = PendingFile::Create(temporary_);
  if (!file.ok()) return file.status();
  absl::Status status = file->Write(bytes);
  if (!status.ok()) return status;
  return Commit(*std::move(file), digest);
}

bool BlobStore::Link(const BlobStore& source, const Descriptor& blob) const {
  if (!source.Has(blob) || !MakeDirectories(DirectoryOf(blob.digest.algorithm())).ok()) {
    return false;
  }
  if (link(source.PathOf(blob.digest).c_str(), PathOf(blob.digest).c_str()) != 0) return false;
  return SyncDirectory(DirectoryOf(blob.digest.algorithm())).ok();
}

bool BlobStore::IsShared(std::string_view algorithm) const {
  std::error_code error;
  return std::filesystem::is_symlink(blobs_, error) ||
         std::filesystem::is_symlink(DirectoryOf(algorithm), error);
}

absl::Status BlobStore::Remove(const Digest& digest) const {
  if (IsShared(digest.algorithm())) return absl::OkStatus();
  const std::string path = PathOf(digest);
  if (unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return absl::NotFoundError(fmt::format("there is no file {}", path));
    return FileError(errno, "can't remove", path);
  }
  return absl::OkStatus();
}

bool BlobStore::IsYounger(const Digest& digest, std::chrono::seconds age) const {
  std::error_code error;
  const auto written = std::filesystem::last_write_time(PathOf(digest), error);
  return error || std::filesystem::file_time_type::clock::now() - written < age;
}

absl::StatusOr<std::vector<Digest>> BlobStore::List() const {
  std::vector<Digest> digests;
  std::error_code error;
  for (const std::string_view algorithm : kAlgorithms) {
    const std::string directory = DirectoryOf(algorithm);
    if (IsShared(algorithm)) {
      return absl::FailedPreconditionError(
          fmt::format("{} is behind a symbolic link: others may need what it holds", directory));
    }
    if (!std::filesystem::exists(directory, error)) continue;
    std::filesystem::directory_iterator file(directory, error);
    for (; !error && file != std::filesystem::directory_iterator(); file.increment(error)) {
      absl::StatusOr<Digest> digest =
          Digest::Parse(fmt::format("{}:{}", algorithm, file->path().filename().string()));
      if (digest.ok()) digests.push_back(*std::move(digest));
    }
    if (error) return FileError(error.value(), "can't list", directory);
  }
  std::sort(digests.begin(), digests.end());
  return digests;
}

bool IsDigestOf(const Digest& digest, std::string_view bytes) {
  if (digest.empty()) return false;
  Hasher hasher(digest.algorithm());
  hasher.Update(bytes);
  return hasher.Finish() == digest;
}

}  // namespace imglife
