#include <string>

#include "nlohmann/json.hpp"

#include "engine/plan/action_json.h"
#include "engine/plan/plan_file.h"
#include "engine/plan/plan_json.h"
#include "schema/image/digest.h"

namespace imglife {
namespace {

using Json = nlohmann::ordered_json;

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

Json ConfigAsJson(const Plan& plan) {
  Json json;
  json["path"] = AsJsonText(plan.config_path);
  json["digest"] = AsJsonText(plan.config_digest);
  json["git_commit"] =
      plan.config_git_commit.empty() ? Json() : Json(AsJsonText(plan.config_git_commit));
  return json;
}

Json InputsAsJson(const PlanInputs& inputs) {
  Json array = Json::array();
  for (const auto& [name, digest] : inputs) {
    Json input;
    input["name"] = AsJsonText(name);
    input["digest"] = AsJsonText(digest);
    array.push_back(std::move(input));
  }
  return array;
}

Json SummaryAsJson(const PlanSummary& summary) {
  Json json;
  json["add"] = summary.add;
  json["change"] = summary.change;
  json["destroy"] = summary.destroy;
  json["blocked"] = summary.blocked;
  return json;
}

Json NotPlannedAsJson(const Plan& plan) {
  Json array = Json::array();
  for (const NotPlanned& one : plan.not_planned) {
    Json json;
    json["kind"] = std::string(KindName(one.kind));
    json["what"] = AsJsonText(one.what);
    json["reason"] = AsJsonText(one.reason);
    array.push_back(std::move(json));
  }
  return array;
}

Json PullsAsJson(const PlannedPulls& pulls) {
  Json json;
  json["registry"] = AsJsonText(pulls.registry);
  json["needed"] = pulls.needed;
  json["at_least"] = pulls.at_least;
  json["remaining"] = pulls.remaining;
  json["limit"] = pulls.limit;
  json["window_seconds"] = absl::ToInt64Seconds(pulls.window);
  return json;
}

// Arrays rather than objects: tags can be many, and an object of nlohmann's ordered kind is
// searched from its start for every key.
Json ObservedAsJson(const Plan& plan) {
  Json repositories = Json::array();
  for (const auto& [name, seen] : plan.observed) {
    Json tags = Json::array();
    for (const auto& [tag, digest] : seen.tags) {
      tags.push_back(AsJsonText(digest.empty() ? tag : tag + "@" + digest));
    }
    Json repository;
    repository["repository"] = AsJsonText(name);
    repository["exists"] = seen.exists;
    repository["tags"] = std::move(tags);
    repositories.push_back(std::move(repository));
  }
  Json json;
  json["catalog_told"] = plan.catalog_told;
  json["repositories"] = std::move(repositories);
  return json;
}

}  // namespace

Json PlanAsJson(const Plan& plan) {
  Json json;
  json["format_version"] = "1.0";
  json["imglife_version"] = AsJsonText(plan.imglife_version);
  json["created_at"] = TimeText(plan.created_at);
  json["policy_now"] = TimeText(plan.policy_now);
  json["expires_at"] = TimeText(plan.expires_at);
  json["config"] = ConfigAsJson(plan);
  json["partial"] = plan.partial;
  json["narrowed"] = plan.narrowed;
  json["filters"] = TextArray(plan.filters);
  json["filter_notes"] = TextArray(plan.filter_notes);
  json["summary"] = SummaryAsJson(Summarize(plan));
  Json actions = Json::array();
  for (const Action& action : plan.actions) actions.push_back(ActionAsJson(action));
  json["actions"] = std::move(actions);
  json["warnings"] = TextArray(plan.warnings);
  json["errors"] = TextArray(plan.errors);
  json["not_planned"] = NotPlannedAsJson(plan);
  json["pulls"] = plan.pulls ? PullsAsJson(*plan.pulls) : Json();
  json["observed"] = ObservedAsJson(plan);
  return json;
}

std::string WritePlan(const Plan& plan) {
  return WritePlan(SavedPlan(plan, {}));
}

std::string WritePlan(const SavedPlan& plan) {
  Json json = PlanAsJson(plan);
  json["config"]["inputs"] = InputsAsJson(plan.inputs);
  json["digest"] = Digest::OfBytes(json.dump()).str();
  return json.dump(2) + "\n";
}

}  // namespace imglife
