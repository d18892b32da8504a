#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include <fmt/format.h>

#include "schema/image/json_object.h"
#include "schema/image/manifest.h"

namespace imglife {
namespace {

// Builds that want the same bytes every time write a constant instead of a date: 1970-01-01 (Go,
// nix, bazel) or 1980-01-01 (buildpacks, jib's zip epoch).
bool IsConstantOfReproducibleBuilds(absl::Time created) {
  const auto year = absl::ToCivilYear(created, absl::UTCTimeZone()).year();
  return year <= 1970 || year == 1980;
}

std::optional<absl::Time> CreatedOf(const JsonObject& json) {
  absl::Time created;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, json.Text("created"), &created, &error) ||
      IsConstantOfReproducibleBuilds(created)) {
    return std::nullopt;
  }
  return created;
}

ImageConfig ConfigOf(const JsonObject& json) {
  ImageConfig config{.created = CreatedOf(json),
                     .platform = {.os = json.Text("os"),
                                  .architecture = json.Text("architecture"),
                                  .variant = json.Text("variant"),
                                  .os_version = json.Text("os.version")}};
  if (const auto run = json.Object("config")) config.labels = run->TextMap("Labels");
  if (const auto rootfs = json.Object("rootfs")) {
    for (const std::string& text : rootfs->Texts("diff_ids")) {
      absl::StatusOr<Digest> digest = Digest::Parse(text);
      if (!digest.ok()) throw JsonFieldError("rootfs.diff_ids has an entry that is no digest");
      config.diff_ids.push_back(*std::move(digest));
    }
  }
  return config;
}

absl::Status Refuse(std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("the image config can't be used: {}", why));
}

}  // namespace

absl::StatusOr<ImageConfig> ParseImageConfig(std::string_view content) {
  const nlohmann::json json = nlohmann::json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Refuse("it is not JSON");
  try {
    return ConfigOf(JsonObject(json, ""));
  } catch (const JsonFieldError& error) {
    return Refuse(error.message());
  }
}

}  // namespace imglife
