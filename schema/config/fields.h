// Mappings decoded by tables: one row for every key that a mapping may have.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/config/value.h"

namespace imglife {

// One key of a mapping that is decoded into a T. `read` reports for itself what is wrong.
template <typename T>
struct Field {
  std::string_view key;
  void (*read)(const Value& value, T& out);
  bool required = false;
};

// Is `value` a mapping? Reports it if not.
bool CheckMapping(const Value& value);

// Reports the keys of a mapping that are not in `known`, with a suggestion from those that it
// doesn't use yet. Keys that start with x- are people's own.
void ReportUnknownKeys(const Value& mapping, const std::vector<std::string_view>& known);

void ReportMissing(const Value& mapping, std::string_view key);

// Decodes a mapping in the order of the table, whatever that of the file is. False: it is none, and
// `out` is as it was.
template <typename T, std::size_t N>
bool ReadFields(const Value& mapping, const Field<T> (&fields)[N], T& out) {
  if (!CheckMapping(mapping)) return false;
  std::vector<std::string_view> known;
  for (const Field<T>& field : fields) known.push_back(field.key);
  ReportUnknownKeys(mapping, known);
  for (const Field<T>& field : fields) {
    if (const std::optional<Value> value = mapping.Find(field.key)) {
      field.read(*value, out);
    } else if (field.required) {
      ReportMissing(mapping, field.key);
    }
  }
  return true;
}

// `read` takes something optional; nothing leaves `out` as it was.
template <typename To, typename From>
void Assign(To& out, std::optional<From> value) {
  if (value) out = *std::move(value);
}

// The items of a list; reports anything else, and holds nothing then.
std::vector<Value> ReadList(const Value& value);

// The results of `read` for the items of a list, without those that it reported.
template <typename Read>
auto ReadEach(const Value& value, Read read) {
  std::vector<typename decltype(read(value))::value_type> out;
  for (const Value& item : ReadList(value)) {
    if (auto result = read(item)) out.push_back(*std::move(result));
  }
  return out;
}

}  // namespace imglife
