#include "schema/image/json_object.h"

#include <fmt/format.h>

namespace imglife {
namespace {

std::string TextOf(const nlohmann::json& json, const std::string& name) {
  if (!json.is_string()) throw JsonFieldError(fmt::format("{} must be a string", name));
  return json.get<std::string>();
}

}  // namespace

JsonObject::JsonObject(const nlohmann::json& json, std::string name)
    : json_(&json), name_(std::move(name)) {
  if (json.is_object()) return;
  throw JsonFieldError(fmt::format("{} must be an object", name_.empty() ? "it" : name_));
}

std::string JsonObject::NameOf(std::string_view field) const {
  return name_.empty() ? std::string(field) : fmt::format("{}.{}", name_, field);
}

const nlohmann::json* JsonObject::Find(std::string_view field) const {
  const auto found = json_->find(std::string(field));
  return found == json_->end() || found->is_null() ? nullptr : &*found;
}

const nlohmann::json& JsonObject::Required(std::string_view field) const {
  const nlohmann::json* found = Find(field);
  if (found == nullptr) throw JsonFieldError(fmt::format("{} is missing", NameOf(field)));
  return *found;
}

std::string JsonObject::Text(std::string_view field) const {
  const nlohmann::json* found = Find(field);
  return found == nullptr ? std::string() : TextOf(*found, NameOf(field));
}

std::string JsonObject::RequiredText(std::string_view field) const {
  return TextOf(Required(field), NameOf(field));
}

Digest JsonObject::RequiredDigest(std::string_view field) const {
  absl::StatusOr<Digest> digest = Digest::Parse(RequiredText(field));
  if (!digest.ok()) throw JsonFieldError(fmt::format("{} is no digest", NameOf(field)));
  return *std::move(digest);
}

std::int64_t JsonObject::RequiredInteger(std::string_view field) const {
  const nlohmann::json& found = Required(field);
  if (!found.is_number_integer() ||
      (found.is_number_unsigned() && found.get<std::uint64_t>() > INT64_MAX)) {
    throw JsonFieldError(fmt::format("{} must be an integer", NameOf(field)));
  }
  return found.get<std::int64_t>();
}

std::int64_t JsonObject::RequiredSize(std::string_view field) const {
  const std::int64_t size = RequiredInteger(field);
  // A million GiB: sums of sizes stay far from where numbers end.
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 50;
  if (size < 0) throw JsonFieldError(fmt::format("{} must not be negative", NameOf(field)));
  if (size > kMostBytes) throw JsonFieldError(fmt::format("{} is too large", NameOf(field)));
  return size;
}

std::vector<std::string> JsonObject::Texts(std::string_view field) const {
  const nlohmann::json* found = Find(field);
  std::vector<std::string> texts;
  if (found == nullptr) return texts;
  if (!found->is_array()) throw JsonFieldError(fmt::format("{} must be a list", NameOf(field)));
  for (std::size_t i = 0; i < found->size(); ++i) {
    texts.push_back(TextOf((*found)[i], fmt::format("{}[{}]", NameOf(field), i)));
  }
  return texts;
}

std::map<std::string, std::string> JsonObject::TextMap(std::string_view field) const {
  const nlohmann::json* found = Find(field);
  std::map<std::string, std::string> texts;
  if (found == nullptr) return texts;
  if (!found->is_object()) throw JsonFieldError(fmt::format("{} must be an object", NameOf(field)));
  for (const auto& [key, value] : found->items()) {
    texts.emplace(key, TextOf(value, fmt::format("{}.{}", NameOf(field), key)));
  }
  return texts;
}

std::optional<JsonObject> JsonObject::Object(std::string_view field) const {
  const nlohmann::json* found = Find(field);
  if (found == nullptr) return std::nullopt;
  return JsonObject(*found, NameOf(field));
}

JsonObject JsonObject::RequiredObject(std::string_view field) const {
  return {Required(field), NameOf(field)};
}

std::vector<JsonObject> JsonObject::Objects(std::string_view field) const {
  const nlohmann::json* found = Find(field);
  std::vector<JsonObject> objects;
  if (found == nullptr) return objects;
  if (!found->is_array()) throw JsonFieldError(fmt::format("{} must be a list", NameOf(field)));
  for (std::size_t i = 0; i < found->size(); ++i) {
    objects.emplace_back((*found)[i], fmt::format("{}[{}]", NameOf(field), i));
  }
  return objects;
}

}  // namespace imglife
