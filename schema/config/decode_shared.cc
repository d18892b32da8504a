#include <array>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "schema/config/domain.h"
#include "schema/config/fields.h"
#include "schema/config/product_name.h"
#include "schema/config/scalars.h"
#include "schema/config/sections.h"

namespace imglife {
namespace {

constexpr std::string_view kRegexPrefix = "regex:";

constexpr Field<Hook> kHookFields[] = {
    {"cmd",
     [](const Value& value, Hook& hook) {
       Assign(hook.cmd, ReadRawText(value));
       if (value.node().IsScalar() && value.node().text().empty()) {
         value.Report("bad-value", "must not be empty");
       }
     },
     true},
    {"timeout", [](const Value& value, Hook& hook) { Assign(hook.timeout, ReadDuration(value)); }},
    {"continue_on_error",
     [](const Value& value, Hook& hook) { Assign(hook.continue_on_error, ReadBool(value)); }},
};

constexpr Field<std::vector<Hook>> kPostSyncFields[] = {
    {"post_sync", [](const Value& value, std::vector<Hook>& hooks) { hooks = DecodeHooks(value); }},
};

constexpr Field<std::vector<Hook>> kPostImageBuildFields[] = {
    {"post_image_build",
     [](const Value& value, std::vector<Hook>& hooks) { hooks = DecodeHooks(value); }},
};

std::optional<Hook> DecodeHook(const Value& value) {
  Hook hook;
  hook.rule = value.Rule();
  if (!ReadFields(value, kHookFields, hook)) return std::nullopt;
  return hook;
}

void ReadProduct(const Value& value, LifecycleRef& lifecycle) {
  std::optional<std::string> product = ReadSomeText(value);
  if (!product) return;
  if (!IsProductName(*product)) {
    value.Report("bad-value", fmt::format("`{}` is no product of endoflife.date: its names are up "
                                          "to {} letters, digits, `-`, `_`, `.` and `+`",
                                          *product, kMostProductName));
    return;
  }
  lifecycle.product = *std::move(product);
}

void ReadExtract(const Value& value, LifecycleRef& lifecycle) {
  static constexpr std::array<std::pair<std::string_view, LifecycleExtract>, 5> kWords = {
      {{"full", LifecycleExtract::kFull},
       {"major", LifecycleExtract::kMajor},
       {"minor", LifecycleExtract::kMinor},
       {"patch", LifecycleExtract::kPatch},
       {"regex:PATTERN", LifecycleExtract::kRegex}}};
  const std::string& raw = value.node().text();
  if (!raw.starts_with(kRegexPrefix)) {
    Assign(lifecycle.extract, ReadWord(value, kWords));
    return;
  }
  if (value.HoldsCredential()) return;
  lifecycle.extract = LifecycleExtract::kRegex;
  lifecycle.regex = raw.substr(kRegexPrefix.size());
  CheckRegex(value, lifecycle.regex, kRegexPrefix.size(), 1);
}

constexpr Field<LifecycleRef> kLifecycleRefFields[] = {
    {"product", ReadProduct, true},
    {"extract", ReadExtract},
    {"track", ReadExtract},
};

// Nothing that git could take for an option.
std::optional<std::string> ReadGitName(const Value& value) {
  std::optional<std::string> name = ReadText(value);
  if (name && name->starts_with('-')) {
    value.Report("bad-value", "must not start with `-`");
    return std::nullopt;
  }
  return name;
}

void ReadPush(const Value& value, GitSettings& git) {
  static constexpr std::array<std::pair<std::string_view, GitPush>, 3> kWords = {
      {{"auto", GitPush::kAuto}, {"always", GitPush::kAlways}, {"never", GitPush::kNever}}};
  Assign(git.push, ReadWord(value, kWords));
}

constexpr Field<GitSettings> kGitFields[] = {
    {"commit", [](const Value& value, GitSettings& git) { Assign(git.commit, ReadBool(value)); }},
    {"push", ReadPush},
    {"remote",
     [](const Value& value, GitSettings& git) {
       Assign(git.remote, ReadGitName(value));
       if (git.remote.empty()) value.Report("bad-value", "must not be empty");
     }},
    {"branch",
     [](const Value& value, GitSettings& git) { Assign(git.branch, ReadGitName(value)); }},
    {"message", [](const Value& value, GitSettings& git) { Assign(git.message, ReadText(value)); }},
    {"author_name",
     [](const Value& value, GitSettings& git) { Assign(git.author_name, ReadText(value)); }},
    {"author_email",
     [](const Value& value, GitSettings& git) { Assign(git.author_email, ReadText(value)); }},
};

}  // namespace

std::vector<Hook> DecodeHooks(const Value& value) {
  return ReadEach(value, DecodeHook);
}

void DecodePostSyncHooks(const Value& value, std::vector<Hook>& hooks) {
  ReadFields(value, kPostSyncFields, hooks);
}

void DecodePostImageBuildHooks(const Value& value, std::vector<Hook>& hooks) {
  ReadFields(value, kPostImageBuildFields, hooks);
}

std::optional<LifecycleRef> DecodeLifecycleRef(const Value& value) {
  LifecycleRef lifecycle;
  lifecycle.rule = value.Rule();
  if (!ReadFields(value, kLifecycleRefFields, lifecycle)) return std::nullopt;
  const std::optional<Value> track = value.Find("track");
  if (track && value.Find("extract")) {
    track->Report("exclusive-keys", "`extract` and `track` mean the same: write one of them");
  }
  return lifecycle;
}

GitSettings DecodeGit(const Value& value) {
  GitSettings git;
  ReadFields(value, kGitFields, git);
  return git;
}

}  // namespace imglife
