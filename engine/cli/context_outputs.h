// What a run writes must not be what it builds images from: their inputs would change with each
// run, and no plan would ever be empty.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "schema/config/config.h"

namespace imglife {

struct OutputFile {
  std::string name;  // "the journal .imglife/journal.ndjson"
  std::string path;
};

// FailedPrecondition names the image whose build context holds one of `outputs`, there already or
// not, and says what to add to its .dockerignore. A .dockerignore that can't be read is for the
// plan to tell.
absl::Status CheckContextsHoldNoOutput(const Config& config,
                                       const std::vector<OutputFile>& outputs);

// The same of Git repositories, which change with each commit and each clone.
absl::Status CheckContextsHoldNoRepository(const Config& config);

}  // namespace imglife
