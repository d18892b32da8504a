#include "engine/apply/journal.h"

#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

#include "providers/files.h"

namespace imglife {
namespace {

using Json = nlohmann::ordered_json;

std::string Line(const Json& event) {
  // Messages hold what servers and programs said: bytes that aren't UTF-8 are replaced, never
  // thrown over.
  return event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json AsJson(const ManifestBytes& manifest) {
  return {{"digest", manifest.digest.str()},
          {"mediaType", manifest.media_type},
          {"content", absl::Base64Escape(manifest.content)}};
}

class FileJournal : public Journal {
 public:
  FileJournal(std::string path, Clock& clock) : path_(std::move(path)), clock_(clock) {}

  absl::Status Intent(const Action& action, const std::string& before,
                      const std::vector<ManifestBytes>& manifests) override {
    Json event = Begin("intent", action);
    event["before"] = before;
    event["after"] = action.after;
    event["manifests"] = Json::array();
    for (const ManifestBytes& manifest : manifests) event["manifests"].push_back(AsJson(manifest));
    return AppendDurably(path_, Line(event));
  }

  absl::Status Done(const Action& action, const std::string& now) override {
    Json event = Begin("done", action);
    event["after"] = now;
    return AppendDurably(path_, Line(event));
  }

  absl::Status Failed(const Action& action, const std::string& message) override {
    Json event = Begin("failed", action);
    event["message"] = message;
    return AppendDurably(path_, Line(event));
  }

 private:
  Json Begin(const char* event, const Action& action) const {
    return {{"event", event},
            {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", clock_.Now(), absl::UTCTimeZone())},
            {"address", action.Address()}};
  }

  const std::string path_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<Journal> MakeFileJournal(std::string path, Clock& clock) {
  return std::make_unique<FileJournal>(std::move(path), clock);
}

}  // namespace imglife
