// The files that a run reads and writes: none of its outputs may be another one of them.
#pragma once

#include <string>

#include "absl/status/status.h"

#include "engine/cli/options.h"
#include "schema/config/config.h"

namespace imglife {

// InvalidArgument, which names both, if an output that the command line names would replace the
// configuration, a template, the EOL data, the status file, the journal, the plan that is read, or
// another output. FailedPrecondition if two files of the configuration are one. Nothing is opened.
absl::Status CheckFiles(const Options& options, const Config& config);

// The same for `show`, which reads no configuration: its file and the journal beside it are
// protected all the same.
absl::Status CheckFiles(const Options& options);

// Wrong usage for what the command line names, an error for what the configuration names.
int FilesExitCode(const absl::Status& failed);

// --journal, else .imglife/journal.ndjson beside the configuration.
std::string JournalPath(const Options& options, const Config& config);

}  // namespace imglife
