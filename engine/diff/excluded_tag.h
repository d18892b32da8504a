// exclude_tags (config.md, retention). Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "re2/re2.h"

#include "schema/config/config.h"

namespace imglife {

class ExcludedTags {
 public:
  // `rule` outlives it.
  explicit ExcludedTags(const RetentionRule& rule);

  // Why exclude_tags keeps the tag: "matches exclude_tags /^stable-/". Nothing if it doesn't.
  std::optional<std::string> WhyKept(const std::string& tag) const;

 private:
  const RetentionRule& rule_;
  std::vector<std::unique_ptr<RE2>> expressions_;
};

}  // namespace imglife
