// Answers that are computed once for each key, also when many ask at the same time.
//
// Thread safety: any number of threads may call. `compute` runs without a lock held.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace imglife {

template <typename Key, typename Answer>
class OnceMap {
 public:
  // The kept answer, or the one that another caller is computing, or `compute`'s.
  Answer Get(const Key& key, const std::function<Answer()>& compute) {
    std::promise<Answer> promise;
    std::shared_future<Answer> future;
    bool ours = false;
    {
      const std::lock_guard lock(mutex_);
      auto [at, inserted] = answers_.try_emplace(key);
      if (inserted) at->second = promise.get_future().share();
      future = at->second;
      ours = inserted;
    }
    if (ours) promise.set_value(compute());
    return future.get();
  }

  // The kept answer, if there is one already; nobody is waited for.
  std::optional<Answer> Find(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto at = answers_.find(key);
    if (at == answers_.end() ||
        at->second.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      return std::nullopt;
    }
    return at->second.get();
  }

  // Keeps an answer that was learnt on the way, unless there is one.
  void Learn(const Key& key, Answer answer) {
    std::promise<Answer> promise;
    promise.set_value(std::move(answer));
    const std::lock_guard lock(mutex_);
    answers_.try_emplace(key, promise.get_future().share());
  }

  void Forget(const Key& key) {
    const std::lock_guard lock(mutex_);
    answers_.erase(key);
  }

  // Forgets the keys from `first` on up to the first one that isn't `among` them; looks at no
  // other.
  template <typename Predicate>
  void ForgetFrom(const Key& first, Predicate among) {
    const std::lock_guard lock(mutex_);
    const auto begin = answers_.lower_bound(first);
    const auto end = std::find_if_not(begin, answers_.end(),
                                      [&](const auto& entry) { return among(entry.first); });
    answers_.erase(begin, end);
  }

 private:
  std::mutex mutex_;
  std::map<Key, std::shared_future<Answer>> answers_;
};

}  // namespace imglife
