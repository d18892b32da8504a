// Values that must not be shown.
#pragma once

#include <string>
#include <utility>

namespace imglife {

// No formatter, no stream operator, no comparison with text: a leak does not compile.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  bool empty() const { return value_.empty(); }
  // For the one place that puts it on the wire or into a child's environment.
  const std::string& Reveal() const { return value_; }

 private:
  std::string value_;
};

}  // namespace imglife
