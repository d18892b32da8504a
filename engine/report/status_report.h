// The status report (stages.md, status). Pure: no clock but `policy_now`, no network.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "engine/plan/action.h"
#include "schema/config/config.h"
#include "schema/documents/eol_status.h"

namespace imglife {

struct StatusImage {
  std::string image, version, base, base_digest, digest, cycle, eol_date;
  EolState eol = EolState::kUnknown;
  bool built = false;
  std::optional<absl::CivilDay> supported_from, supported_until;
};

struct StatusMirror {
  std::string source, target;
  std::vector<std::string> tags;
  std::string newest_upstream, cycle, eol_date;
  EolState eol = EolState::kUnknown;
};

struct StatusDeletion {
  std::string reference, reason;
};

// A repository that nothing declares any more.
struct StatusOrphan {
  std::string repository;
  std::size_t tags = 0;
};

struct StatusProduct {
  std::string product;
  EolCycles cycles;
};

struct StatusReport {
  std::string title, client_zone;
  std::int64_t warn_days = 90, critical_days = 30;
  std::vector<StatusImage> images;    // core and spe, in the order of the configuration
  std::vector<StatusMirror> mirrors;  // in the order of the configuration
  std::vector<StatusDeletion> deletions;
  std::vector<StatusOrphan> orphans;
  std::vector<StatusProduct> products;
  std::vector<std::string> unreadable;  // what could not be read: the report says so
};

// `deletions`: what DiffCleanup gives.
StatusReport MakeStatusReport(const Config& config, const Desired& desired,
                              const Observed& observed, absl::Time policy_now,
                              const std::vector<Action>& deletions);

std::string StatusAsMarkdown(const StatusReport& report);
std::string StatusAsJson(const StatusReport& report);
std::string StatusAsHtml(const StatusReport& report);

// FailedPrecondition: `existing` has one of the two marks alone, or the end before the beginning,
// so that nobody can tell what in it is the report's.
absl::Status CheckMarks(std::string_view existing);

// `report` between the marks of `existing`, or the marks around it if there are none.
std::string PlaceBetweenMarks(std::string_view existing, const std::string& report);

}  // namespace imglife
