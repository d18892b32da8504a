#include "providers/registry/ocidir/layout.h"

#include <cerrno>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include <unistd.h>

#include "providers/registry/ocidir/entry_roles.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

constexpr std::size_t kMaxIndexBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxVersionBytes = 4096;
constexpr std::string_view kVersionFile = "{\"imageLayoutVersion\":\"1.0.0\"}\n";

// `.imglife` beside what the specification names.
std::string OwnDirectory(const std::string& directory) {
  return directory + "/.imglife";
}

Descriptor Describe(const ManifestBytes& manifest, const Manifest& parsed) {
  Descriptor descriptor;
  descriptor.media_type = manifest.media_type;
  descriptor.digest = manifest.digest;
  descriptor.size = static_cast<std::int64_t>(manifest.content.size());
  descriptor.artifact_type = parsed.artifact_type;
  return descriptor;
}

}  // namespace

Layout::Layout(std::string directory)
    : directory_(std::move(directory)),
      blobs_(directory_, OwnDirectory(directory_)),
      graph_(blobs_) {}

absl::StatusOr<std::optional<LayoutIndex>> Layout::ReadIndex() const {
  const absl::StatusOr<std::string> content = ReadRegularFile(File("index.json"), kMaxIndexBytes);
  if (absl::IsNotFound(content.status())) {
    std::error_code error;
    if (std::filesystem::exists(File("oci-layout"), error) ||
        std::filesystem::exists(File("blobs"), error)) {
      return absl::DataLossError(
          fmt::format("{} is an image layout whose index.json is missing", directory_));
    }
    return std::optional<LayoutIndex>();
  }
  if (!content.ok()) return content.status();
  absl::Status version = CheckVersion();
  if (!version.ok()) return version;
  absl::StatusOr<LayoutIndex> index = LayoutIndex::Parse(*content);
  if (!index.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: {}", directory_, std::string(index.status().message())));
  }
  return std::optional<LayoutIndex>(*std::move(index));
}

