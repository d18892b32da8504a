// A directory of image layouts, and what tests look at in it.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "providers/files.h"
#include "providers/registry/ocidir/ocidir_registry.h"
#include "tests/support/image_maker.h"

namespace imglife {

class OciDirTest : public testing::Test {
 protected:
  // The layout of most tests.
  const Repository repository_ = At("images");

  static Repository At(const std::string& name) { return {Repository::Kind::kOciDir, "", name}; }

  const std::string& directory() const { return directory_.path(); }
  std::string PathOf(const std::string& name) const { return directory() + "/images/" + name; }
  std::string PathOf(const Digest& digest) const {
    return PathOf("blobs/sha256/" + std::string(digest.hex()));
  }

  std::unique_ptr<Registry> Open() const { return MakeOciDirRegistry(directory()); }

  static TestImage Image(const std::string& name) {
    ImageSpec spec;
    spec.name = name;
    return MakeImage(spec);
  }

  // From an object of its own, as another run of the program.
  void Push(const std::string& tag, const TestImage& image) const {
    const absl::Status status = PushImage(*Open(), repository_, tag, image);
    ASSERT_TRUE(status.ok()) << status;
  }

  static std::string Read(const std::string& path) {
    std::ostringstream content;
    content << std::ifstream(path, std::ios::binary).rdbuf();
    return content.str();
  }
  static void Write(const std::string& path, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }

  // As another tool.
  void EditIndex(const std::function<void(nlohmann::json& manifests)>& edit) const {
    nlohmann::json index = nlohmann::json::parse(Read(PathOf("index.json")));
    edit(index["manifests"]);
    Write(PathOf("index.json"), index.dump());
  }

  bool Has(const TestImage& image) const {
    for (const auto& [digest, bytes] : image.blobs) {
      if (Read(PathOf(digest)) != bytes) return false;
    }
    for (const ManifestBytes& child : image.children) {
      if (Read(PathOf(child.digest)) != child.content) return false;
    }
    return Read(PathOf(image.manifest.digest)) == image.manifest.content;
  }
  std::size_t CountBlobs() const {
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(PathOf("blobs/sha256"))) {
      count += file.is_regular_file() ? 1 : 0;
    }
    return count;
  }

 private:
  const TemporaryDirectory directory_ = TemporaryDirectory::Create("ocidir-").value();
};

}  // namespace imglife
