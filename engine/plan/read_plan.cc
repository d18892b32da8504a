#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "nlohmann/json.hpp"

#include "engine/plan/action_json.h"
#include "engine/plan/plan_file.h"
#include "engine/plan/plan_json.h"
#include "schema/image/digest.h"
#include "schema/text/json_depth.h"

namespace imglife {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostBytes = std::size_t{1} << 30;
// A plan is 6 deep; what later minor versions add may be deeper.
constexpr int kDeepest = 32;

absl::StatusOr<Json> Parse(std::string_view content) {
  if (content.size() > kMostBytes)
    return absl::InvalidArgumentError("it is larger than a plan can be (1 GiB)");
  if (NestsDeeperThan(kDeepest, content))
    return absl::InvalidArgumentError("it is nested deeper than a plan can be");
  Json json = Json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded())
    return absl::InvalidArgumentError("it is not a complete JSON document: truncated or altered");
  if (!json.is_object())
    return absl::InvalidArgumentError("it is not a plan: it must be a JSON object");
  return json;
}

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

absl::Status CheckFormat(const JsonFields& fields, const absl::Status& status) {
  const std::string version = fields.Text("format_version");
  if (!status.ok()) return status;
  const std::size_t dot = version.find('.');
  if (dot == std::string::npos || !IsDigits(version.substr(0, dot)) ||
      !IsDigits(version.substr(dot + 1))) {
    return absl::InvalidArgumentError(
        fmt::format("format_version: \"{}\" is not MAJOR.MINOR", version));
  }
  if (version.substr(0, dot) == "1") return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("has format {}, and this imglife reads format 1: make the plan and use it with "
                  "the same imglife",
                  version));
}

absl::Status CheckDigest(Json& json) {
  const auto digest = json.find("digest");
  if (digest == json.end() || !digest->is_string()) {
    return absl::InvalidArgumentError("digest is missing: the plan is truncated or altered");
  }
  const std::string stated = digest->get<std::string>();
  json.erase(digest);
  const std::string found =
      Digest::OfBytes(json.dump(-1, ' ', false, Json::error_handler_t::replace)).str();
  if (stated == found) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("digest: the plan was altered after it was written (it says {}, its "
                  "content has {}): make a new plan",
                  stated, found));
}

absl::Time TimeField(const JsonFields& fields, const char* name) {
  const std::string text = fields.Text(name);
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    fields.Fail(name, fmt::format("\"{}\" is not a time (RFC 3339)", text));
  }
  return time;
}

std::string DigestField(const JsonFields& fields, const char* name) {
  std::string text = fields.Text(name);
  if (!Digest::Parse(text).ok()) fields.Fail(name, fmt::format("\"{}\" is not a digest", text));
  return text;
}

void ReadObserved(const JsonFields& fields, Plan& plan) {
  plan.catalog_told = !fields.Has("catalog_told") || fields.Flag("catalog_told");
  fields.ForEach("repositories", [&](const JsonFields& repository) {
    const std::string name = repository.Text("repository");
    SeenRepository seen;
    seen.exists = repository.Flag("exists");
    for (const std::string& text : repository.Texts("tags")) {
      const std::size_t at = text.find('@');
      const std::string tag = text.substr(0, at);
      const std::string digest = at == std::string::npos ? "" : text.substr(at + 1);
      const bool digest_fits = at == std::string::npos || Digest::Parse(digest).ok();
      if (!IsValidTag(tag) || !digest_fits || !seen.tags.emplace(tag, digest).second) {
        repository.Fail("tags", fmt::format("\"{}\" is not a tag or is there twice", text));
        return;
      }
    }
    if (!plan.observed.emplace(name, std::move(seen)).second) {
      repository.Fail("repository", fmt::format("\"{}\" is there twice", name));
    }
  });
}