absl::Status Layout::CheckVersion() const {
  const std::string path = File("oci-layout");
  const absl::StatusOr<std::string> content = ReadRegularFile(path, kMaxVersionBytes);
  // index.json is written first.
  if (absl::IsNotFound(content.status())) return absl::OkStatus();
  if (!content.ok()) return content.status();
  const auto document = nlohmann::json::parse(*content, nullptr, false);
  if (document.is_object()) {
    const auto version = document.find("imageLayoutVersion");
    if (version != document.end() && version->is_string() &&
        version->get<std::string>().rfind("1.", 0) == 0) {
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(fmt::format("{}: imageLayoutVersion must be 1.0.0", path));
}

absl::StatusOr<ManifestBytes> Layout::ReadManifest(const LayoutIndex& index,
                                                   const Digest& digest) const {
  const absl::Status none =
      absl::NotFoundError(fmt::format("{} has no manifest {}", directory_, digest.str()));
  const LayoutEntry* entry = index.FindDigest(digest);
  if (entry == nullptr) {
    const absl::StatusOr<std::int64_t> size = blobs_.SizeOf(digest);
    if (absl::IsNotFound(size.status())) return none;
    if (size.ok() && *size > kMaxManifestBytes) return none;
  }
  absl::StatusOr<std::string> content = blobs_.ReadSmall(digest);
  if (absl::IsNotFound(content.status())) {
    return absl::DataLossError(
        fmt::format("{}: index.json names {}, which isn't there", directory_, digest.str()));
  }
  if (!content.ok()) return content.status();
  ManifestBytes manifest;
  manifest.media_type =
      entry != nullptr ? entry->descriptor.media_type : SniffManifestType(*content);
  if (manifest.media_type.empty()) return none;
  manifest.content = *std::move(content);
  manifest.digest = digest;
  return manifest;
}

absl::StatusOr<bool> Layout::KeepIfPresent(const Digest& digest) {
  const std::lock_guard lock(mutex_);
  const absl::StatusOr<std::int64_t> size = blobs_.SizeOf(digest);
  if (absl::IsNotFound(size.status())) return false;
  if (!size.ok()) return size.status();
  kept_.insert(digest);
  return true;
}

absl::StatusOr<PushOutcome> Layout::PushBlob(const Descriptor& blob, const OpenBlob& open,
                                             const std::vector<const BlobStore*>& mount_from) {
  {
    const std::lock_guard lock(mutex_);
    absl::Status ready = MakeLayout();
    if (!ready.ok()) return ready;
    if (blobs_.Has(blob)) {
      kept_.insert(blob.digest);
      return PushOutcome::kPresent;
    }
    for (const BlobStore* source : mount_from) {
      if (!blobs_.Link(*source, blob)) continue;
      kept_.insert(blob.digest);
      return PushOutcome::kMounted;
    }
  }
  for (const BlobStore* source : mount_from) {
    absl::StatusOr<std::unique_ptr<ByteReader>> reader = source->Open(blob);
    if (!reader.ok()) continue;
    absl::StatusOr<PushOutcome> outcome = Upload(blob, **reader, PushOutcome::kMounted);
    if (!absl::IsDataLoss(outcome.status())) return outcome;
  }
  absl::StatusOr<std::unique_ptr<ByteReader>> reader = open();
  if (!reader.ok()) return reader.status();
  return Upload(blob, **reader, PushOutcome::kUploaded);
}

absl::StatusOr<PushOutcome> Layout::Upload(const Descriptor& blob, ByteReader& reader,
                                           PushOutcome outcome) {
  {
    const std::lock_guard lock(mutex_);
    ++uploads_;
  }
  absl::StatusOr<PendingFile> file = blobs_.Receive(blob, reader);
  const std::lock_guard lock(mutex_);
  --uploads_;
  if (!file.ok()) return file.status();
  absl::Status status = blobs_.Commit(*std::move(file), blob.digest);
  if (!status.ok()) return status;
  kept_.insert(blob.digest);
  return outcome;
}

absl::Status Layout::MakeLayout() {
  // The lease tells that this object has been here before.
  if (lease_) return absl::OkStatus();
  return BeginChange(IfMissing::kMake).status();
}

absl::StatusOr<Layout::Change> Layout::BeginChange(IfMissing if_missing) {
  if (if_missing == IfMissing::kFail) {
    const absl::StatusOr<std::optional<LayoutIndex>> index = ReadIndex();
    if (!index.ok()) return index.status();
    if (!*index) return absl::NotFoundError(fmt::format("{} is no image layout", directory_));
  }
  absl::Status made = MakeDirectories(OwnDirectory(directory_));
  if (!made.ok()) return made;
  absl::StatusOr<FileLock> lock = FileLock::Acquire(OwnDirectory(directory_) + "/lock");
  if (!lock.ok()) return lock.status();
  absl::StatusOr<std::optional<LayoutIndex>> index = ReadIndex();
  if (!index.ok()) return index.status();
  if (!lease_) {
    absl::StatusOr<WriterLease> lease = WriterLease::Take(OwnDirectory(directory_) + "/writers");
    if (!lease.ok()) return lease.status();
    lease_.emplace(*std::move(lease));
  }
  if (!*index) {
    index->emplace();
    absl::Status status = WriteIndex(**index);
    if (!status.ok()) return status;
  }
  if (absl::IsNotFound(SizeOfRegularFile(File("oci-layout")).status())) {
    absl::Status status = WriteFile("oci-layout", kVersionFile);
    if (!status.ok()) return status;
  }
  return Change{*std::move(lock), **std::move(index)};
}

absl::Status Layout::WriteFile(const std::string& name, std::string_view content) const {
  absl::StatusOr<PendingFile> file = PendingFile::Create(OwnDirectory(directory_));
  if (!file.ok()) return file.status();
  absl::Status status = file->Write(content);
  if (!status.ok()) return status;
  return file->Commit(File(name));
}

absl::Status Layout::WriteIndex(const LayoutIndex& index) const {
  return WriteFile("index.json", index.Serialize());
}

absl::Status Layout::PutManifest(const std::string& tag, const ManifestBytes& manifest) {
  const absl::StatusOr<Manifest> parsed = ParseManifest(manifest.media_type, manifest.content);
  if (!parsed.ok()) return parsed.status();
  const std::lock_guard lock(mutex_);
  absl::StatusOr<Change> change = BeginChange(IfMissing::kMake);
  if (!change.ok()) return change.status();
  absl::Status status = CheckParts(*parsed);
  if (!status.ok()) return status;
  const Descriptor descriptor = Describe(manifest, *parsed);
  if (!blobs_.ReadSmall(manifest.digest).ok()) {
    status = blobs_.Store(manifest.digest, manifest.content);
    if (!status.ok()) return status;
  }
  bool changed = false;
  if (!tag.empty()) {
    changed = change->index.SetName(tag, descriptor);
  } else if (parsed->subject) {
    changed = change->index.AddUnnamed(descriptor);
  } else {
    kept_.insert(manifest.digest);
  }
  if (changed) {
    status = WriteIndex(change->index);
    if (!status.ok()) return status;
  }
  std::set<Digest> named;
  if (change->index.FindDigest(manifest.digest) != nullptr &&
      graph_.Reach({descriptor}, named).ok()) {
    for (const Digest& digest : named) kept_.erase(digest);
  }
  return absl::OkStatus();
}

absl::Status Layout::CheckParts(const Manifest& manifest) const {
  const std::vector<Descriptor>& parts = manifest.is_index ? manifest.children : manifest.layers;
  const auto missing = [&](const Descriptor& part) {
    return absl::FailedPreconditionError(
        fmt::format("{} lacks {}, which the manifest needs", directory_, part.digest.str()));
  };
  if (!manifest.is_index && !blobs_.Has(manifest.config)) return missing(manifest.config);
  for (const Descriptor& part : parts) {
    if (part.urls.empty() && !blobs_.Has(part)) return missing(part);
  }
  return absl::OkStatus();
}

absl::Status Layout::RemoveTag(const std::string& tag, const Digest& expected) {
  const std::lock_guard lock(mutex_);
  absl::StatusOr<Change> change = BeginChange(IfMissing::kFail);
  if (!change.ok()) return change.status();
  const LayoutEntry* entry = change->index.FindName(tag);
  if (entry == nullptr)
    return absl::NotFoundError(fmt::format("{} has no tag {}", directory_, tag));
  if (entry->descriptor.digest != expected) {
    return absl::AbortedError(fmt::format("it names {} now, not {}; it was left as it is",
                                          entry->descriptor.digest.str(), expected.str()));
  }
  const std::set<Digest> before = FindNeeded(change->index).value_or(std::set<Digest>());
  change->index.RemoveName(tag);
  absl::Status status = WriteIndex(change->index);
  if (!status.ok()) return status;
  Collect(before, change->index);
  return absl::OkStatus();
}

absl::Status Layout::RemoveManifest(const Digest& digest) {
  const std::lock_guard lock(mutex_);
  absl::StatusOr<Change> change = BeginChange(IfMissing::kFail);
  if (!change.ok()) return change.status();
  if (change->index.FindDigest(digest) == nullptr) {
    absl::Status found = ReadManifest(change->index, digest).status();
    if (!found.ok()) return found;
  }
  absl::Status unneeded = CheckUnneeded(change->index, digest);
  if (!unneeded.ok()) return unneeded;
  const std::set<Digest> before = FindNeeded(change->index).value_or(std::set<Digest>());
  if (change->index.RemoveDigest(digest)) {
    absl::Status status = WriteIndex(change->index);
    if (!status.ok()) return status;
  }
  kept_.erase(digest);
  absl::Status removed = blobs_.Remove(digest);
  if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  Collect(before, change->index);
  return absl::OkStatus();
}

absl::Status Layout::CheckUnneeded(const LayoutIndex& index, const Digest& digest) {
  const std::vector<EntryRole> roles = RolesOf(index, graph_);
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const Descriptor& entry = index.entries()[i].descriptor;
    const bool is_foreign = roles[i] == EntryRole::kForeign;
    if (entry.digest == digest && !is_foreign) continue;
    // What refers to it may stay alone, as in any registry; what a foreign entry names may not.
    const absl::StatusOr<bool> needs =
        entry.digest == digest ? true : graph_.Needs(entry, digest, is_foreign);
    if (!needs.ok()) {
      return absl::Status(
          needs.status().code(),
          fmt::format("not deleted, as it can't be told whether {} needs it: {}",
                      DescribeEntry(index, i), std::string(needs.status().message())));
    }
    if (*needs) {
      return absl::AbortedError(fmt::format("not deleted, as {} needs it; remove that entry first",
                                            DescribeEntry(index, i)));
    }
  }
  return absl::OkStatus();
}

std::map<Digest, std::string> Layout::ListHeld(const LayoutIndex& index) {
  const std::lock_guard lock(mutex_);
  std::map<Digest, std::string> held;
  const std::vector<EntryRole> roles = RolesOf(index, graph_);
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (roles[i] != EntryRole::kForeign) continue;
    const Descriptor& entry = index.entries()[i].descriptor;
    const auto links = graph_.LinksOf(entry);
    const bool holds_nothing =
        absl::IsNotFound(links.status()) || (links.ok() && (*links)->media_type.empty());
    if (!holds_nothing) held.emplace(entry.digest, DescribeEntry(index, i));
  }
  return held;
}

