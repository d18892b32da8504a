#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "engine/plan/action_json.h"
#include "schema/text/utf8.h"

namespace imglife {
namespace {

using Json = nlohmann::ordered_json;

Json TextOrNull(const std::string& text) {
  return text.empty() ? Json() : Json(AsJsonText(text));
}

template <typename Items, typename Write>
Json ArrayOf(const Items& items, const Write& write) {
  Json array = Json::array();
  for (const auto& item : items) array.push_back(write(item));
  return array;
}

Json DigestArray(const std::vector<Digest>& digests) {
  return ArrayOf(digests, [](const Digest& digest) { return Json(digest.str()); });
}

Json CopyAsJson(const CopyWork& work) {
  Json json;
  json["source"] = AsJsonText(work.source.ToString());
  json["platforms"] = ArrayOf(
      work.platforms, [](const Platform& platform) { return AsJsonText(platform.ToString()); });
  json["entry"] = work.entry;
  json["referrers"] = work.referrers;
  return json;
}

Json BuildAsJson(const BuildWork& work) {
  Json json;
  json["image"] = work.image;
  json["base"] = AsJsonText(work.base.ToString());
  json["eol_date"] = AsJsonText(work.eol_date);
  json["forced"] = work.forced;
  return json;
}

Json CommitAsJson(const CommitWork& work) {
  Json json;
  json["content"] = work.content_known ? Json(AsJsonText(work.content)) : Json();
  json["changed"] = TextArray(work.changed);
  return json;
}

// All of them or none: of a plan that was read and doesn't say what they named.
void WriteReferrerTags(const std::vector<TaggedReferrer>& referrers, Json& json) {
  json["referrer_tags"] =
      ArrayOf(referrers, [](const TaggedReferrer& referrer) { return AsJsonText(referrer.tag); });
  const bool known =
      std::none_of(referrers.begin(), referrers.end(),
                   [](const TaggedReferrer& referrer) { return referrer.digest.empty(); });
  if (!known) return;
  json["referrer_tag_digests"] = ArrayOf(
      referrers, [](const TaggedReferrer& referrer) { return Json(referrer.digest.str()); });
}

Json DeleteAsJson(const DeleteWork& work) {
  Json json;
  json["way"] = work.way == DeleteWork::Way::kManifest ? "manifest" : "untag";
  json["exclusive_children"] = DigestArray(work.exclusive_children);
  json["exclusive_referrers"] = DigestArray(work.exclusive_referrers);
  WriteReferrerTags(work.referrer_tags, json);
  json["siblings"] = TextArray(work.siblings);
  json["built_on_it"] = TextArray(work.built_on_it);
  json["frees"] = work.frees ? Json(*work.frees) : Json();
  json["archived"] =
      work.archived.tag.empty() ? Json() : Json(AsJsonText(work.archived.ToString()));
  return json;
}

Json HookAsJson(const HookWork& work) {
  Json json;
  json["index"] = work.index;
  json["triggers"] = TextArray(work.triggers);
  return json;
}

void WriteWork(const Action& action, Json& json) {
  switch (action.kind) {
    case ActionKind::kCopy:
    case ActionKind::kArchive:
      json["copy"] = CopyAsJson(action.copy);
      return;
    case ActionKind::kBuild:
      json["build"] = BuildAsJson(action.build);
      return;
    case ActionKind::kCommit:
    case ActionKind::kPublish:
      json["commit"] = CommitAsJson(action.commit);
      return;
    case ActionKind::kDelete:
      json["delete"] = DeleteAsJson(action.removal);
      return;
    case ActionKind::kHook:
      json["hook"] = HookAsJson(action.hook);
      return;
  }
}

Json RuleAsJson(const ConfigRule& rule) {
  Json json;
  json["path"] = AsJsonText(rule.path);
  json["line"] = rule.at.line;
  return json;
}

Json BlockAsJson(const std::optional<Block>& blocked) {
  if (!blocked) return Json();
  Json json;
  json["guard"] = AsJsonText(blocked->guard);
  json["reason"] = AsJsonText(blocked->reason);
  return json;
}

Json NeedAsJson(const Need& need) {
  Json json;
  json["address"] = AsJsonText(need.address);
  json["reason"] = AsJsonText(need.reason);
  json["kind"] = NeedKindName(need.kind);
  return json;
}

Json DetailAsJson(const ActionDetail& detail) {
  Json json;
  json["symbol"] = std::string(1, detail.symbol);
  json["text"] = AsJsonText(detail.text);
  return json;
}

}  // namespace

std::string AsJsonText(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = DecodeUtf8(text).size;
    if (size == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    out += text.substr(0, size);
    text.remove_prefix(size);
  }
  return out;
}

Json TextArray(const std::vector<std::string>& texts) {
  return ArrayOf(texts, AsJsonText);
}

Json ActionAsJson(const Action& action) {
  Json json;
  json["address"] = AsJsonText(action.Address());
  json["kind"] = KindName(action.kind);
  json["target"] = AsJsonText(action.target);
  json["stage"] = StageName(action.stage);
  json["operation"] = OperationName(action.operation);
  json["cause"] = CauseName(action.cause);
  json["reason"] = AsJsonText(action.reason);
  json["rule"] = RuleAsJson(action.rule);
  json["before"] = TextOrNull(action.before);
  json["after"] = TextOrNull(action.after);
  json["needs"] = ArrayOf(action.needs, NeedAsJson);
  json["bytes"] = action.bytes ? Json(*action.bytes) : Json();
  json["blocked"] = BlockAsJson(action.blocked);
  json["remarks"] = TextArray(action.remarks);
  json["details"] = ArrayOf(action.details, DetailAsJson);
  WriteWork(action, json);
  return json;
}

}  // namespace imglife
