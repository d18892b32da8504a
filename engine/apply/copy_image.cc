#include "engine/apply/copy_image.h"

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "fmt/format.h"

#include "engine/observe/image_limits.h"
#include "engine/observe/once_map.h"
#include "engine/observe/parallel.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

// Transfers of one image at once: enough to hide latency, few enough to leave room for the other
// copies.
constexpr std::size_t kBlobsAtOnce = 6;

bool SameRegistry(const Repository& a, const Repository& b) {
  return a.kind == b.kind && a.kind == Repository::Kind::kDistribution && a.host == b.host;
}

absl::Status Stopped() {
  return absl::CancelledError(
      "stopped before the tag was written; nothing that it names has changed");
}

// Ends between two pieces once `stop` is set.
class StoppableReader : public ByteReader {
 public:
  StoppableReader(std::unique_ptr<ByteReader> reader, const std::atomic<bool>& stop)
      : reader_(std::move(reader)), stop_(stop) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    if (stop_) return Stopped();
    return reader_->Read(buffer, size);
  }

 private:
  std::unique_ptr<ByteReader> reader_;
  const std::atomic<bool>& stop_;
};

class SharedBlobCopies : public BlobCopies {
 public:
  SharedBlobCopies(RegistryMemo& registry, const std::atomic<bool>& stop)
      : registry_(registry), stop_(stop) {}

  absl::StatusOr<std::int64_t> Ensure(const Repository& source, const Repository& target,
                                      const Descriptor& blob) override {
    // Who says another size of it fails alone.
    const std::tuple place{target, blob.digest, blob.size};
    for (;;) {
      bool ours = false;
      std::int64_t uploaded = 0;
      const Pushed pushed = pushes_.Get(place, [&] {
        ours = true;
        const auto outcome = PushAfterOthers(source, target, blob);
        if (outcome.ok() && *outcome == PushOutcome::kUploaded) uploaded = blob.size;
        // Before those who wait hear of it: then one of them is the next.
        if (!outcome.ok()) pushes_.Forget(place);
        return Pushed{outcome.status(), source};
      });
      if (pushed.status.ok()) return uploaded;
      // Another source may have what that one lacks.
      if (ours || pushed.source == source) return pushed.status;
    }
  }

 private:
  struct Pushed {
    absl::Status status;
    Repository source;
  };

  // What is on its way to another repository of the registry is mounted from there afterwards.
  absl::StatusOr<PushOutcome> PushAfterOthers(const Repository& source, const Repository& target,
                                              const Descriptor& blob) {
    if (target.kind != Repository::Kind::kDistribution) return Push(source, target, blob);
    // Behind another upstream, which may be slow or gone, nobody waits.
    const std::tuple registry{source.host, target.host, blob.digest, blob.size};
    std::optional<absl::StatusOr<PushOutcome>> outcome;
    on_their_way_
        .Get(registry,
             [&] {
               outcome = Push(source, target, blob);
               if (!outcome->ok()) on_their_way_.Forget(registry);
               return outcome->status();
             })
        .IgnoreError();  // who waited sends its own
    return outcome ? *outcome : Push(source, target, blob);
  }

