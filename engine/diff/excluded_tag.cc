#include "engine/diff/excluded_tag.h"

#include <algorithm>

#include "fmt/format.h"

namespace imglife {

ExcludedTags::ExcludedTags(const RetentionRule& rule) : rule_(rule) {
  for (const std::string& regex : rule.exclude_tag_regexes) {
    expressions_.push_back(std::make_unique<RE2>(regex, RE2::Quiet));
  }
}

std::optional<std::string> ExcludedTags::WhyKept(const std::string& tag) const {
  const auto& exact = rule_.exclude_tags;
  if (std::find(exact.begin(), exact.end(), tag) != exact.end()) return "named by exclude_tags";
  for (const auto& expression : expressions_) {
    if (RE2::PartialMatch(tag, *expression)) {
      return fmt::format("matches exclude_tags /{}/", expression->pattern());
    }
  }
  return std::nullopt;
}

}  // namespace imglife