void Layout::Collect(const std::set<Digest>& before, const LayoutIndex& index) {
  if (!lease_ || !lease_->IsAlone()) return;
  if (uploads_ == 0) RemoveLeftovers();
  const absl::StatusOr<std::vector<Digest>> all = blobs_.List();
  const absl::StatusOr<std::set<Digest>> needed = FindNeeded(index);
  if (!all.ok() || !needed.ok()) return;
  for (const Digest& digest : *all) {
    if (needed->count(digest) > 0) continue;
    if (before.count(digest) == 0 && blobs_.IsYounger(digest, kLongestCopy)) continue;
    if (!blobs_.Remove(digest).ok()) return;
  }
}

absl::StatusOr<std::set<Digest>> Layout::FindNeeded(const LayoutIndex& index) {
  const absl::StatusOr<std::vector<Digest>> all = blobs_.List();
  if (!all.ok()) return all.status();
  std::vector<Descriptor> roots;
  for (const LayoutEntry& entry : index.entries()) roots.push_back(entry.descriptor);
  for (const Digest& digest : kept_) {
    if (!blobs_.SizeOf(digest).ok()) continue;
    roots.emplace_back();
    roots.back().digest = digest;
  }
  std::set<Digest> needed;
  absl::Status status = graph_.Reach(roots, needed);
  if (status.ok()) status = graph_.ReachReferrers(*all, needed);
  if (!status.ok()) return status;
  return needed;
}