  absl::StatusOr<PushOutcome> Push(const Repository& source, const Repository& target,
                                   const Descriptor& blob) {
    PushBlobOptions options;
    options.known_absent = IsNew(target);
    options.mount_from = MountCandidates(source, target, blob.digest);
    const auto open = [&]() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
      auto reader = registry_.GetBlob(source, blob);
      if (!reader.ok()) return reader.status();
      return std::make_unique<StoppableReader>(*std::move(reader), stop_);
    };
    const auto outcome = registry_.PushBlob(target, blob, open, options);
    if (!outcome.ok()) return outcome;
    const std::lock_guard lock(mutex_);
    holders_[blob.digest].insert(target);
    return outcome;
  }

  bool IsNew(const Repository& target) {
    return new_.Get(target, [&] {
      const auto list = registry_.ListTags(target);
      return list.ok() && !list->repository_exists;
    });
  }

  std::vector<Repository> MountCandidates(const Repository& source, const Repository& target,
                                          const Digest& digest) {
    std::vector<Repository> candidates;
    if (SameRegistry(source, target)) candidates.push_back(source);
    const std::lock_guard lock(mutex_);
    for (const Repository& holder : holders_[digest]) {
      if (holder != target && holder != source && SameRegistry(holder, target)) {
        candidates.push_back(holder);
      }
    }
    return candidates;
  }

  RegistryMemo& registry_;
  const std::atomic<bool>& stop_;
  OnceMap<std::tuple<Repository, Digest, std::int64_t>, Pushed> pushes_;
  OnceMap<std::tuple<std::string, std::string, Digest, std::int64_t>, absl::Status> on_their_way_;
  OnceMap<Repository, bool> new_;
  std::mutex mutex_;
  std::map<Digest, std::set<Repository>> holders_;
};

// A manifest and everything below it, as it goes to the target.
struct Part {
  ManifestBytes bytes;
  Manifest manifest;
};

class Copy {
 public:
  Copy(RegistryMemo& registry, BlobCopies& blobs, ManifestCopies& manifests,
       const CopyRequest& request, const std::atomic<bool>& stop)
      : registry_(registry), blobs_(blobs), manifests_(manifests), request_(request), stop_(stop) {}

  absl::StatusOr<CopiedImage> Run() {
    auto top = registry_.GetManifest(request_.source, request_.digest.str());
    if (!top.ok()) return top.status();
    if (!request_.platforms.empty() && media_type::IsIndex(top->media_type)) {
      top = FilterIndex(*top, request_.platforms);
      if (!top.ok()) return top.status();
    }
    absl::Status status = CheckExpected(top->digest);
    if (status.ok()) status = Collect(*top, 0);
    if (status.ok() && request_.before_blobs) status = request_.before_blobs();
    if (status.ok()) status = PushBlobs();
    if (status.ok() && request_.after_blobs) request_.after_blobs();
    if (status.ok()) status = PushChildren();
    if (status.ok()) status = Name(*top);
    if (!status.ok()) return status;
    return CopiedImage{.digest = top->digest, .sent = sent_};
  }

 private:
  // How an index is reduced is this program's own affair, and another version may do it otherwise.
  absl::Status CheckExpected(const Digest& made) const {
    if (!request_.expected || *request_.expected == made) return absl::OkStatus();
    return absl::FailedPreconditionError(fmt::format(
        "{}@{} makes {} here, and the plan says {}: another version of imglife made it; nothing "
        "was written, plan again",
        request_.source.ToString(), request_.digest.str(), made.str(), request_.expected->str()));
  }

  // Children before their parents: parts_ ends with the top.
  absl::Status Collect(const ManifestBytes& bytes, std::size_t depth) {
    auto manifest = ParseManifest(bytes.media_type, bytes.content);
    if (!manifest.ok()) return manifest.status();
    if (depth > kMaxIndexDepth) {
      return TooDeep(request_.source, request_.digest.str(), kMaxIndexDepth);
    }
    if (seen_.size() + manifest->children.size() > kMaxParts) {
      return TooManyParts(request_.source, request_.digest.str());
    }
    absl::Status status = CollectChildren(*manifest, depth);
    if (status.ok()) parts_.push_back({bytes, *std::move(manifest)});
    return status;
  }

