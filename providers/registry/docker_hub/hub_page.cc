#include "providers/registry/docker_hub/hub_page.h"

#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include "schema/image/manifest.h"
#include "schema/text/json_depth.h"

namespace imglife {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 32;

std::string Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

TagDetails DetailsOf(const Json& tag) {
  TagDetails details;
  details.pushed = ParseCreated(Text(tag, "tag_last_pushed"));
  if (!details.pushed) details.pushed = ParseCreated(Text(tag, "last_updated"));
  absl::StatusOr<Digest> digest = Digest::Parse(Text(tag, "digest"));
  if (digest.ok()) details.digest = *std::move(digest);
  return details;
}

auto Rank(const TagDetails& details) {
  return std::make_tuple(details.pushed.value_or(absl::InfinitePast()), details.digest.str());
}

}  // namespace

absl::StatusOr<HubPage> ParseHubPage(std::string_view body) {
  const absl::Status wrong = absl::InvalidArgumentError("what came isn't a page of a list of tags");
  if (NestsDeeperThan(kDeepest, body)) return wrong;
  const Json document = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return wrong;
  const auto results = document.find("results");
  if (results == document.end() || !results->is_array()) return wrong;
  HubPage page;
  page.next = Text(document, "next");
  const auto count = document.find("count");
  if (count != document.end() && count->is_number_unsigned()) {
    page.count = count->get<std::int64_t>();
  }
  for (const Json& tag : *results) {
    if (!tag.is_object()) return wrong;
    const std::string name = Text(tag, "name");
    if (IsValidTag(name)) MergeHubTags({{name, DetailsOf(tag)}}, page.tags);
  }
  return page;
}

void MergeHubTags(DetailsByTag more, DetailsByTag& tags) {
  for (auto& [name, details] : more) {
    const auto [at, inserted] = tags.try_emplace(name, details);
    if (!inserted && Rank(at->second) < Rank(details)) at->second = std::move(details);
  }
}

}  // namespace imglife
