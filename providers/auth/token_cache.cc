#include "providers/auth/token_cache.h"

#include <latch>
#include <mutex>

#include "absl/status/status.h"

namespace imglife {

struct TokenCache::Running {
  std::latch done{1};
  absl::StatusOr<Token> result = absl::UnknownError("not fetched yet");
};

absl::StatusOr<Secret> TokenCache::Get(const std::string& key, const Fetch& fetch) {
  std::shared_ptr<Running> mine;
  std::shared_ptr<Running> running;
  {
    const std::lock_guard lock(mutex_);
    const auto known = tokens_.find(key);
    if (known != tokens_.end() && now_() + kMargin < known->second.expires) {
      return known->second.value;
    }
    running = running_[key];
    if (running == nullptr) {
      mine = std::make_shared<Running>();
      running_[key] = mine;
    }
  }
  if (mine == nullptr) {
    running->done.wait();
    if (!running->result.ok()) return running->result.status();
    return running->result->value;
  }
  mine->result = fetch();
  {
    const std::lock_guard lock(mutex_);
    if (mine->result.ok()) tokens_.insert_or_assign(key, *mine->result);
    running_.erase(key);
  }
  mine->done.count_down();
  if (!mine->result.ok()) return mine->result.status();
  return mine->result->value;
}

void TokenCache::Drop(const std::string& key, const Secret& refused) {
  const std::lock_guard lock(mutex_);
  const auto known = tokens_.find(key);
  if (known != tokens_.end() && known->second.value.Reveal() == refused.Reveal()) {
    tokens_.erase(known);
  }
}

}  // namespace imglife
