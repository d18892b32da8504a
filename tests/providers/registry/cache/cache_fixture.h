// A cache in a directory of its own.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "providers/files.h"
#include "providers/registry/cache/content_cache.h"

namespace imglife {

class CacheDirectoryTest : public testing::Test {
 protected:
  CacheDirectoryTest() : temporary_(NewDirectory()) {}

  // Below a directory that isn't there yet.
  std::string directory() const { return temporary_.path() + "/caches/imglife"; }
  std::string above() const { return temporary_.path(); }

  ContentCache Open() const { return ContentCache({.directory = directory()}); }
  ContentCache OpenToRefresh() const {
    return ContentCache({.directory = directory(), .refresh = true});
  }

  std::string FileOf(const Digest& digest) const {
    const std::string hex(digest.hex());
    return directory() + "/" + std::string(digest.algorithm()) + "/" + hex.substr(0, 2) + "/" + hex;
  }

  // All regular files and links, "sha256/ab/HEX" each.
  std::vector<std::string> Files() const {
    if (!std::filesystem::exists(directory())) return {};
    return ListTree(directory()).value();
  }

  static Digest Store(ContentCache& cache, const std::string& content) {
    Digest digest = Digest::OfBytes(content);
    cache.Store(digest, content);
    return digest;
  }

 private:
  static TemporaryDirectory NewDirectory() {
    auto directory = TemporaryDirectory::Create("imglife-cache");
    if (!directory.ok()) throw std::runtime_error(directory.status().ToString());
    return *std::move(directory);
  }

  TemporaryDirectory temporary_;
};

}  // namespace imglife