PlanSummary ReadSummary(const JsonFields& fields) {
  const auto count = [&](const char* name) {
    return static_cast<int>(std::min<std::int64_t>(fields.Count(name), 1'000'000'000));
  };
  PlanSummary summary;
  summary.add = count("add");
  summary.change = count("change");
  summary.destroy = count("destroy");
  summary.blocked = count("blocked");
  return summary;
}

void ReadPulls(const JsonFields& fields, Plan& plan) {
  PlannedPulls pulls;
  pulls.registry = fields.Text("registry");
  pulls.needed = fields.Count("needed");
  pulls.at_least = fields.Flag("at_least");
  pulls.remaining = fields.Count("remaining");
  pulls.limit = fields.Count("limit");
  pulls.window = absl::Seconds(fields.Count("window_seconds"));
  plan.pulls = std::move(pulls);
}

void ReadConfig(const JsonFields& fields, Plan& plan) {
  plan.config_path = fields.Text("path");
  plan.config_digest = DigestField(fields, "digest");
  plan.config_git_commit = fields.TextOrNull("git_commit");
}

absl::StatusOr<PlanInputs> ReadInputs(const Json& json) {
  absl::Status status;
  const JsonFields fields = JsonFields(json, "", status).Object("config");
  PlanInputs inputs;
  // Plans of older versions have none.
  if (!fields.Has("inputs")) return inputs;
  fields.ForEach("inputs", [&](const JsonFields& input) {
    const std::string name = input.Text("name");
    if (inputs.emplace(name, input.Text("digest")).second) return;
    input.Fail("name", fmt::format("\"{}\" is there twice", name));
  });
  if (!status.ok()) return status;
  return inputs;
}

}  // namespace

absl::StatusOr<Plan> PlanFromJson(const Json& json) {
  absl::Status status;
  const JsonFields fields(json, "", status);
  Plan plan;
  plan.imglife_version = fields.Text("imglife_version");
  plan.created_at = TimeField(fields, "created_at");
  plan.policy_now = TimeField(fields, "policy_now");
  plan.expires_at = TimeField(fields, "expires_at");
  ReadConfig(fields.Object("config"), plan);
  plan.partial = fields.Flag("partial");
  // Plans of older versions don't say: then it may be.
  plan.narrowed = !fields.Has("narrowed") || fields.Flag("narrowed");
  plan.filters = fields.Texts("filters");
  plan.filter_notes = fields.Texts("filter_notes");
  fields.ForEach("actions",
                 [&](const JsonFields& action) { plan.actions.push_back(ActionFromJson(action)); });
  plan.warnings = fields.Texts("warnings");
  plan.errors = fields.Texts("errors");
  if (fields.Has("pulls") && !fields.IsNull("pulls")) ReadPulls(fields.Object("pulls"), plan);
  ReadObserved(fields.Object("observed"), plan);
  const PlanSummary stated = ReadSummary(fields.Object("summary"));
  if (!status.ok()) return status;
  const absl::Status consistent = CheckConsistent(plan, stated);
  if (!consistent.ok()) return consistent;
  return plan;
}

absl::StatusOr<SavedPlan> ReadPlan(std::string_view content) {
  absl::StatusOr<Json> json = Parse(content);
  if (!json.ok()) return json.status();
  absl::Status status;
  const absl::Status format = CheckFormat(JsonFields(*json, "", status), status);
  if (!format.ok()) return format;
  const absl::Status digest = CheckDigest(*json);
  if (!digest.ok()) return digest;
  auto plan = PlanFromJson(*json);
  if (!plan.ok()) return plan.status();
  auto inputs = ReadInputs(*json);
  if (!inputs.ok()) return inputs.status();
  return SavedPlan(*std::move(plan), *std::move(inputs));
}

absl::Status CheckApplicable(const Plan& plan, const std::string& config_digest, absl::Time now) {
  if (!plan.errors.empty()) {
    return absl::FailedPreconditionError(
        fmt::format("the plan is incomplete ({}): make a new plan", plan.errors.front()));
  }
  if (now >= plan.expires_at) {
    return absl::FailedPreconditionError(
        fmt::format("the plan expired at {}: make a new plan",
                    absl::FormatTime(absl::RFC3339_sec, plan.expires_at, absl::UTCTimeZone())));
  }
  if (plan.config_digest == config_digest) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("the plan was made for another configuration ({} with digest {}; it has {} now): "
                  "make a new plan",
                  plan.config_path, plan.config_digest, config_digest));
}

absl::Status CheckSameInputs(const SavedPlan& plan, const PlanInputs& now) {
  std::set<std::string> changed;
  const auto add_changed = [&](const PlanInputs& some, const PlanInputs& others) {
    for (const auto& [name, digest] : some) {
      const auto other = others.find(name);
      if (other == others.end() || other->second != digest) changed.insert(name);
    }
  };
  add_changed(plan.inputs, now);
  add_changed(now, plan.inputs);
  if (changed.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("changed since the plan was made: {}: make a new plan, or apply this one with "
                  "what it was made with",
                  fmt::join(changed, ", ")));
}

}  // namespace imglife
