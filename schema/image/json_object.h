// Reading JSON that came from a registry, field by field, with messages that name the field.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "schema/image/digest.h"

namespace imglife {

// What a field isn't; ends in the function that reads the document.
class JsonFieldError {
 public:
  explicit JsonFieldError(std::string message) : message_(std::move(message)) {}
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

// An object of a document. A field that is null counts as absent. Every function throws
// JsonFieldError.
class JsonObject {
 public:
  // `name` is how messages call it; empty for the document itself.
  JsonObject(const nlohmann::json& json, std::string name);

  bool Has(std::string_view field) const { return Find(field) != nullptr; }
  std::string Text(std::string_view field) const;  // absent: empty
  std::string RequiredText(std::string_view field) const;
  Digest RequiredDigest(std::string_view field) const;
  std::int64_t RequiredSize(std::string_view field) const;
  std::int64_t RequiredInteger(std::string_view field) const;
  std::vector<std::string> Texts(std::string_view field) const;
  std::map<std::string, std::string> TextMap(std::string_view field) const;
  std::optional<JsonObject> Object(std::string_view field) const;
  JsonObject RequiredObject(std::string_view field) const;
  std::vector<JsonObject> Objects(std::string_view field) const;  // absent: none

 private:
  const nlohmann::json* Find(std::string_view field) const;
  const nlohmann::json& Required(std::string_view field) const;
  std::string NameOf(std::string_view field) const;

  const nlohmann::json* json_;
  std::string name_;
};

}  // namespace imglife
