// What an image is built from (stages.md, build). Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "schema/config/config.h"
#include "schema/image/digest.h"

namespace imglife {

// What templates see of the world besides the configuration.
struct BuildFacts {
  Digest base_digest;
  std::string revision;  // git commit, or empty
  std::string eol_date;  // EolDateText of the base's cycle, or empty
};

struct BuildInputs {
  std::string dockerfile;  // rendered, every FROM of the base pinned to its digest
  std::vector<ContextFile> files;
  // The SHA-256 of everything that decides the result: label io.imglife.inputs. The git revision
  // isn't part of it, though templates see it: a commit of EOL data would ask for every image to be
  // built again.
  Digest digest;
  // Digests of the parts by name: "base", "template", "file F", "argument A", "platforms", "sbom".
  std::map<std::string, Digest> parts;

  // The parts for label io.imglife.inputs-parts, so that a later plan can say which one changed:
  // "NAME=HEX8" separated by semicolons. Control characters, '%' and ';' of names are there as
  // %HEX, so that it is always one line.
  std::string PartsLabel() const;
};

// Fails if the template does (FILE:LINE:COL in the message).
absl::StatusOr<BuildInputs> ComputeBuildInputs(const Config& config, const DesiredImage& image,
                                               const ObservedContext& context,
                                               const BuildFacts& facts);

// Which parts differ from those that an image's label names, called as it does; empty if the label
// isn't there.
std::vector<std::string> ChangedParts(const std::string& parts_label, const BuildInputs& now);

// The labels of stages.md. `created` is RFC 3339; empty `source`/`revision` leave their labels out.
std::map<std::string, std::string> ImageLabels(const Config& config, const DesiredImage& image,
                                               const BuildInputs& inputs, const BuildFacts& facts,
                                               const std::string& source,
                                               const std::string& created);

}  // namespace imglife
