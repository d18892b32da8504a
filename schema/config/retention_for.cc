#include "re2/re2.h"

#include "schema/config/config.h"

namespace imglife {

const RetentionRule& RetentionFor(const Retention& retention, const Repository& repository) {
  const std::string name = repository.ToString();
  for (const RetentionOverride& candidate : retention.repositories) {
    if (RE2::PartialMatch(name, candidate.match)) return candidate.rule;
  }
  return retention.defaults;
}

}  // namespace imglife
