#include "engine/apply/last_written.h"

#include <cstddef>
#include <string_view>

#include "absl/strings/str_split.h"
#include "nlohmann/json.hpp"

#include "providers/files.h"

namespace imglife {
namespace {

constexpr std::size_t kMaxJournalBytes = std::size_t{1} << 30;

// Text of an event, or empty.
std::string TextOf(const nlohmann::json& event, const char* key) {
  const auto value = event.find(key);
  return value == event.end() || !value->is_string() ? std::string() : value->get<std::string>();
}

void Take(std::string_view line, std::map<std::string, Digest>& written) {
  const auto event = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!event.is_object()) return;
  const std::string address = TextOf(event, "address");
  const std::string target = address.substr(address.find(' ') + 1);
  // Until it is done, what is there isn't known.
  written.erase(target);
  if (TextOf(event, "event") != "done") return;
  const auto now = Digest::Parse(TextOf(event, "after"));
  if (now.ok()) written.emplace(target, *now);
}

}  // namespace

absl::StatusOr<std::map<std::string, Digest>> ReadLastWritten(const std::string& journal) {
  const auto text = ReadFile(journal, kMaxJournalBytes);
  std::map<std::string, Digest> written;
  if (absl::IsNotFound(text.status())) return written;
  if (!text.ok()) return text.status();
  for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    Take({line.data(), line.size()}, written);
  }
  return written;
}

}  // namespace imglife
