// Two repositories that hold one image as tag 1, and questions about them as text.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

#include "engine/observe/registry_memo.h"
#include "tests/engine/observe/config_maker.h"
#include "tests/support/fake_registry.h"

namespace imglife {

const Repository kOther = MakeRepository("r.test/other");

inline const TestImage& One() {
  static const TestImage image = MakeImage({.name = "one"});
  return image;
}

inline const TestImage& Two() {
  static const TestImage image = MakeImage({.name = "two"});
  return image;
}

inline std::string OneDigest() {
  return One().manifest.digest.str();
}

inline Descriptor ConfigOf(const TestImage& image) {
  return ParseManifest(image.manifest.media_type, image.manifest.content)->config;
}

template <typename T>
std::string Text(const absl::StatusOr<T>& answer,
                 const std::function<std::string(const T&)>& text) {
  return answer.ok() ? text(*answer) : answer.status().ToString();
}

inline std::string ListTags(Registry& registry, const Repository& repository) {
  return Text<TagList>(registry.ListTags(repository),
                       [](const TagList& list) { return absl::StrJoin(list.tags, " "); });
}

inline std::string Resolve(Registry& registry, const Repository& repository,
                           const std::string& name) {
  return Text<Resolved>(registry.Resolve(repository, name),
                        [](const Resolved& resolved) { return resolved.digest.str(); });
}

inline std::string GetManifest(Registry& registry, const Repository& repository,
                               const std::string& name) {
  return Text<ManifestBytes>(registry.GetManifest(repository, name),
                             [](const ManifestBytes& manifest) { return manifest.digest.str(); });
}

inline std::string ListReferrers(Registry& registry, const Repository& repository) {
  return Text<std::vector<Descriptor>>(
      registry.ListReferrers(repository, One().manifest.digest),
      [](const auto& referrers) { return std::to_string(referrers.size()); });
}

class RegistryMemoTest : public ::testing::Test {
 protected:
  RegistryMemoTest() {
    world_.AddImage(kApp, "1", One());
    world_.AddImage(kOther, "1", One());
  }

  // Four questions where nothing is known.
  void AskAll(const Repository& repository) {
    ListTags(*memo_, repository);
    GetManifest(*memo_, repository, "1");
    Resolve(*memo_, repository, OneDigest());
    ListReferrers(*memo_, repository);
  }

  // How many questions `ask` costs.
  std::size_t Cost(const std::function<void()>& ask) {
    world_.ForgetCalls();
    ask();
    return world_.Calls().size();
  }

  FakeRegistry world_;
  const std::unique_ptr<RegistryMemo> memo_ = MakeRegistryMemo(world_);
};

}  // namespace imglife
