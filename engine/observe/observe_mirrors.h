// What a run has to read of mirrors and of their sources, and how the two compare.
#pragma once

#include "engine/observe/desired.h"
#include "engine/observe/digest_checks.h"
#include "engine/observe/observed.h"
#include "engine/observe/registry_memo.h"
#include "engine/observe/tag_reader.h"
#include "engine/observe/world.h"
#include "schema/config/config.h"

namespace imglife {

// The images of sources whose tags the mirrors lack: they are to be copied.
void AddMissingSources(const Config& config, const Desired& desired, const Observed& observed,
                       TagReader& reader);

// The tags that mirrors have and whose entries compare digests or copy referrers: what they name is
// added to `reader`, and the comparisons to `checks`. `config` must outlive `checks`.
void AddDigestChecks(const Config& config, const Desired& desired, const Observed& observed,
                     TagReader& reader, DigestChecks& checks);

// The tags of mirrors that are not what their sources have, both of which have been read: what the
// mirror's tag names tells why.
void AddDifferingMirrors(const Config& config, const Desired& desired, const Observed& observed,
                         TagReader& reader);

// The images of sources whose tags are placeholders in the mirrors, which has been read: they are
// copied like those that are absent.
void AddSourcesOfPlaceholders(const Config& config, const Desired& desired,
                              const Observed& observed, TagReader& reader);

// Fills in `observed.filtered`: the digests that mirrors with `platforms` will have. Both sides
// have been read. What they are made of already isn't asked.
void FilterIndexes(const Config& config, const Desired& desired, RegistryMemo& registry,
                   Observed& observed);

// Fills in `observed.last_written`, where a mirror differs from its source: was it somebody else
// who changed it? Both sides have been read.
void AskWhatWasWritten(const Config& config, const Desired& desired, const World& world,
                       Observed& observed);

}  // namespace imglife
