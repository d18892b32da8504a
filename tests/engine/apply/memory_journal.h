// A journal for tests of executors.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/apply/journal.h"
#include "tests/support/fake_registry.h"

namespace imglife {

// Remembers what was written, and what the world looked like then.
class MemoryJournal : public Journal {
 public:
  explicit MemoryJournal(FakeRegistry& world) : world_(world) {}

  absl::Status Intent(const Action& action, const std::string&,
                      const std::vector<ManifestBytes>& manifests) override {
    ++intents;
    addresses.push_back(action.Address());
    writes_before_intent = world_.Writes().size();
    for (const ManifestBytes& manifest : manifests) kept.push_back(manifest.digest);
    return intent_status;
  }
  absl::Status Done(const Action&, const std::string&) override {
    ++done;
    return absl::OkStatus();
  }
  absl::Status Failed(const Action&, const std::string&) override {
    ++failed;
    return absl::OkStatus();
  }

  absl::Status intent_status;
  std::size_t writes_before_intent = 0;
  std::vector<Digest> kept;
  std::vector<std::string> addresses;  // of the intents
  int intents = 0;
  int done = 0;
  int failed = 0;

 private:
  FakeRegistry& world_;
};

}  // namespace imglife
