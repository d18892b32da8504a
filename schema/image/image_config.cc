#include <string>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include <fmt/format.h>

#include "schema/image/json_object.h"
#include "schema/image/manifest.h"

namespace imglife {
namespace {

ImageConfig ConfigOf(const JsonObject& json) {
  ImageConfig config{.created = ParseCreated(json.Text("created")),
                     .platform = {.os = json.Text("os"),
                                  .architecture = json.Text("architecture"),
                                  .variant = json.Text("variant"),
                                  .os_version = json.Text("os.version")}};
  if (const auto run = json.Object("config")) config.labels = run->TextMap("Labels");
  return config;
}

absl::Status RefuseConfig(std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("the image config can't be used: {}", why));
}

}  // namespace

std::optional<absl::Time> ParseCreated(std::string_view text) {
  absl::Time created;
  if (!absl::ParseTime(absl::RFC3339_full, std::string(text), &created, nullptr)) {
    return std::nullopt;
  }
  const auto year = absl::ToCivilYear(created, absl::UTCTimeZone()).year();
  if (year <= 1970 || year == 1980) return std::nullopt;
  return created;
}

absl::StatusOr<ImageConfig> ParseImageConfig(std::string_view content) {
  const nlohmann::json json = nlohmann::json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return RefuseConfig("it is not JSON");
  try {
    return ConfigOf(JsonObject(json, ""));
  } catch (const JsonFieldError& error) {
    return RefuseConfig(error.message());
  }
}

}  // namespace imglife
