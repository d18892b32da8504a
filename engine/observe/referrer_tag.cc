#include "engine/observe/referrer_tag.h"

#include "fmt/format.h"
#include "re2/re2.h"

namespace imglife {

bool IsReferrerTag(const std::string& tag) {
  static const RE2 kPattern(R"(sha(?:256|512)-[0-9a-f]{64,128}(?:\.(?:sig|att|sbom))?)");
  return RE2::FullMatch(tag, kPattern);
}

bool IsFallbackTag(const std::string& tag) {
  return IsReferrerTag(tag) && tag.find('.') == std::string::npos;
}

std::vector<std::string> CosignTags(const Digest& subject) {
  const std::string name = fmt::format("{}-{}", subject.algorithm(), subject.hex());
  return {name + ".sig", name + ".att", name + ".sbom"};
}

}  // namespace imglife
