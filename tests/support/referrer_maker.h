// Small things that refer to images: artifacts with a subject, and what cosign writes under a tag.
#pragma once

#include <string>
#include <vector>

#include "tests/support/image_maker.h"

namespace imglife {

// An artifact of this type whose subject is `subject`.
inline TestImage MakeReferrer(const Descriptor& subject, const std::string& name,
                              const std::string& type = "application/spdx+json") {
  ImageSpec spec;
  spec.name = name;
  spec.layers = 1;
  spec.artifact_type = type;
  spec.subject = subject;
  return MakeImage(spec);
}

// What `sha256-HEX.sig` names: one layer for each signer, and no subject.
inline TestImage MakeSignatures(const std::vector<std::string>& signers) {
  ImageSpec spec;
  spec.name = "no layer of its own";
  spec.layers = 0;
  spec.shared_layers = signers;
  return MakeImage(spec);
}

// "sha256-HEX" and this ending.
inline std::string TagOf(const Digest& subject, const std::string& ending = "") {
  return "sha256-" + std::string(subject.hex()) + ending;
}

}  // namespace imglife
