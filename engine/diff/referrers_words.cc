#include "engine/diff/referrers_words.h"

#include <cstddef>

#include "fmt/format.h"

#include "engine/plan/words.h"

namespace imglife {
namespace {

constexpr std::size_t kMostLines = 10;

std::string WhatItIs(const MissingReferrer& referrer) {
  const std::string ending = referrer.tag.substr(referrer.tag.find('.') + 1);
  if (referrer.tag.empty()) {
    return referrer.artifact_type.empty() ? "referrer" : referrer.artifact_type;
  }
  if (ending == "sig") return "signature";
  return ending == "att" ? "attestation" : "SBOM";
}

}  // namespace

std::string ReferrersText(const MissingReferrers& referrers) {
  return referrers.missing.empty() ? "" : CountText(referrers.missing.size(), "referrer");
}

std::vector<ActionDetail> ReferrersDetails(const MissingReferrers& referrers) {
  std::vector<ActionDetail> details;
  for (const MissingReferrer& referrer : referrers.missing) {
    if (details.size() == kMostLines) {
      details.push_back(
          {' ', fmt::format("and {} more", referrers.missing.size() - details.size())});
      break;
    }
    details.push_back({'+', fmt::format("{} {}", WhatItIs(referrer), referrer.digest.Short())});
  }
  return details;
}

}  // namespace imglife
