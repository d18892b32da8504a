// plan.json: a plan that is read is written so that it is read again, with the same bytes.
#include <string>
#include <tuple>

#include "nlohmann/json.hpp"

#include "engine/plan/plan_file.h"
#include "schema/image/digest.h"
#include "schema/text/json_depth.h"
#include "tests/fuzz/fuzzing.h"

namespace imglife {
namespace {

auto Head(const Plan& plan) {
  return std::tie(plan.imglife_version, plan.created_at, plan.policy_now, plan.expires_at,
                  plan.config_path, plan.config_digest, plan.config_git_commit, plan.partial,
                  plan.narrowed, plan.filters, plan.filter_notes, plan.warnings, plan.errors);
}

auto Change(const Action& action) {
  return std::tie(action.kind, action.target, action.stage, action.operation, action.cause,
                  action.reason, action.before, action.after, action.needs, action.bytes,
                  action.remarks);
}

auto Work(const Action& action) {
  return std::tie(action.copy.source, action.copy.platforms, action.copy.entry,
                  action.copy.referrers, action.build.image, action.build.base, action.build.forced,
                  action.commit.content, action.commit.content_known, action.commit.changed,
                  action.removal.way, action.removal.exclusive_children,
                  action.removal.exclusive_referrers, action.removal.referrer_tags,
                  action.removal.siblings, action.hook.index, action.hook.triggers);
}

bool Same(const Plan& a, const Plan& b) {
  if (Head(a) != Head(b) || a.actions.size() != b.actions.size()) return false;
  for (std::size_t i = 0; i < a.actions.size(); ++i) {
    if (Change(a.actions[i]) != Change(b.actions[i])) return false;
    if (Work(a.actions[i]) != Work(b.actions[i])) return false;
  }
  return true;
}

void Check(std::string_view content) {
  const absl::StatusOr<SavedPlan> plan = ReadPlan(content);
  if (!plan.ok()) return;
  const std::string written = WritePlan(*plan);
  const absl::StatusOr<SavedPlan> again = ReadPlan(written);
  Expect(again.ok(), "a written plan can be read");
  Expect(WritePlan(*again) == written, "a plan is written the same way again");
  Expect(Same(*again, *plan), "a written plan is read as it was");
}

// Without this nothing altered would come past the digest. Empty if `content` is no JSON object.
std::string WithItsDigest(std::string_view content) {
  constexpr int kMostLevels = 100;
  if (NestsDeeperThan(kMostLevels, content)) return {};
  auto json = nlohmann::ordered_json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return {};
  json.erase("digest");
  json["digest"] = Digest::OfBytes(json.dump()).str();
  return json.dump();
}

}  // namespace
}  // namespace imglife

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  const std::string_view content = TextOf(data, size);
  Check(content);
  Check(WithItsDigest(content));
  return 0;
}
