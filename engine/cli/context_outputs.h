// What a run writes must not be what it builds images from: their inputs would change with each
// run, and no plan would ever be empty.
#pragma once

#include <string>
#include <vector>

#include "schema/config/config.h"

namespace imglife {

struct OutputFile {
  std::string name;  // "the journal .imglife/journal.ndjson"
  std::string path;
};

struct HeldOutput {
  ConfigRule rule;      // of the image
  std::string message;  // what its folder holds, and what to add to its .dockerignore
};

// Of each image whose build context holds one of `outputs`, there already or not, the first one. A
// .dockerignore that can't be read is for the plan to tell.
std::vector<HeldOutput> FindHeldOutputs(const Config& config,
                                        const std::vector<OutputFile>& outputs);

// The same of Git repositories, which change with each commit and each clone.
std::vector<HeldOutput> FindHeldRepositories(const Config& config);

}  // namespace imglife
