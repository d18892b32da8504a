// A world of fakes for Observe, which writes down what it is asked.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "engine/observe/observe.h"
#include "providers/files.h"
#include "tests/engine/observe/config_maker.h"
#include "tests/support/fake_registry.h"

namespace imglife {

class FakeEolSource : public EolSource {
 public:
  absl::StatusOr<EolCycles> Fetch(const std::string& product) override {
    const std::lock_guard lock(mutex_);
    asked.push_back(product);
    const auto found = products.find(product);
    if (found == products.end()) return absl::NotFoundError("no product " + product);
    return found->second;
  }

  std::map<std::string, EolCycles> products;
  std::vector<std::string> asked;

 private:
  std::mutex mutex_;
};

// A work tree with a commit and an origin.
class FakeGit : public GitRepository {
 public:
  bool InWorkTree(const std::string&) override { return true; }
  absl::StatusOr<std::string> HeadCommit(const std::string&) override { return commit; }
  absl::StatusOr<std::string> OriginUrl(const std::string&) override { return origin; }
  absl::StatusOr<std::string> CurrentBranch(const std::string&) override { return "main"; }
  absl::StatusOr<bool> FileDiffersFromHead(const std::string& path) override {
    const auto found = differs.find(std::filesystem::path(path).filename().string());
    return found != differs.end() ? found->second : false;
  }
  absl::StatusOr<bool> CommitFile(const GitCommit&) override { return true; }
  absl::StatusOr<bool> CommitAndPushFile(const GitCommit&, const GitPushSpec&) override {
    return true;
  }

  absl::StatusOr<std::string> commit = "c0ffee";
  absl::StatusOr<std::string> origin = "https://git.test/o/images";
  // By name of the file; others are as HEAD has them.
  std::map<std::string, absl::StatusOr<bool>> differs;
};

class ObserveTest : public ::testing::Test {
 protected:
  ObserveTest() {
    world_.registry = &registry_;
    world_.eol_source = &eol_;
    world_.git = &git_;
    world_.builder = [this](const BuilderNeeds& needs) -> absl::StatusOr<Builder*> {
      builder_asked_.push_back(needs);
      return builder_;
    };
  }

  // The configuration with all its files in a directory of this test.
  Config ConfigOf(const std::string& text) const {
    Config config = MakeConfig(text);
    const std::string directory = directory_->path() + "/";
    config.lifecycle.eol_data_file = directory + config.lifecycle.eol_data_file_as_written;
    if (!config.status.output.empty()) {
      config.status.output = directory + config.status.output_as_written;
    }
    if (config.build) {
      for (BuildImage& image : config.build->images) {
        image.folder = directory + image.folder_as_written;
      }
    }
    return config;
  }

  void WriteFile(const std::string& name, const std::string& content) const {
    const absl::Status written = WriteFileAtomically(directory_->path() + "/" + name, content);
    EXPECT_TRUE(written.ok()) << written;
  }

  Observation Look(const Config& config, const std::set<Stage>& stages) {
    registry_.ForgetCalls();
    const auto memo = MakeRegistryMemo(registry_);
    return Observe(config, stages, *memo, world_);
  }
  Observation Look(const std::string& text, const std::set<Stage>& stages) {
    return Look(ConfigOf(text), stages);
  }

  // "METHOD REPOSITORY ARGUMENT" of each question, sorted.
  std::vector<std::string> Asked() const {
    std::vector<std::string> lines;
    for (const RegistryCall& call : registry_.Calls()) {
      lines.push_back(call.method + " " + call.repository +
                      (call.argument.empty() ? "" : " " + call.argument));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  static inline const Repository kSource = MakeRepository("alpine");
  static inline const Repository kMirror = MakeRepository("r.test/mirrors/alpine");
  // From the one into the other.
  static inline const std::string kEntry =
      "source: alpine, target: r.test/mirrors/alpine, tag_regex: '^3'";

  const absl::StatusOr<TemporaryDirectory> directory_ = TemporaryDirectory::Create("observe");
  FakeRegistry registry_;
  FakeEolSource eol_;
  FakeGit git_;
  absl::StatusOr<Builder*> builder_ = nullptr;
  std::vector<BuilderNeeds> builder_asked_;
  World world_;
};

}  // namespace imglife
