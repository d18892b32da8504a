// Trying again what the transport must not repeat by itself, because the caller has to look first
// or to open the bytes anew (registry.md, Retries).
#pragma once

#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "providers/transport.h"

namespace imglife {

// How waiting is done; tests have their own way.
struct Waiting {
  std::function<absl::Time()> now = [] { return absl::Now(); };
  std::function<void(absl::Duration)> sleep = [](absl::Duration time) { absl::SleepFor(time); };
  // True once the process shall end: then no other try is made.
  std::function<bool()> stopped = [] { return false; };
};

// At most kMostTries, and kMostRetryTime of waiting between them (retry.h). One thread at a time.
class Retries {
 public:
  // `waiting` must outlive the object.
  explicit Retries(const Waiting& waiting) : waiting_(waiting) {}

  // What an answer asks for (Retry-After) counts for the next wait.
  void Heard(const HttpResponse& response);

  // After a try that failed: waits as RetryDelay says. False at once where no other try shall be
  // made: there were enough of them, the wait would be too long, or the process shall end.
  bool WaitForNext();

  // So much has come of the tries that as many as at first may follow.
  void Restart();

 private:
  const Waiting& waiting_;
  std::optional<absl::Duration> asked_;
  int tries_ = 0;
  absl::Duration waited_;
};

// Unavailable, DeadlineExceeded, or an answer that may be another one in a moment
// (IsTransientStatus).
bool MayPass(const absl::StatusOr<HttpResponse>& response);

}  // namespace imglife
