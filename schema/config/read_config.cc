#include "schema/config/read_config.h"

#include <cstdint>
#include <map>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "schema/config/build_backends.h"
#include "schema/config/config_digest.h"
#include "schema/config/config_reading.h"
#include "schema/config/credentials.h"
#include "schema/config/domain.h"
#include "schema/config/fields.h"
#include "schema/config/scalars.h"
#include "schema/config/sections.h"
#include "schema/config/yaml_reader.h"
#include "schema/text/byte_order_mark.h"
#include "schema/text/secrets.h"

namespace imglife {
namespace {

std::string DirectoryOf(std::string_view file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(slash == 0 ? "/" : file.substr(0, slash));
}

constexpr Field<Config> kRootFields[] = {
    {"registry",
     [](const Value& value, Config& config) {
       RegistrySection section = DecodeRegistry(value);
       config.package_registry = std::move(section.package_registry);
       config.insecure_registries = std::move(section.insecure_registries);
     }},
    {"sync", [](const Value& value, Config& config) { config.sync = DecodeSync(value); }},
    {"build", [](const Value& value, Config& config) { config.build = DecodeBuild(value); }},
    {"retention",
     [](const Value& value, Config& config) { config.retention = DecodeRetention(value); }},
    {"lifecycle",
     [](const Value& value, Config& config) { config.lifecycle = DecodeLifecycle(value); }},
    {"status", [](const Value& value, Config& config) { config.status = DecodeStatus(value); }},
    {"notify", [](const Value& value, Config& config) { config.notify = DecodeNotify(value); }},
};

// An image without a lifecycle of its own has that of its mirror.
void InheritLifecycles(Config& config) {
  if (!config.build || !config.sync) return;
  std::map<Repository, LifecycleRef> of_target;
  for (const SyncEntry& entry : config.sync->entries) {
    if (entry.lifecycle) of_target.emplace(entry.target, *entry.lifecycle);
  }
  for (BuildImage& image : config.build->images) {
    const auto found = of_target.find(image.mirror_image);
    if (image.lifecycle || found == of_target.end()) continue;
    image.lifecycle = found->second;
    image.lifecycle_of_mirror = true;
  }
}

// The environment variables that win over a field.
class Overrides {
 public:
  Overrides(const Environment& environment, Findings& findings)
      : environment_(environment), findings_(findings) {}

  void ApplyTo(Config& config) const {
    ApplyDays("IMGLIFE_ALERT_WARN_DAYS", config.lifecycle.warn_days);
    ApplyDays("IMGLIFE_ALERT_CRITICAL_DAYS", config.lifecycle.critical_days);
    ApplyEolUrl(config.lifecycle.eol_url);
    if (config.build) ApplyBuilder(*config.build);
  }

 private:
  const std::string* Get(std::string_view name) const {
    const auto found = environment_.find(name);
    return found == environment_.end() ? nullptr : &found->second;
  }

  // The same, but an empty variable counts as none.
  const std::string* GetSome(std::string_view name) const {
    const std::string* const value = Get(name);
    return value == nullptr || value->empty() ? nullptr : value;
  }

  void ApplyDays(std::string_view name, std::int64_t& days) const {
    const std::string* const text = GetSome(name);
    if (text == nullptr) return;
    const std::optional<std::int64_t> number = ParseDecimal(*text, 0, kMostDays);
    if (!number) {
      Report(name, fmt::format("expected a number of days from 0 to {}", kMostDays), *text);
    }
    days = number.value_or(days);
  }

  void ApplyEolUrl(std::string& url) const {
    const std::string* const text = GetSome("IMGLIFE_EOL_URL");
    if (text == nullptr) return;
    if (IsHttpUrl(*text)) {
      url = *text;
    } else {
      Report("IMGLIFE_EOL_URL",
             "expected a URL such as https://endoflife.date, without query and fragment",
             ShownUrl(*text));
    }
  }

  void ApplyBuilder(BuildSection& build) const {
    if (const std::string* const text = GetSome("IMGLIFE_BUILD_BACKEND")) {
      ApplyBackend(*text, build.backend);
    }
    const std::string* const builder = Get("IMGLIFE_BUILDER");
    if (builder == nullptr) return;
    build.builder = *builder;
    // Set to nothing it asks for the plain docker command line.
    if (builder->empty() && build.backend == BuildBackend::kAuto) {
      build.backend = BuildBackend::kDocker;
    }
  }

  void ApplyBackend(std::string_view text, BuildBackend& backend) const {
    std::vector<std::string_view> names;
    for (const auto& [name, meaning] : kBuildBackends) {
      if (name == text) {
        backend = meaning;
        return;
      }
      names.push_back(name);
    }
    Report("IMGLIFE_BUILD_BACKEND", fmt::format("expected one of {}", fmt::join(names, ", ")),
           text);
  }

  void Report(std::string_view name, const std::string& message, std::string_view found) const {
    Finding finding;
    finding.code = "bad-environment";
    finding.path = std::string(name);
    finding.message =
        IsCredential(found)
            ? fmt::format("{}; what it has looks like a credential and isn't shown", message)
            : fmt::format("{}, found `{}`", message, found);
    findings_.Add(std::move(finding));
  }

  const Environment& environment_;
  Findings& findings_;
};

bool DecodeDocument(const Value& document, Config& config) {
  if (document.node().IsNull()) {
    document.Report("empty-file", "the file is empty: it needs at least one of `sync` and `build`");
    return false;
  }
  ReportCredentials(document);
  if (!ReadFields(document, kRootFields, config)) return false;
  CheckPlaces(document, config);
  return true;
}

}  // namespace

ConfigReading ReadConfigAndVariables(std::string_view file, std::string_view content,
                                     const Environment& environment, Findings& findings) {
  const std::optional<YamlNode> root = ReadYaml(content, findings);
  if (!root) return {};
  Config config;
  config.file = std::string(file);
  config.directory = DirectoryOf(file);
  config.digest = DigestOfConfig(*root);
  config.lifecycle.eol_data_file =
      JoinPath(config.directory, config.lifecycle.eol_data_file_as_written);
  content = WithoutByteOrderMark(content);
  DecodeContext context = {content, config.directory, environment, findings, {}, {}, {}};
  if (!DecodeDocument(Value(context, *root), config)) return {};
  Overrides(environment, findings).ApplyTo(config);
  InheritLifecycles(config);
  if (findings.HasErrors()) return {};
  return {std::move(config), std::move(context.variables)};
}

std::optional<Config> ReadConfig(std::string_view file, std::string_view content,
                                 const Environment& environment, Findings& findings) {
  return ReadConfigAndVariables(file, content, environment, findings).config;
}

}  // namespace imglife
