// Bearer tokens that are still good, and at most one request for each that isn't.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "providers/secret.h"

namespace imglife {

struct Token {
  Secret value;
  absl::Time expires;
};

// Thread safety: any number of threads may call. Callers of one key share one running fetch and its
// result, a failure too; a failure isn't kept for those who come later.
class TokenCache {
 public:
  using Fetch = std::function<absl::StatusOr<Token>()>;

  explicit TokenCache(std::function<absl::Time()> now) : now_(std::move(now)) {}

  // The token of `key`, fetched if there is none or if it expires within kMargin.
  absl::StatusOr<Secret> Get(const std::string& key, const Fetch& fetch);

  // Forgets the token of `key` if it still is the one that was refused.
  void Drop(const std::string& key, const Secret& refused);

  // So that a token doesn't expire on its way.
  static constexpr absl::Duration kMargin = absl::Seconds(5);

 private:
  struct Running;

  const std::function<absl::Time()> now_;
  std::mutex mutex_;
  std::map<std::string, Token> tokens_;
  std::map<std::string, std::shared_ptr<Running>> running_;
};

}  // namespace imglife
