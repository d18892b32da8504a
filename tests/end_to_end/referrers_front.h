// A registry with the referrers API, which docker-registry 2.8 has not: a front that keeps the
// lists (OCI distribution-spec 1.1, "Listing Referrers").
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/end_to_end/registry_front.h"

namespace imglife {

// Answers a push of a manifest with a subject with OCI-Subject, and lists two referrers a page.
// Knows only what was pushed through it. Thread-safe.
class ReferrersFront {
 public:
  // `registry` is its URL.
  explicit ReferrersFront(std::string registry);

  std::string host() const { return front_.host(); }
  // The digests of what refers to it, in the order of the pushes.
  std::vector<std::string> ReferrersOf(const std::string& subject) const;

 private:
  std::optional<ServedResponse> Answer(const ServedRequest& request);
  std::optional<ServedResponse> Push(const ServedRequest& request);
  ServedResponse List(const ServedRequest& request) const;

  mutable std::mutex mutex_;
  // Descriptors by the digest of their subject.
  std::map<std::string, std::vector<nlohmann::json>> referrers_;
  RegistryFront front_;
};

}  // namespace imglife