  absl::Status CollectChildren(const Manifest& manifest, std::size_t depth) {
    std::vector<absl::StatusOr<ManifestBytes>> children(manifest.children.size(),
                                                        absl::UnknownError("not asked"));
    ParallelFor(children.size(), kBlobsAtOnce, [&](std::size_t i) {
      children[i] = registry_.GetManifest(request_.source, manifest.children[i].digest.str());
    });
    for (const auto& child : children) {
      if (!child.ok()) return child.status();
      if (!seen_.insert(child->digest).second) continue;
      absl::Status status = Collect(*child, depth + 1);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status PushBlobs() {
    std::vector<Descriptor> blobs;
    std::set<Digest> seen;
    const auto add = [&](const Descriptor& blob) {
      // Layers with URLs are fetched from elsewhere (docker foreign layers); registries don't hold
      // them.
      if (blob.urls.empty() && seen.insert(blob.digest).second) blobs.push_back(blob);
    };
    for (const Part& part : parts_) {
      if (part.manifest.is_index) continue;
      for (const Descriptor& layer : part.manifest.layers) add(layer);
      add(part.manifest.config);
    }
    std::vector<absl::Status> statuses(blobs.size());
    ParallelFor(blobs.size(), kBlobsAtOnce,
                [&](std::size_t i) { statuses[i] = stop_ ? Stopped() : Push(blobs[i]); });
    return First(statuses);
  }

  absl::Status PushChildren() {
    std::vector<const Part*> leaves;
    std::vector<const Part*> indexes;
    for (std::size_t i = 0; i + 1 < parts_.size(); ++i) {
      (parts_[i].manifest.is_index ? indexes : leaves).push_back(&parts_[i]);
    }
    std::vector<absl::Status> statuses(leaves.size());
    ParallelFor(leaves.size(), kBlobsAtOnce,
                [&](std::size_t i) { statuses[i] = PutOnce(leaves[i]->bytes); });
    absl::Status status = First(statuses);
    for (const Part* index : indexes) {
      if (status.ok()) status = PutOnce(index->bytes);
    }
    return status;
  }

  absl::Status Name(const ManifestBytes& top) {
    const auto put = [&] {
      absl::Status status = stop_ ? Stopped() : absl::OkStatus();
      if (status.ok() && request_.before_tag) status = request_.before_tag();
      return status.ok() ? Put(request_.target_tag, top) : status;
    };
    // Of a tag something else may be written too; a digest is itself for ever.
    if (request_.target_tag != top.digest.str()) return put();
    return manifests_.Ensure(request_.target, request_.target_tag, top.digest, put);
  }

  absl::Status Push(const Descriptor& blob) {
    const auto uploaded = blobs_.Ensure(request_.source, request_.target, blob);
    if (uploaded.ok()) sent_ += *uploaded;
    return uploaded.status();
  }

  absl::Status PutOnce(const ManifestBytes& part) {
    const std::string name = part.digest.str();
    return manifests_.Ensure(request_.target, name, part.digest,
                             [&] { return stop_ ? Stopped() : Put(name, part); });
  }

  absl::Status Put(const std::string& name, const ManifestBytes& manifest) {
    absl::Status status = registry_.PutManifest(request_.target, name, manifest);
    if (status.ok()) sent_ += static_cast<std::int64_t>(manifest.content.size());
    return status;
  }

  static absl::Status First(const std::vector<absl::Status>& statuses) {
    for (const absl::Status& status : statuses) {
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  RegistryMemo& registry_;
  BlobCopies& blobs_;
  ManifestCopies& manifests_;
  const CopyRequest& request_;
  const std::atomic<bool>& stop_;
  std::vector<Part> parts_;
  std::set<Digest> seen_;
  std::atomic<std::int64_t> sent_{0};
};

}  // namespace

std::unique_ptr<BlobCopies> MakeBlobCopies(RegistryMemo& registry, const std::atomic<bool>& stop) {
  return std::make_unique<SharedBlobCopies>(registry, stop);
}

absl::StatusOr<CopiedImage> CopyImage(RegistryMemo& registry, BlobCopies& blobs,
                                      ManifestCopies& manifests, const CopyRequest& request,
                                      const std::atomic<bool>& stop) {
  return Copy(registry, blobs, manifests, request, stop).Run();
}

}  // namespace imglife
