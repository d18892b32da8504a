#include "engine/plan/json_fields.h"

#include <limits>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace imglife {
namespace {

using Json = nlohmann::ordered_json;

const Json& Null() {
  static const Json kNull;
  return kNull;
}

}  // namespace

JsonFields::JsonFields(const Json& value, std::string path, absl::Status& status)
    : value_(value), path_(std::move(path)), status_(status) {}

std::string JsonFields::Path(const char* name) const {
  return path_.empty() ? name : path_ + "." + name;
}

void JsonFields::Fail(const char* name, const std::string& message) const {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(fmt::format("{}: {}", Path(name), message));
}

const Json& JsonFields::Field(const char* name) const {
  if (!value_.is_object()) return Null();
  const auto found = value_.find(name);
  if (found != value_.end()) return *found;
  Fail(name, "is missing");
  return Null();
}

std::string JsonFields::Text(const char* name) const {
  const Json& field = Field(name);
  if (field.is_string()) return field.get_ref<const std::string&>();
  Fail(name, "must be a string");
  return {};
}

std::string JsonFields::TextOrNull(const char* name) const {
  const Json& field = Field(name);
  if (field.is_string()) return field.get_ref<const std::string&>();
  if (!field.is_null()) Fail(name, "must be a string or null");
  return {};
}

bool JsonFields::Flag(const char* name) const {
  const Json& field = Field(name);
  if (field.is_boolean()) return field.get<bool>();
  Fail(name, "must be true or false");
  return false;
}

bool JsonFields::Has(const char* name) const {
  return value_.is_object() && value_.contains(name);
}

std::int64_t JsonFields::Count(const char* name) const {
  const std::optional<std::int64_t> count = CountOrNull(name);
  if (!count) Fail(name, "must be a whole number, not negative");
  return count.value_or(0);
}

std::optional<std::int64_t> JsonFields::CountOrNull(const char* name) const {
  const Json& field = Field(name);
  if (field.is_null()) return std::nullopt;
  if (field.is_number_unsigned()) {
    const auto count = field.get<std::uint64_t>();
    if (count <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return static_cast<std::int64_t>(count);
    }
  }
  Fail(name, "must be a whole number, not negative");
  return std::nullopt;
}

std::vector<std::string> JsonFields::Texts(const char* name) const {
  const Json& field = Field(name);
  std::vector<std::string> texts;
  if (!field.is_array()) Fail(name, "must be an array of strings");
  if (!field.is_array()) return texts;
  texts.reserve(field.size());
  for (const Json& item : field) {
    if (!item.is_string()) Fail(name, "must be an array of strings");
    if (!item.is_string()) return {};
    texts.push_back(item.get_ref<const std::string&>());
  }
  return texts;
}

JsonFields JsonFields::Object(const char* name) const {
  const Json& field = Field(name);
  if (!field.is_object()) Fail(name, "must be an object");
  return JsonFields(field, Path(name), status_);
}

bool JsonFields::IsNull(const char* name) const {
  return Field(name).is_null();
}

void JsonFields::ForEach(const char* name,
                         const std::function<void(const JsonFields&)>& read) const {
  const Json& field = Field(name);
  if (!field.is_array()) {
    Fail(name, "must be an array of objects");
    return;
  }
  for (std::size_t i = 0; i < field.size() && !failed(); ++i) {
    if (!field[i].is_object()) {
      Fail(name, fmt::format("item {} must be an object", i));
      return;
    }
    read(JsonFields(field[i], fmt::format("{}[{}]", Path(name), i), status_));
  }
}

}  // namespace imglife
