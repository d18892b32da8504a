#include <optional>
#include <utility>
#include <vector>

#include "schema/config/domain.h"
#include "schema/config/fields.h"
#include "schema/config/scalars.h"
#include "schema/config/sections.h"

namespace imglife {
namespace {

constexpr Field<SyncEntry> kEntryFields[] = {
    {"source",
     [](const Value& value, SyncEntry& entry) { Assign(entry.source, ReadRepository(value)); },
     true},
    {"target",
     [](const Value& value, SyncEntry& entry) { Assign(entry.target, ReadRepository(value)); },
     true},
    {"tag", [](const Value& value, SyncEntry& entry) { Assign(entry.tag, ReadTag(value)); }},
    {"tag_regex",
     [](const Value& value, SyncEntry& entry) { Assign(entry.tag_regex, ReadRegex(value)); }},
    {"keep_last",
     [](const Value& value, SyncEntry& entry) {
       Assign(entry.keep_last, ReadInteger(value, 1, kMostCount));
     }},
    {"keep_last_per",
     [](const Value& value, SyncEntry& entry) {
       Assign(entry.keep_last_per, ReadKeepLastPer(value));
     }},
    {"exclude",
     [](const Value& value, SyncEntry& entry) { entry.exclude = ReadEach(value, ReadRegex); }},
    {"os_normalize",
     [](const Value& value, SyncEntry& entry) { Assign(entry.os_normalize, ReadBool(value)); }},
    {"check_digest",
     [](const Value& value, SyncEntry& entry) { Assign(entry.check_digest, ReadBool(value)); }},
    {"platforms",
     [](const Value& value, SyncEntry& entry) { entry.platforms = ReadPlatforms(value); }},
    {"referrers",
     [](const Value& value, SyncEntry& entry) { Assign(entry.referrers, ReadBool(value)); }},
    {"lifecycle",
     [](const Value& value, SyncEntry& entry) { entry.lifecycle = DecodeLifecycleRef(value); }},
    {"hooks",
     [](const Value& value, SyncEntry& entry) { DecodePostSyncHooks(value, entry.post_sync); }},
};

void CheckTagChoice(const Value& entry) {
  const std::optional<Value> tag = entry.Find("tag");
  const std::optional<Value> tag_regex = entry.Find("tag_regex");
  if (!tag && !tag_regex) {
    entry.ReportAt(entry.Rule().at, "missing-key", "one of `tag` and `tag_regex` is needed");
  } else if (tag && tag_regex) {
    Finding finding;
    finding.code = "exclusive-keys";
    finding.at = tag_regex->Rule().at;
    finding.message = "only one of `tag` and `tag_regex` may be there";
    finding.notes.push_back({tag->Rule().at, "`tag` is here"});
    entry.Add(std::move(finding));
  }
}

struct SyncDraft {
  SyncSection section;
  std::vector<Platform> platforms;
};

void ReadEntries(const Value& value, SyncDraft& draft) {
  for (const Value& item : ReadList(value)) {
    SyncEntry entry;
    entry.rule = item.Rule();
    entry.platforms = draft.platforms;
    if (!ReadFields(item, kEntryFields, entry)) continue;
    CheckTagChoice(item);
    draft.section.entries.push_back(std::move(entry));
  }
}

// The platforms come before the entries, which inherit them.
constexpr Field<SyncDraft> kSyncFields[] = {
    {"hooks", [](const Value& value,
                 SyncDraft& draft) { DecodePostSyncHooks(value, draft.section.post_sync); }},
    {"platforms",
     [](const Value& value, SyncDraft& draft) { draft.platforms = ReadPlatforms(value); }},
    {"entries", ReadEntries},
};

}  // namespace

SyncSection DecodeSync(const Value& value) {
  SyncDraft draft;
  draft.section.rule = value.Rule();
  ReadFields(value, kSyncFields, draft);
  return std::move(draft.section);
}

}  // namespace imglife
