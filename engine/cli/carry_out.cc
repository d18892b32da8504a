#include "engine/cli/carry_out.h"

#include <algorithm>
#include <atomic>
#include <string>

#include "fmt/format.h"

#include "engine/cli/aside.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/progress.h"
#include "engine/cli/run_files.h"
#include "engine/cli/signals.h"
#include "engine/report/apply_text.h"
#include "providers/appendable.h"
#include "providers/temporary_directories.h"

namespace imglife {
namespace {

// For the closing line of a process that ends at once, should nobody read it.
constexpr absl::Duration kLastWords = absl::Seconds(1);

ApplyOptions OptionsFor(const Session& session, bool withhold_deletions) {
  ApplyOptions options;
  options.limits.parallelism = session.options.common.parallelism;
  options.limits.copies_per_host_pair = session.options.common.copies_per_host_pair;
  options.limits.max_failures = session.options.max_failures;
  options.withhold_deletions = withhold_deletions;
  options.dry_run = session.options.dry_run;
  return options;
}

bool ChangesSomething(const ApplyCounts& counts) {
  return counts.added + counts.changed + counts.destroyed > 0;
}

// Of an action that the end of the process interrupts.
std::string WhatIsLeft(const Config& config, const Session& session) {
  if (session.options.dry_run) return "";
  return fmt::format("what became of it is unknown; the journal {} has what was begun",
                     JournalPath(session.options, config));
}

// Without its journal the run itself would change nothing, and fail.
void RehearseJournal(const Config& config, const Session& session, CarriedOut& done) {
  if (!ChangesSomething(done.counts)) return;
  const absl::Status journal = CheckAppendable(JournalPath(session.options, config));
  if (journal.ok()) return;
  session.console.Error(fmt::format("nothing would be changed, as the journal can't be written: {}",
                                    std::string(journal.message())));
  if (done.exit_code == kExitOk || done.exit_code == kExitBlocked) done.exit_code = kExitError;
}

}  // namespace

CarriedOut CarryOut(const Plan& plan, const Config& config, bool withhold_deletions,
                    RealWorld& world, const Session& session) {
  const absl::Time started = absl::Now();
  std::atomic<bool> stop{false};
  const auto journal = MakeFileJournal(JournalPath(session.options, config), *world.world().clock);
  const auto blobs = MakeBlobCopies(world.registry(), stop);
  ManifestCopies manifests;
  RepositoryUses uses(world.registry());
  TagsAtStart at_start(world.registry());
  const MinKeep min_keep(plan, config);
  const ApplyTools tools{.config = &config,
                         .registry = &world.registry(),
                         .world = &world.world(),
                         .journal = journal.get(),
                         .blobs = blobs.get(),
                         .manifests = &manifests,
                         .stop = &stop,
                         .uses = &uses,
                         .at_start = &at_start,
                         .min_keep = &min_keep};

  Progress progress(session.console);
  Aside aside;
  const Signals::Handling handling = session.signals.Handle(
      [&] {
        stop = true;
        world.world().processes->StopAll();
        aside.Say([&] {
          session.console.Log(LogLevel::kWarn,
                              "stopping: nothing new starts; once more ends at once");
        });
      },
      [&] {
        world.world().processes->KillAll();
        RemoveTemporaryDirectories();
        SayWithin(kLastWords, [&] {
          const Progress::LastWords words = progress.EndNow(WhatIsLeft(config, session));
          session.console.Print(session.options.dry_run
                                    ? DryRunClosing(words.counts)
                                    : ApplyClosing(words.counts, false, absl::Now() - started));
          for (const std::string& line : words.interrupted) session.console.Error(line);
        });
      });
  CarriedOut done;
  done.results = Apply(plan, OptionsFor(session, withhold_deletions), tools, progress);
  done.counts = Count(plan, done.results);
  done.took = absl::Now() - started;
  done.exit_code = session.signals.ExitCode() != 0 ? session.signals.ExitCode()
                                                   : ApplyExitCode(plan, done.counts);
  if (session.options.dry_run) RehearseJournal(config, session, done);
  return done;
}

}  // namespace imglife
