#include <limits>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "engine/plan/action_json.h"

namespace imglife {
namespace {

std::string Quoted(const std::string& text) {
  return fmt::format("\"{}\"", text);
}

// A word of one of the enumerations.
template <typename Enum>
Enum Word(const JsonFields& fields, const char* name,
          std::optional<Enum> (*from_name)(std::string_view)) {
  const std::string word = fields.Text(name);
  const std::optional<Enum> value = from_name(word);
  if (!value) fields.Fail(name, Quoted(word) + " is none of the known ones");
  return value.value_or(Enum{});
}

// Plans of older versions don't say: then it must succeed.
NeedKind NeedKindOf(const JsonFields& need) {
  return need.Has("kind") ? Word(need, "kind", NeedKindFromName) : NeedKind::kSuccess;
}

Reference ReferenceField(const JsonFields& fields, const char* name) {
  const std::string text = fields.Text(name);
  absl::StatusOr<Reference> reference = ParseReference(text);
  if (reference.ok()) return *std::move(reference);
  fields.Fail(name, std::string(reference.status().message()));
  return {};
}

// "absent", null for what is not known yet, or a digest.
std::string StateField(const JsonFields& fields, const char* name) {
  std::string state = fields.TextOrNull(name);
  if (fields.IsNull(name) || state == kAbsent) return state;
  if (!Digest::Parse(state).ok()) {
    fields.Fail(name, Quoted(state) + " is neither a digest nor \"absent\"");
  }
  return state;
}

std::vector<Digest> DigestsField(const JsonFields& fields, const char* name) {
  std::vector<Digest> digests;
  for (const std::string& text : fields.Texts(name)) {
    absl::StatusOr<Digest> digest = Digest::Parse(text);
    if (!digest.ok()) {
      fields.Fail(name, Quoted(text) + " is not a digest");
      return {};
    }
    digests.push_back(*std::move(digest));
  }
  return digests;
}

int PositionField(const JsonFields& fields, const char* name) {
  const std::int64_t position = fields.Count(name);
  if (position <= std::numeric_limits<int>::max()) return static_cast<int>(position);
  fields.Fail(name, "is too large");
  return 0;
}

CopyWork ReadCopy(const JsonFields& fields) {
  CopyWork work;
  work.source = ReferenceField(fields, "source");
  if (work.source.digest.empty()) fields.Fail("source", "has no digest");
  for (const std::string& text : fields.Texts("platforms")) {
    absl::StatusOr<Platform> platform = Platform::Parse(text);
    if (platform.ok()) {
      work.platforms.push_back(*std::move(platform));
    } else {
      fields.Fail("platforms", std::string(platform.status().message()));
    }
  }
  work.entry = static_cast<std::size_t>(fields.Count("entry"));
  work.referrers = fields.Flag("referrers");
  return work;
}

BuildWork ReadBuild(const JsonFields& fields) {
  BuildWork work;
  work.image = static_cast<std::size_t>(fields.Count("image"));
  work.base = ReferenceField(fields, "base");
  work.eol_date = fields.Text("eol_date");
  if (fields.Has("forced")) work.forced = fields.Flag("forced");
  return work;
}

CommitWork ReadCommit(const JsonFields& fields) {
  CommitWork work;
  work.content = fields.TextOrNull("content");
  work.content_known = !fields.IsNull("content");
  work.changed = fields.Texts("changed");
  return work;
}

std::vector<TaggedReferrer> ReadReferrerTags(const JsonFields& fields) {
  std::vector<TaggedReferrer> referrers;
  for (std::string& tag : fields.Texts("referrer_tags")) {
    if (!IsValidTag(tag)) fields.Fail("referrer_tags", Quoted(tag) + " is not a tag");
    referrers.push_back({std::move(tag), Digest()});
  }
  if (!fields.Has("referrer_tag_digests")) return referrers;
  std::vector<Digest> digests = DigestsField(fields, "referrer_tag_digests");
  if (digests.size() != referrers.size()) {
    fields.Fail("referrer_tag_digests", "does not have one digest for each of referrer_tags");
    return referrers;
  }
  for (std::size_t i = 0; i < digests.size(); ++i) referrers[i].digest = std::move(digests[i]);
  return referrers;
}

DeleteWork ReadDelete(const JsonFields& fields) {
  DeleteWork work;
  const std::string way = fields.Text("way");
  if (way != "manifest" && way != "untag") {
    fields.Fail("way", Quoted(way) + " is neither \"manifest\" nor \"untag\"");
  }
  work.way = way == "manifest" ? DeleteWork::Way::kManifest : DeleteWork::Way::kUntag;
  work.exclusive_children = DigestsField(fields, "exclusive_children");
  work.exclusive_referrers = DigestsField(fields, "exclusive_referrers");
  work.referrer_tags = ReadReferrerTags(fields);
  work.siblings = fields.Texts("siblings");
  if (fields.Has("built_on_it")) work.built_on_it = fields.Texts("built_on_it");
  if (fields.Has("frees")) work.frees = fields.CountOrNull("frees");
  if (!fields.IsNull("archived")) {
    work.archived = ReferenceField(fields, "archived");
    if (work.archived.tag.empty() || work.archived.digest.empty()) {
      fields.Fail("archived", "is not a reference with a tag and a digest");
    }
  }
  return work;
}

HookWork ReadHook(const JsonFields& fields) {
  HookWork work;
  work.index = static_cast<std::size_t>(fields.Count("index"));
  work.triggers = fields.Texts("triggers");
  return work;
}

// The operations that a kind can have (plan-apply.md, "Actions").
bool OperationFits(ActionKind kind, Operation operation) {
  if (kind == ActionKind::kHook) return operation == Operation::kRun;
  if (kind == ActionKind::kDelete) return operation == Operation::kDelete;
  return operation == Operation::kCreate || operation == Operation::kUpdate;
}

// A tag that is changed, written as imglife writes it.
void CheckTarget(const JsonFields& fields, const Action& action) {
  if (fields.Text("address") != action.Address()) {
    fields.Fail("address", "is not the kind and the target");
  }
  if (!action.HasReference()) return;
  const Reference target = ReferenceField(fields, "target");
  if (target.tag.empty() || !target.digest.empty() || target.ToString() != action.target) {
    fields.Fail("target", Quoted(action.target) + " is not a reference with a tag");
  }
}

void ReadWork(const JsonFields& fields, Action& action) {
  switch (action.kind) {
    case ActionKind::kCopy:
    case ActionKind::kArchive:
      action.copy = ReadCopy(fields.Object("copy"));
      return;
    case ActionKind::kBuild:
      action.build = ReadBuild(fields.Object("build"));
      return;
    case ActionKind::kCommit:
    case ActionKind::kPublish:
      action.commit = ReadCommit(fields.Object("commit"));
      return;
    case ActionKind::kDelete:
      action.removal = ReadDelete(fields.Object("delete"));
      return;
    case ActionKind::kHook:
      action.hook = ReadHook(fields.Object("hook"));
      return;
  }
}

void ReadSentences(const JsonFields& fields, Action& action) {
  action.reason = fields.Text("reason");
  const JsonFields rule = fields.Object("rule");
  action.rule.path = rule.Text("path");
  action.rule.at.line = PositionField(rule, "line");
  action.remarks = fields.Texts("remarks");
  fields.ForEach("details", [&](const JsonFields& detail) {
    const std::string symbol = detail.Text("symbol");
    if (symbol.size() != 1 || std::string_view("+~- ").find(symbol) == std::string_view::npos) {
      detail.Fail("symbol", Quoted(symbol) + " is none of +, ~, - and a space");
      return;
    }
    action.details.push_back({symbol.front(), detail.Text("text")});
  });
}

}  // namespace

Action ActionFromJson(const JsonFields& fields) {
  Action action;
  action.kind = Word(fields, "kind", KindFromName);
  action.target = fields.Text("target");
  action.stage = Word(fields, "stage", StageFromName);
  action.operation = Word(fields, "operation", OperationFromName);
  action.cause = Word(fields, "cause", CauseFromName);
  if (!OperationFits(action.kind, action.operation)) {
    fields.Fail("operation", "is not one that this kind of action has");
  }
  CheckTarget(fields, action);
  ReadSentences(fields, action);
  action.before = StateField(fields, "before");
  action.after = StateField(fields, "after");
  fields.ForEach("needs", [&](const JsonFields& need) {
    action.needs.push_back({need.Text("address"), need.Text("reason"), NeedKindOf(need)});
  });
  action.bytes = fields.CountOrNull("bytes");
  if (!fields.IsNull("blocked")) {
    const JsonFields blocked = fields.Object("blocked");
    action.blocked = Block{blocked.Text("guard"), blocked.Text("reason")};
  }
  ReadWork(fields, action);
  return action;
}

}  // namespace imglife
