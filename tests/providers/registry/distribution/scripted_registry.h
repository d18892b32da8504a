// A registry client on a transport that a test scripts.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "providers/auth/credentials.h"
#include "providers/registry.h"
#include "providers/registry/distribution/distribution_registry.h"
#include "tests/support/scripted_transport.h"

namespace imglife {

class FixedCredential : public CredentialSource {
 public:
  absl::StatusOr<Credential> For(const std::string& host) override {
    const std::lock_guard lock(mutex_);
    hosts_.push_back(host);
    return credential;
  }
  std::vector<std::string> Hosts() const {
    const std::lock_guard lock(mutex_);
    return hosts_;
  }
  Credential credential;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> hosts_;
};

// `answer` is what the servers of the test say; requests are in `transport`.
class ScriptedRegistryTest : public testing::Test {
 protected:
  ScriptedRegistryTest() {
    settings.waiting.now = [this] { return now; };
    settings.waiting.sleep = [this](absl::Duration time) {
      const std::lock_guard lock(mutex_);
      waits_.push_back(time);
    };
  }

  // What the client waited between its tries; nobody waits for it.
  std::vector<absl::Duration> Waits() const {
    const std::lock_guard lock(mutex_);
    return waits_;
  }

  Registry& registry() {
    if (registry_ == nullptr) {
      registry_ = MakeDistributionRegistry(transport, credentials, settings);
    }
    return *registry_;
  }

  void LogIn() {
    credentials.credential.username = "me";
    credentials.credential.password = Secret("pass");
    credentials.credential.source = "docker config";
  }

  std::function<absl::StatusOr<HttpResponse>(const SentRequest&)> answer;
  ScriptedTransport transport{[this](const SentRequest& request) { return answer(request); }};
  FixedCredential credentials;
  DistributionSettings settings;
  const absl::Time now = absl::FromUnixSeconds(1787205600);  // 2026-08-20, 6:00 UTC
  Repository app = {Repository::Kind::kDistribution, "reg.example", "acme/app"};

 private:
  mutable std::mutex mutex_;
  std::vector<absl::Duration> waits_;
  std::unique_ptr<Registry> registry_;
};

}  // namespace imglife
