// Errors of a template, with their place.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include <fmt/format.h>

namespace imglife {

// Where in the text of a template, counted from 1; columns in bytes.
struct TemplatePlace {
  int line = 1;
  int column = 1;
};

inline std::string PlacedMessage(const std::string& name, TemplatePlace at, std::string_view what) {
  return fmt::format("{}:{}:{}: {}", name, at.line, at.column, what);
}

// The way out of a recursive descent. It ends in ParseTemplate or RenderTemplate and never leaves
// this folder.
struct TemplateFailure {
  absl::Status status;
};

}  // namespace imglife
