#include "engine/diff/excluded_tag.h"

#include <algorithm>

#include "fmt/format.h"
#include "re2/re2.h"

namespace imglife {

std::optional<std::string> WhyExcluded(const RetentionRule& rule, const std::string& tag) {
  const auto& exact = rule.exclude_tags;
  if (std::find(exact.begin(), exact.end(), tag) != exact.end()) return "named by exclude_tags";
  for (const std::string& regex : rule.exclude_tag_regexes) {
    if (RE2::PartialMatch(tag, RE2(regex, RE2::Quiet))) {
      return fmt::format("matches exclude_tags /{}/", regex);
    }
  }
  return std::nullopt;
}

}  // namespace imglife