void Layout::RemoveLeftovers() const {
  std::error_code error;
  std::filesystem::directory_iterator file(OwnDirectory(directory_), error);
  for (; !error && file != std::filesystem::directory_iterator(); file.increment(error)) {
    if (file->path().filename().string().rfind(PendingFile::kPrefix, 0) == 0) {
      unlink(file->path().c_str());
    }
  }
}

absl::StatusOr<std::vector<Descriptor>> Layout::ListReferrers(const Digest& subject) {
  std::vector<Descriptor> referrers;
  absl::StatusOr<std::optional<LayoutIndex>> index = ReadIndex();
  if (!index.ok()) return index.status();
  if (!*index) return referrers;
  std::vector<Descriptor> roots;
  for (const LayoutEntry& entry : (*index)->entries()) roots.push_back(entry.descriptor);
  const std::lock_guard lock(mutex_);
  const absl::StatusOr<std::vector<Descriptor>> manifests = graph_.ListManifests(roots);
  if (!manifests.ok()) return manifests.status();
  for (const Descriptor& candidate : *manifests) {
    const absl::StatusOr<const ManifestGraph::Links*> links = graph_.LinksOf(candidate);
    if (!links.ok()) return links.status();
    if ((*links)->subject != subject) continue;
    const absl::StatusOr<std::string> content = blobs_.ReadSmall(candidate.digest);
    if (!content.ok()) return content.status();
    const absl::StatusOr<Manifest> manifest = ParseManifest(candidate.media_type, *content);
    if (!manifest.ok()) return manifest.status();
    Descriptor referrer;
    referrer.media_type = candidate.media_type;
    referrer.digest = candidate.digest;
    referrer.size = static_cast<std::int64_t>(content->size());
    // Distribution-spec 1.1, "Listing referrers".
    referrer.artifact_type =
        manifest->artifact_type.empty() ? manifest->config.media_type : manifest->artifact_type;
    referrer.annotations = manifest->annotations;
    referrers.push_back(std::move(referrer));
  }
  return SortByDigest(std::move(referrers));
}

bool Layout::IsWritable() const {
  std::error_code error;
  std::filesystem::path directory = std::filesystem::absolute(directory_, error);
  while (!std::filesystem::exists(directory, error) && directory.has_relative_path()) {
    directory = directory.parent_path();
  }
  return access(directory.c_str(), W_OK | X_OK) == 0;
}

}  // namespace imglife
