// Images to build, with what is known of them.
#pragma once

#include <string>

#include "engine/diff/build_inputs.h"
#include "tests/engine/diff/scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {

class BuildScene : public Scene {
 public:
  using Scene::Scene;

  // The folder of an image: this template, and one file run.sh.
  ObservedContext& Folder(std::size_t image, const std::string& dockerfile_template) {
    observed.contexts.insert_or_assign(
        image, ObservedContext{dockerfile_template, {{"run.sh", Digest::OfBytes("run")}}});
    return *observed.contexts.at(image);
  }

  BuildInputs Inputs(std::size_t image, const BuildFacts& facts) const {
    return ComputeBuildInputs(config, Wanted().images.at(image), *observed.contexts.at(image),
                              facts)
        .value();
  }

  // The image as a build from its present inputs on a base of this digest leaves it.
  void Built(std::size_t image, const std::string& base_digest, const std::string& digest) {
    const BuildInputs inputs = Inputs(image, {.base_digest = MakeDigest(base_digest)});
    auto& labels =
        Tag(Wanted().images.at(image).image.ToString(), digest).platforms[0].config.labels;
    labels["io.imglife.inputs"] = inputs.digest.str();
    labels["io.imglife.inputs-parts"] = inputs.PartsLabel();
  }
};

}  // namespace imglife
