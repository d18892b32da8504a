#include "providers/http/retries.h"

#include "providers/http/retry.h"

namespace imglife {

void Retries::Heard(const HttpResponse& response) {
  asked_ =
      AskedWait(response.Header("retry-after"), response.Header("x-retry-after"), waiting_.now());
}

bool Retries::WaitForNext() {
  if (++tries_ >= kMostTries) return false;
  const absl::Duration delay = RetryDelay(tries_, RandomShare(), asked_);
  asked_.reset();
  waited_ += delay;
  if (waited_ > kMostRetryTime || waiting_.stopped()) return false;
  waiting_.sleep(delay);
  return !waiting_.stopped();
}

void Retries::Restart() {
  tries_ = 0;
  waited_ = absl::ZeroDuration();
}

bool MayPass(const absl::StatusOr<HttpResponse>& response) {
  if (response.ok()) return IsTransientStatus(response->status);
  return absl::IsUnavailable(response.status()) || absl::IsDeadlineExceeded(response.status());
}

}  // namespace imglife
