#include "tests/engine/plan/plan_maker.h"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

#include "fmt/format.h"

#include "engine/plan/graph.h"

namespace imglife {
namespace {

constexpr const char* kHost = "registry.example.com/";

Action MakeAction(ActionKind kind, Stage stage, Operation operation, std::string target) {
  Action action;
  action.kind = kind;
  action.stage = stage;
  action.operation = operation;
  action.target = std::move(target);
  action.reason = "a test asks for it";
  action.before = kAbsent;
  return action;
}

// Pieces of text that have broken programs.
std::string RandomText(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {
      "alpine", "3.24", " ",  "→",    "·",    "\"", "\\", "\n", "\x1b[31m", "<b>", "|",
      "é",      "日",   "\t", "\x7f", "\xff", "/",  "",   "{}", "%s",       "0",   "\xc2\x85"};
  std::string text;
  for (auto i = random() % 6; i > 0; --i) text += kPieces[random() % kPieces.size()];
  return text;
}

std::vector<std::string> RandomTexts(std::mt19937& random) {
  std::vector<std::string> texts;
  for (auto i = random() % 4; i > 0; --i) texts.push_back(RandomText(random));
  return texts;
}

std::string RandomDigest(std::mt19937& random) {
  return DigestText(fmt::format("{:08x}", random()));
}

Action RandomAction(std::mt19937& random, std::size_t index) {
  const std::string image = fmt::format("{}r{}:t{}", kHost, random() % 4, index);
  const std::string other = fmt::format("{}r{}:t{}", kHost, random() % 4, random() % 50);
  switch (random() % 5) {
    case 0:
      return MakeCopy(image);
    case 1:
      return MakeBuild(image, other);
    case 2:
      return MakeArchive(other, fmt::format("{}archive/a:t{}", kHost, index));
    case 3:
      return MakeCommit(Stage::kEol, fmt::format("file-{}.yaml", index));
    default:
      return MakeDelete(image, fmt::format("{:04x}", random() % 65536));
  }
}

void AddRandomContent(std::mt19937& random, Action& action) {
  action.cause = static_cast<Cause>(random() % 4);
  action.reason = RandomText(random);
  action.rule = {RandomText(random), {static_cast<int>(random() % 1000), 0}};
  action.after = random() % 3 == 0 ? "" : RandomDigest(random);
  if (random() % 2 == 0) action.bytes = static_cast<std::int64_t>(random()) * 65536;
  if (random() % 5 == 0) action.blocked = Block{"drift", RandomText(random)};
  action.remarks = RandomTexts(random);
  for (const std::string& text : RandomTexts(random)) {
    action.details.push_back({"+~- "[random() % 4], text});
  }
  action.removal.siblings = RandomTexts(random);
  if (random() % 2 == 0) action.removal.exclusive_children = {MakeDigest("c1"), MakeDigest("c2")};
  if (random() % 2 == 0) action.removal.referrer_tags = {{"sha256-aa.sig", MakeDigest("e1")}};
  if (random() % 2 == 0) action.removal.frees = static_cast<std::int64_t>(random());
  action.removal.way = random() % 2 == 0 ? DeleteWork::Way::kManifest : DeleteWork::Way::kUntag;
  action.commit.changed = RandomTexts(random);
  action.commit.content_known = random() % 2 == 0;
  if (action.commit.content_known) action.commit.content = RandomText(random);
}

}  // namespace

std::string DigestText(const std::string& start) {
  return "sha256:" + start + std::string(64 - start.size(), '0');
}

Digest MakeDigest(const std::string& start) {
  return Digest::Parse(DigestText(start)).value();
}

Descriptor MakeDescriptor(const std::string& digest_start) {
  Descriptor descriptor;
  descriptor.digest = MakeDigest(digest_start);
  return descriptor;
}

Reference MakeReference(const std::string& text) {
  return ParseReference(text).value();
}

Action MakeCopy(const std::string& target) {
  Action action = MakeAction(ActionKind::kCopy, Stage::kSync, Operation::kCreate, target);
  action.copy.source = MakeReference("docker.io/library/alpine:3.24.1");
  action.copy.source.digest = MakeDigest("50");
  action.after = DigestText("50");
  return action;
}

Action MakeBuild(const std::string& target, const std::string& base) {
  Action action = MakeAction(ActionKind::kBuild, Stage::kBuild, Operation::kCreate, target);
  action.build.base = MakeReference(base);
  action.after = DigestText("b1");
  return action;
}

Action MakeArchive(const std::string& source, const std::string& target) {
  Action action = MakeAction(ActionKind::kArchive, Stage::kCleanup, Operation::kCreate, target);
  action.copy.source = MakeReference(source);
  action.copy.source.digest = MakeDigest("dd");
  action.after = DigestText("dd");
  return action;
}

Action MakeDelete(const std::string& target, const std::string& digest_start) {
  Action action = MakeAction(ActionKind::kDelete, Stage::kCleanup, Operation::kDelete, target);
  action.cause = Cause::kExpired;
  action.before = DigestText(digest_start);
  action.after = kAbsent;
  return action;
}

Action MakeHook(const std::string& target, std::vector<std::string> triggers) {
  Action action = MakeAction(ActionKind::kHook, Stage::kSync, Operation::kRun, target);
  action.before.clear();
  action.hook.triggers = std::move(triggers);
  return action;
}

Action MakeCommit(Stage stage, const std::string& file) {
  return MakeAction(ActionKind::kCommit, stage, Operation::kCreate, file);
}

Plan MakePlanOf(std::vector<Action> actions) {
  Plan plan;
  plan.imglife_version = "0.1.0";
  plan.created_at = absl::FromUnixSeconds(1'780'000'000);
  plan.policy_now = plan.created_at;
  plan.expires_at = plan.created_at + absl::Hours(24);
  plan.config_path = "imglife.yaml";
  plan.config_digest = DigestText("cf");
  plan.actions = std::move(actions);
  ConnectActions(plan.actions);
  const absl::Status sorted = SortActions(plan.actions);
  if (!sorted.ok()) throw std::logic_error(std::string(sorted.message()));
  return plan;
}

const Action* FindAction(const Plan& plan, const std::string& address) {
  const auto found =
      std::find_if(plan.actions.begin(), plan.actions.end(),
                   [&](const Action& action) { return action.Address() == address; });
  return found == plan.actions.end() ? nullptr : &*found;
}

std::vector<std::string> GuardsOf(const std::vector<Action>& actions) {
  std::vector<std::string> guards;
  for (const Action& action : actions) {
    guards.push_back(action.blocked ? action.blocked->guard : "");
  }
  return guards;
}

Plan ExamplePlan() {
  Action added = MakeCopy("registry.example.com/mirrors/alpine:3.24.1");
  added.remarks = {"new upstream tag", "2 platforms", "7.4 MB"};
  added.bytes = 7'400'000;
  added.rule = {"sync.entries[0]", {4, 7}};

  Action moved = MakeCopy("registry.example.com/mirrors/alpine:3.23.5");
  moved.operation = Operation::kUpdate;
  moved.cause = Cause::kUpstream;
  moved.remarks = {"upstream moved", "sha256:1c4eef1a → sha256:9d02b1c3"};
  moved.before = DigestText("1c4eef1a");
  moved.after = DigestText("9d02b1c3");
  moved.copy.source.digest = MakeDigest("9d02b1c3");

  Action built = MakeBuild("registry.example.com/bases/alpine:3.21.3-core1.0.0",
                           "registry.example.com/mirrors/alpine:3.21.3");
  built.remarks = {"tag does not exist", "from mirrors/alpine:3.21.3"};

  Action dates = MakeCommit(Stage::kEol, "eol-data.yaml");
  dates.operation = Operation::kUpdate;
  dates.before = DigestText("e0");
  dates.after = DigestText("e1");
  dates.remarks = {"2 cycles changed"};
  dates.details = {{'~', "alpine 3.22   eol 2027-05-01 → 2027-06-01"},
                   {'+', "alpine 3.24   eol 2028-06-01"}};
  dates.commit = {"alpine: []\n", true, {"alpine 3.22", "alpine 3.24"}};

  Action gone = MakeDelete("registry.example.com/bases/alpine:3.18.6-core1.0.0", "77aa01fe");
  gone.reason = "412 days old (max_age_days 90)";
  gone.remarks = {"412 days old (max_age_days 90)", "sha256:77aa01fe"};
  gone.details = {{' ', "also named by: none · frees 3.1 MB"}};
  gone.removal.way = DeleteWork::Way::kManifest;
  gone.removal.exclusive_children = {MakeDigest("c1"), MakeDigest("c2")};

  Plan plan = MakePlanOf({added, moved, built, dates, gone});
  plan.config_git_commit = "5d41402abc4b2a76b9719d911017c592aabbccdd";
  plan.observed["registry.example.com/mirrors/alpine"].tags = {{"3.23.5", DigestText("1c4eef1a")},
                                                               {"latest", ""}};
  plan.observed["registry.example.com/bases/alpine"].exists = false;
  return plan;
}

Plan EverythingPlan() {
  Action copy = MakeCopy("registry.example.com/mirrors/alpine:3.24.1");
  copy.remarks = {"new upstream tag\x1b[2J", "a | b <script>"};
  copy.copy.platforms = {{"linux", "amd64", "", ""}, {"linux", "arm", "v7", ""}};
  Action hook = MakeHook("post_sync registry.example.com/mirrors/alpine", {copy.Address()});
  hook.remarks = {"1 command"};
  Action archive = MakeArchive("registry.example.com/mirrors/alpine:3.18",
                               "archive.example.com/mirrors/alpine:3.18");
  archive.blocked = Block{"max_deletes", "2 deletions; max_deletes is 1"};
  Action first = MakeDelete("registry.example.com/mirrors/alpine:3.18");
  first.blocked = archive.blocked;
  Action second = MakeDelete("registry.example.com/mirrors/alpine:3.17", "de");
  second.blocked = archive.blocked;
  Action untagged = MakeDelete("registry.example.com/bases/alpine:3.17", "ba");
  untagged.removal.siblings = {"3.17.1", "latest"};
  Action status = MakeCommit(Stage::kStatus, "STATUS.md");
  status.after.clear();
  Plan plan = MakePlanOf({copy, hook, archive, first, second, untagged, status});
  plan.partial = true;
  plan.narrowed = true;
  plan.filters = {"--only sync", "--exclude copy *:9"};
  plan.filter_notes = {"--only takes along what the chosen actions need: 1 action (copy x)"};
  plan.warnings = {"docker.io/library/alpine: a tag's name is no valid tag: \"a\nb\""};
  plan.errors = {"registry.example.com/gone: the tag list could not be read (HTTP 503)"};
  return plan;
}

Plan RandomPlan(std::uint32_t seed, std::size_t actions) {
  std::mt19937 random(seed);
  std::vector<Action> made;
  std::vector<std::string> triggers;
  for (std::size_t i = 0; i < actions; ++i) {
    Action action = RandomAction(random, i);
    AddRandomContent(random, action);
    if (action.operation == Operation::kCreate && random() % 2 == 0) {
      action.operation = Operation::kUpdate;
      action.before = RandomDigest(random);
    }
    if (action.kind == ActionKind::kCopy) triggers.push_back(action.Address());
    made.push_back(std::move(action));
  }
  std::sort(triggers.begin(), triggers.end());
  if (!triggers.empty()) made.push_back(MakeHook("post_sync everything", triggers));
  made.push_back(MakeCommit(Stage::kStatus, "STATUS.md"));
  Plan plan = MakePlanOf(std::move(made));
  plan.created_at += absl::Nanoseconds(random());
  plan.warnings = RandomTexts(random);
  plan.observed["registry.example.com/r0"].tags = {{"t1", RandomDigest(random)}, {"t2", ""}};
  return plan;
}

}  // namespace imglife
