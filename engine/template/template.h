// Go's text/template (Go 1.24), over strings, numbers, booleans, lists and maps (stages.md, build:
// "Template").
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace imglife {

// A value that a template sees. Maps are iterated in key order.
class TemplateValue {
 public:
  using List = std::vector<TemplateValue>;
  using Map = std::map<std::string, TemplateValue>;
  using Storage = std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map>;

  TemplateValue() = default;  // nil
  // Data is written as plain values: {"Name", "alpine"}.
  // NOLINTBEGIN(google-explicit-constructor)
  TemplateValue(bool value) : value_(value) {}
  TemplateValue(std::int64_t value) : value_(value) {}
  TemplateValue(double value) : value_(value) {}
  TemplateValue(std::string value) : value_(std::move(value)) {}
  TemplateValue(const char* value) : value_(std::string(value)) {}
  TemplateValue(List value) : value_(std::move(value)) {}
  TemplateValue(Map value) : value_(std::move(value)) {}
  // NOLINTEND(google-explicit-constructor)

  const Storage& storage() const { return value_; }

 private:
  Storage value_;
};

// Renders `text` with `data` as the dot. `name` is how messages call the template: "NAME:LINE:COL:
// what is wrong", InvalidArgument for what doesn't parse and FailedPrecondition for what fails
// while rendering. Bounded in output (16 MiB), steps and depth (ResourceExhausted).
absl::StatusOr<std::string> RenderTemplate(const std::string& name, std::string_view text,
                                           const TemplateValue& data);

// The error that RenderTemplate gives for `text` whatever the data are.
absl::Status CheckSyntax(const std::string& name, std::string_view text);

}  // namespace imglife
