// Reading JSON objects of a known form: every wrong field is named by its path, the first one wins.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "nlohmann/json_fwd.hpp"

namespace imglife {

// One object. A field that is absent or of another type puts InvalidArgument into the status that
// all objects of a document share, unless one is there, and reads as an empty value: callers read
// everything and look at the status once. Unknown fields are ignored.
//
// One thread; the JSON value and the status outlive it.
class JsonFields {
 public:
  // `path` names the object in messages; empty for the document itself.
  JsonFields(const nlohmann::ordered_json& value, std::string path, absl::Status& status);

  // For what older plans don't have: everything else fails where its field is missing.
  bool Has(const char* name) const;
  std::string Text(const char* name) const;
  // Empty for null.
  std::string TextOrNull(const char* name) const;
  bool Flag(const char* name) const;
  // Not negative.
  std::int64_t Count(const char* name) const;
  std::optional<std::int64_t> CountOrNull(const char* name) const;
  std::vector<std::string> Texts(const char* name) const;
  JsonFields Object(const char* name) const;
  bool IsNull(const char* name) const;
  // Each object of an array.
  void ForEach(const char* name, const std::function<void(const JsonFields&)>& read) const;

  // `message` says what is wrong with the field.
  void Fail(const char* name, const std::string& message) const;
  bool failed() const { return !status_.ok(); }

 private:
  const nlohmann::ordered_json& Field(const char* name) const;
  std::string Path(const char* name) const;

  const nlohmann::ordered_json& value_;
  std::string path_;
  absl::Status& status_;
};

}  // namespace imglife
