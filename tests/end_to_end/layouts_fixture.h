// Image layouts in the directory of a test, and commands run from directories below it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "providers/registry/ocidir/ocidir_registry.h"
#include "tests/end_to_end/registries_fixture.h"

namespace imglife {

class LayoutsTest : public RegistriesTest {
 protected:
  ImglifeRun RunIn(const std::string& directory, const std::vector<std::string>& arguments) const {
    return RunImglife(Path(directory), arguments, environment_);
  }

  // Knows layouts by their paths below the directory of the test.
  Registry& layouts() { return *layouts_; }
  static Repository At(const std::string& path) { return *ParseRepository("ocidir://" + path); }

  std::vector<std::string> TagsOf(const std::string& path) {
    const auto list = layouts_->ListTags(At(path));
    EXPECT_TRUE(list.ok()) << list.status();
    return list.ok() ? list->tags : std::vector<std::string>();
  }

  bool Exists(const std::string& name) const { return std::filesystem::exists(Path(name)); }

 private:
  std::unique_ptr<Registry> layouts_ = MakeOciDirRegistry(directory_.path());
};

}  // namespace imglife
