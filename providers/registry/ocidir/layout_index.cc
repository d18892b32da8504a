#include "providers/registry/ocidir/layout_index.h"

#include <algorithm>
#include <map>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "schema/image/media_type.h"
#include "schema/image/reference.h"
#include "schema/text/json_depth.h"

namespace imglife {
namespace {

using Json = nlohmann::ordered_json;

// Real ones have about five levels.
constexpr int kDeepestIndex = 64;

absl::Status Wrong(const std::string& field, const std::string& what) {
  return absl::InvalidArgumentError(fmt::format("index.json: {} {}", field, what));
}

const Json* Member(const Json& object, std::string_view name) {
  const auto found = object.find(std::string(name));
  return found == object.end() ? nullptr : &*found;
}

absl::StatusOr<Json> ParseJson(std::string_view content) {
  if (NestsDeeperThan(kDeepestIndex, content)) {
    return absl::InvalidArgumentError("index.json: nested too deeply");
  }
  Json document = Json::parse(content.begin(), content.end(), nullptr, false);
  if (document.is_discarded()) return absl::InvalidArgumentError("index.json: not JSON");
  if (!document.is_object()) return absl::InvalidArgumentError("index.json: not a JSON object");
  return document;
}

absl::StatusOr<std::string> ReadText(const Json& entry, std::string_view name,
                                     const std::string& where) {
  const Json* value = Member(entry, name);
  if (value == nullptr || !value->is_string()) {
    return Wrong(fmt::format("{}.{}", where, name), "must be a text");
  }
  return value->get<std::string>();
}

absl::Status ReadAnnotations(const Json& entry, const std::string& where, LayoutEntry& read) {
  const Json* annotations = Member(entry, "annotations");
  if (annotations == nullptr || annotations->is_null()) return absl::OkStatus();
  if (!annotations->is_object()) return Wrong(where + ".annotations", "must be an object");
  for (const auto& [name, value] : annotations->items()) {
    if (!value.is_string()) return Wrong(where + ".annotations", "must hold texts only");
    read.descriptor.annotations[name] = value.get<std::string>();
  }
  const auto name = read.descriptor.annotations.find(std::string(annotation::kRefName));
  if (name != read.descriptor.annotations.end()) read.name = name->second;
  return absl::OkStatus();
}

absl::StatusOr<LayoutEntry> ReadEntry(const Json& entry, const std::string& where) {
  if (!entry.is_object()) return Wrong(where, "must be an object");
  LayoutEntry read;
  absl::StatusOr<std::string> media_type = ReadText(entry, "mediaType", where);
  if (!media_type.ok()) return media_type.status();
  read.descriptor.media_type = *std::move(media_type);
  const absl::StatusOr<std::string> digest_text = ReadText(entry, "digest", where);
  if (!digest_text.ok()) return digest_text.status();
  absl::StatusOr<Digest> digest = Digest::Parse(*digest_text);
  if (!digest.ok()) return Wrong(where + ".digest", "isn't a digest");
  read.descriptor.digest = *std::move(digest);
  const Json* size = Member(entry, "size");
  if (size == nullptr || !size->is_number_integer() || size->get<std::int64_t>() < 0) {
    return Wrong(where + ".size", "must be a number of bytes");
  }
  read.descriptor.size = size->get<std::int64_t>();
  const Json* artifact_type = Member(entry, "artifactType");
  if (artifact_type != nullptr && artifact_type->is_string()) {
    read.descriptor.artifact_type = artifact_type->get<std::string>();
  }
  absl::Status status = ReadAnnotations(entry, where, read);
  if (!status.ok()) return status;
  return read;
}

Json WriteEntry(const Descriptor& descriptor) {
  Json entry{{"mediaType", descriptor.media_type},
             {"digest", descriptor.digest.str()},
             {"size", descriptor.size}};
  if (!descriptor.artifact_type.empty()) entry["artifactType"] = descriptor.artifact_type;
  if (!descriptor.annotations.empty()) entry["annotations"] = descriptor.annotations;
  return entry;
}

}  // namespace

LayoutIndex::LayoutIndex()
    : LayoutIndex(std::make_unique<Json>(Json{{"schemaVersion", 2},
                                              {"mediaType", media_type::kOciIndex},
                                              {"manifests", Json::array()}})) {}

LayoutIndex::LayoutIndex(std::unique_ptr<nlohmann::ordered_json> document)
    : document_(std::move(document)) {}
LayoutIndex::LayoutIndex(LayoutIndex&&) noexcept = default;
LayoutIndex& LayoutIndex::operator=(LayoutIndex&&) noexcept = default;
LayoutIndex::~LayoutIndex() = default;

absl::StatusOr<LayoutIndex> LayoutIndex::Parse(std::string_view content) {
  absl::StatusOr<Json> document = ParseJson(content);
  if (!document.ok()) return document.status();
  const Json* version = Member(*document, "schemaVersion");
  if (version == nullptr || *version != 2) return Wrong("schemaVersion", "must be 2");
  const Json* manifests = Member(*document, "manifests");
  if (manifests == nullptr || !manifests->is_array()) return Wrong("manifests", "must be a list");

  std::vector<LayoutEntry> entries;
  for (const Json& manifest : *manifests) {
    absl::StatusOr<LayoutEntry> entry =
        ReadEntry(manifest, fmt::format("manifests[{}]", entries.size()));
    if (!entry.ok()) return entry.status();
    entries.push_back(*std::move(entry));
  }
  LayoutIndex index(std::make_unique<Json>(*std::move(document)));
  index.entries_ = std::move(entries);
  return index;
}

const LayoutEntry* LayoutIndex::FindName(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const LayoutEntry& entry) {
    return !name.empty() && entry.name == name;
  });
  return found == entries_.end() ? nullptr : &*found;
}

