// What providers/registry.h promises, as tests that run on every implementation of it.
//
// An implementation takes part by a file beside this one that instantiates the suite:
//
//   INSTANTIATE_TEST_SUITE_P(OciDir, RegistryContract, testing::Values(&MakeOciDirWorld));
#pragma once

#include <memory>
#include <string>

#include "gtest/gtest.h"

#include "providers/registry.h"
#include "tests/support/image_maker.h"

namespace imglife {

// A registry that tests may fill.
class RegistryWorld {
 public:
  virtual ~RegistryWorld() = default;
  virtual Registry& registry() = 0;
  // Repositories of one registry, by name. Those of another world don't exist in this one.
  virtual Repository At(const std::string& name) = 0;
  // False where the server takes a blob for a manifest: distribution 2.8 answers 500 for one.
  virtual bool TellsBlobsFromManifests() const { return true; }
};

using MakeRegistryWorld = std::unique_ptr<RegistryWorld> (*)();

class RegistryContract : public testing::TestWithParam<MakeRegistryWorld> {
 protected:
  RegistryContract() : world_(GetParam()()) {}

  Registry& registry() { return world_->registry(); }
  Repository At(const std::string& name) { return world_->At(name); }
  bool TellsBlobsFromManifests() const { return world_->TellsBlobsFromManifests(); }

  // Images of other names share nothing.
  static ImageSpec Named(const std::string& name);
  static TestImage TwoPlatforms(const std::string& name);

  // Makes the test fail if the image can't be pushed.
  void Push(const Repository& repository, const std::string& tag, const TestImage& image);
  // The digest of the tag, or "NotFound" and the like.
  std::string DigestOf(const Repository& repository, const std::string& tag_or_digest);
  std::string ReadBlob(const Repository& repository, const Descriptor& blob);

 private:
  std::unique_ptr<RegistryWorld> world_;
};

}  // namespace imglife
