#include "providers/builders/layout_view.h"

#include <filesystem>
#include <system_error>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "providers/files.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;

std::string IndexOf(const Descriptor& manifest, std::string_view tag) {
  const nlohmann::ordered_json entry = {
      {"mediaType", manifest.media_type},
      {"digest", manifest.digest.str()},
      {"size", manifest.size},
      {"annotations", {{"org.opencontainers.image.ref.name", std::string(tag)}}}};
  const nlohmann::ordered_json index = {{"schemaVersion", 2},
                                        {"mediaType", "application/vnd.oci.image.index.v1+json"},
                                        {"manifests", nlohmann::ordered_json::array({entry})}};
  return index.dump() + "\n";
}

}  // namespace

absl::Status WriteLayoutView(const LayoutBase& base, std::string_view tag,
                             const std::string& directory) {
  absl::Status status =
      WriteFileAtomically(directory + "/oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  if (status.ok()) {
    status = WriteFileAtomically(directory + "/index.json", IndexOf(base.manifest, tag));
  }
  if (!status.ok()) return status;
  std::error_code error;
  const fs::path blobs = fs::absolute(base.directory, error) / "blobs";
  if (!error) fs::create_directory_symlink(blobs, directory + "/blobs", error);
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(
      fmt::format("can't link {}/blobs to {}: {}", directory, blobs.string(), error.message()));
}

}  // namespace imglife
