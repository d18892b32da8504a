// What every fuzz target needs. A target is a LLVMFuzzerTestOneInput (libFuzzer) that gives bytes
// to one reader and holds what comes out to what its header promises.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

#include "schema/text/escape.h"

namespace imglife {

inline std::string_view TextOf(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the run, and so makes libFuzzer keep the input, if a promise doesn't hold.
inline void Expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// The first line, and what is below it: for readers that take two texts.
inline std::pair<std::string_view, std::string_view> SplitFirstLine(std::string_view text) {
  const std::size_t newline = text.find('\n');
  if (newline == std::string_view::npos) return {text, {}};
  return {text.substr(0, newline), text.substr(newline + 1)};
}

inline std::string_view MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

// May this be shown on a terminal? Lines of UTF-8 without control characters.
inline bool IsShowable(std::string_view text) {
  while (!text.empty()) {
    const auto [line, rest] = SplitFirstLine(text);
    if (EscapeControl(line) != line) return false;
    text = rest;
  }
  return true;
}

}  // namespace imglife

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
