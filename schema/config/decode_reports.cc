#include <array>
#include <optional>
#include <string>
#include <utility>

#include "schema/config/domain.h"
#include "schema/config/fields.h"
#include "schema/config/scalars.h"
#include "schema/config/sections.h"

namespace imglife {
namespace {

void ReadEolProvider(const Value& value, LifecycleSection& section) {
  using EolProvider = LifecycleSection::Provider;
  static constexpr std::array<std::pair<std::string_view, EolProvider>, 2> kWords = {
      {{"endoflife", EolProvider::kEndOfLife}, {"local", EolProvider::kLocal}}};
  Assign(section.provider, ReadWord(value, kWords));
}

void ReadEolTarget(const Value& value, LifecycleSection& section) {
  using Target = LifecycleSection::Target;
  static constexpr std::array<std::pair<std::string_view, Target>, 2> kWords = {
      {{"git", Target::kGit}, {"pkgregistry", Target::kPackageRegistry}}};
  Assign(section.target, ReadWord(value, kWords));
}

void ReadEolDataFile(const Value& value, LifecycleSection& section) {
  std::optional<WrittenPath> path = ReadPath(value);
  if (!path) return;
  section.eol_data_file = std::move(path->joined);
  section.eol_data_file_as_written = std::move(path->written);
}

constexpr Field<LifecycleSection> kLifecycleFields[] = {
    {"eol_provider", ReadEolProvider},
    {"eol_url", [](const Value& value,
                   LifecycleSection& section) { Assign(section.eol_url, ReadUrl(value)); }},
    {"eol_target", ReadEolTarget},
    {"eol_data_file", ReadEolDataFile},
    {"warn_days",
     [](const Value& value, LifecycleSection& section) {
       Assign(section.warn_days, ReadInteger(value, 0, kMostDays));
     }},
    {"critical_days",
     [](const Value& value, LifecycleSection& section) {
       Assign(section.critical_days, ReadInteger(value, 0, kMostDays));
     }},
    {"git", [](const Value& value, LifecycleSection& section) { section.git = DecodeGit(value); }},
};

void ReadOutput(const Value& value, StatusSection& section) {
  std::optional<WrittenPath> path = ReadPath(value);
  if (!path) return;
  section.output = std::move(path->joined);
  section.output_as_written = std::move(path->written);
}

constexpr Field<StatusSection> kStatusFields[] = {
    {"client_zone",
     [](const Value& value, StatusSection& section) {
       Assign(section.client_zone, ReadRawText(value));
     }},
    {"output", ReadOutput},
    {"title",
     [](const Value& value, StatusSection& section) { Assign(section.title, ReadText(value)); }},
    {"git", [](const Value& value, StatusSection& section) { section.git = DecodeGit(value); }},
};

void ReadThreshold(const Value& value, NotifySection& section) {
  using Threshold = NotifySection::Threshold;
  static constexpr std::array<std::pair<std::string_view, Threshold>, 3> kWords = {
      {{"warning", Threshold::kWarning},
       {"critical", Threshold::kCritical},
       {"expired", Threshold::kExpired}}};
  Assign(section.threshold, ReadWord(value, kWords));
}

constexpr Field<std::string> kSlackFields[] = {
    {"webhook_env",
     [](const Value& value, std::string& name) { Assign(name, ReadVariableName(value)); }, true},
};

void ReadSlack(const Value& value, NotifySection& section) {
  for (const Value& item : ReadList(value)) {
    std::string name;
    if (ReadFields(item, kSlackFields, name)) section.slack_webhook_envs.push_back(name);
  }
}

constexpr Field<Webhook> kWebhookFields[] = {
    {"url",
     [](const Value& value, Webhook& webhook) { Assign(webhook.url, ReadUrlWithQuery(value)); },
     true},
    {"header_env", [](const Value& value,
                      Webhook& webhook) { Assign(webhook.header_env, ReadVariableName(value)); }},
};

void ReadWebhooks(const Value& value, NotifySection& section) {
  for (const Value& item : ReadList(value)) {
    Webhook webhook;
    if (ReadFields(item, kWebhookFields, webhook)) section.webhooks.push_back(std::move(webhook));
  }
}

constexpr Field<NotifySection> kNotifyFields[] = {
    {"threshold", ReadThreshold},
    {"slack", ReadSlack},
    {"webhooks", ReadWebhooks},
};

}  // namespace

LifecycleSection DecodeLifecycle(const Value& value) {
  LifecycleSection section;
  section.eol_data_file = JoinPath(value.context().directory, section.eol_data_file_as_written);
  section.rule = value.Rule();
  ReadFields(value, kLifecycleFields, section);
  return section;
}

StatusSection DecodeStatus(const Value& value) {
  StatusSection section;
  section.rule = value.Rule();
  ReadFields(value, kStatusFields, section);
  return section;
}

NotifySection DecodeNotify(const Value& value) {
  NotifySection section;
  ReadFields(value, kNotifyFields, section);
  return section;
}

}  // namespace imglife