const LayoutEntry* LayoutIndex::FindDigest(const Digest& digest) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const LayoutEntry& entry) {
    return entry.descriptor.digest == digest;
  });
  return found == entries_.end() ? nullptr : &*found;
}

std::vector<bool> LayoutIndex::AreTags() const {
  std::map<std::string_view, const Digest*> tags;
  std::vector<bool> are_tags;
  are_tags.reserve(entries_.size());
  for (const LayoutEntry& entry : entries_) {
    const Digest& digest = entry.descriptor.digest;
    are_tags.push_back(IsValidTag(entry.name) &&
                       *tags.emplace(entry.name, &digest).first->second == digest);
  }
  return are_tags;
}

bool LayoutIndex::SetName(const std::string& name, const Descriptor& descriptor) {
  LayoutEntry entry{name, descriptor};
  entry.descriptor.annotations[std::string(annotation::kRefName)] = name;
  Json& manifests = (*document_)["manifests"];
  const LayoutEntry* found = FindName(name);
  if (found == nullptr) {
    manifests.push_back(WriteEntry(entry.descriptor));
    entries_.push_back(std::move(entry));
    return true;
  }
  const auto position = static_cast<std::size_t>(found - entries_.data());
  const Digest old = found->descriptor.digest;
  const std::size_t twins = static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [&](const LayoutEntry& other) { return other.name == name; }));
  if (old == descriptor.digest && twins == 1) return false;
  TakeNameFromOthers(name, old, position + 1);
  if (old == descriptor.digest) return true;
  manifests[position] = WriteEntry(entry.descriptor);
  entries_[position] = std::move(entry);
  return true;
}

bool LayoutIndex::AddUnnamed(const Descriptor& descriptor) {
  if (FindDigest(descriptor.digest) != nullptr) return false;
  (*document_)["manifests"].push_back(WriteEntry(descriptor));
  entries_.push_back({"", descriptor});
  return true;
}

bool LayoutIndex::RemoveName(std::string_view name) {
  const LayoutEntry* found = FindName(name);
  if (found == nullptr) return false;
  const auto position = static_cast<std::size_t>(found - entries_.data());
  const Digest digest = found->descriptor.digest;
  Erase(position);
  TakeNameFromOthers(name, digest, position);
  return true;
}

bool LayoutIndex::RemoveDigest(const Digest& digest) {
  const std::size_t before = entries_.size();
  for (std::size_t i = entries_.size(); i-- > 0;) {
    if (entries_[i].descriptor.digest == digest) Erase(i);
  }
  return entries_.size() != before;
}

std::string LayoutIndex::Serialize() const {
  return document_->dump(2) + "\n";
}

void LayoutIndex::Erase(std::size_t position) {
  (*document_)["manifests"].erase(position);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(position));
}

void LayoutIndex::TakeNameFromOthers(std::string_view name, const Digest& digest,
                                     std::size_t from) {
  const std::string key(annotation::kRefName);
  for (std::size_t i = entries_.size(); i-- > from;) {
    LayoutEntry& entry = entries_[i];
    if (entry.name != name) continue;
    if (entry.descriptor.digest == digest) {
      Erase(i);
      continue;
    }
    entry.name.clear();
    entry.descriptor.annotations.erase(key);
    Json& json = (*document_)["manifests"][i];
    json["annotations"].erase(key);
    if (json["annotations"].empty()) json.erase("annotations");
  }
}

}  // namespace imglife
