// The files that a run reads and writes: none of its outputs may be another one of them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "engine/cli/context_outputs.h"
#include "engine/cli/options.h"
#include "schema/config/config.h"

namespace imglife {

// InvalidArgument, which names both, if an output that the command line names would replace the
// configuration, a template, the EOL data, the status file, the journal, the plan that is read, or
// another output, or if it lies in the folder of an image (context_outputs.h). FailedPrecondition
// if two files of the configuration are one, or one lies in such a folder. Nothing is opened.
absl::Status CheckFiles(const Options& options, const Config& config);

// The same for `show`, which reads no configuration: its file and the journal beside it are
// protected all the same.
absl::Status CheckFiles(const Options& options);

// What the configuration itself puts into folders of its images.
std::vector<HeldOutput> OutputsInContexts(const Options& options, const Config& config);

// Wrong usage for what the command line names, an error for what the configuration names.
int FilesExitCode(const absl::Status& failed);

// --journal, else .imglife/journal.ndjson beside the configuration.
std::string JournalPath(const Options& options, const Config& config);

}  // namespace imglife
